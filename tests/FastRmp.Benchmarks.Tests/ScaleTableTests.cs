using System.Linq;
using FastRmp.Benchmarks.Scaling;
using Xunit;

namespace FastRmp.Benchmarks.Tests;

public class ScaleTableTests
{
    private static readonly Processors Two = new(2, 2);

    private static ScaleKind Far => ScaleKind.All[0];

    private static ScaleKind Between => ScaleKind.All.First(static kind => kind.Place == ScalePlace.Between);

    private static ScaleKind Same => ScaleKind.All.First(static kind => kind.Place == ScalePlace.Same);

    [Fact]
    public void A_line_has_rates_and_their_ratios()
    {
        string[] lines = ScaleTable.Markdown([Row(Far, 1, 10, 8), Row(Far, 2, 19.5, 16)], Two).Split('\n');
        Assert.Equal(
            "| regions of its own, far apart; ASIDs 8 apart | 2 | 19.5 M/s | 1.95 | 16.0 M/s | 2.00 | 1.22 | 1.00 | 0.90 | 0.80 | to one 1.90 |",
            lines[3].TrimEnd());
        Assert.Equal(lines[0].Count(static sign => sign == '|'), lines[3].Count(static sign => sign == '|'));
    }

    [Theory]
    [InlineData(19, "to one 1.90")]
    [InlineData(18.9, "to one 1.90 missed")]
    public void Threads_apart_are_to_be_as_fast_as_so_many_alone(double rate, string aim) =>
        Assert.Equal(aim, ScaleTable.Aim(Row(Far, 2, rate, 1), Row(Far, 1, 10, 1), Row(Far, 2, rate, 1), Two));

    [Theory]
    [InlineData(2, 1)]
    [InlineData(1, null)]
    public void More_threads_than_cores_have_no_such_aim(int processors, int? cores) =>
        Assert.Empty(
            ScaleTable.Aim(Row(Far, 2, 10, 1), Row(Far, 1, 10, 1), Row(Far, 2, 10, 1), new Processors(processors, cores)));

    [Theory]
    [InlineData(19, "to one 1.90; to far 0.95")]
    [InlineData(18, "to one 1.90 missed; to far 0.95 missed")]
    public void Neighbours_are_compared_with_threads_far_apart(double rate, string aim) =>
        Assert.Equal(aim, ScaleTable.Aim(Row(Between, 2, rate, 1), Row(Between, 1, 10, 1), Row(Far, 2, 20, 1), Two));

    [Theory]
    [InlineData(12, "to C 1.20")]
    [InlineData(11.9, "to C 1.20 missed")]
    public void Threads_in_the_same_regions_are_compared_with_C(double rate, string aim) =>
        Assert.Equal(aim, ScaleTable.Aim(Row(Same, 2, rate, 10), Row(Same, 1, 10, 10), Row(Far, 2, 20, 10), Two));

    [Fact]
    public void One_thread_has_no_aim() =>
        Assert.All(
            ScaleKind.All, static kind => Assert.Empty(ScaleTable.Aim(Row(kind, 1, 1, 9), Row(kind, 1, 1, 9), Row(Far, 1, 9, 9), Two)));

    [Fact]
    public void Fairness_is_the_slowest_by_the_fastest_and_medians_are_taken_apart()
    {
        ScaleFigures[] rounds = [ScaleFigures.Of([4, 4]), ScaleFigures.Of([1, 4]), ScaleFigures.Of([2, 8])];
        Assert.Equal(new ScaleFigures(8, 0.25), ScaleFigures.Median(rounds));
    }

    private static ScaleRow Row(ScaleKind kind, int threads, double measured, double compared) =>
        new(kind, threads, new ScaleFigures(measured * 1e6, 0.9), new ScaleFigures(compared * 1e6, 0.8));
}
