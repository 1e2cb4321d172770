using FastRmp.DirectMap;
using Xunit;

namespace FastRmp.Tests.DirectMap;

public sealed class DirectMapDifferentialTests
{
    private const int Worlds = 12;
    private const int Operations = 1000;

    [Theory]
    [InlineData(100)]
    [InlineData(200)]
    [InlineData(300)]
    public void Random_splits_and_joins_leave_what_the_reference_has(int seed)
    {
        long splits1G = 0;
        long rejoins2M = 0;
        long rejoins1G = 0;
        long ranged = 0;
        for (int world = 0; world < Worlds; world++)
        {
            using DirectMapComparison comparison = new(seed + world, ModelChoices.Default);
            comparison.Run(Operations);
            DirectMapStatistics end = comparison.Statistics;
            splits1G += end.Splits1G;
            rejoins2M += end.Rejoins2M;
            rejoins1G += end.Rejoins1G;
            ranged += end.RangedFlushes;
        }

        Assert.True(splits1G > 20 && rejoins2M > 1000 && rejoins1G > 20 && ranged > 10, $"{splits1G} {rejoins2M} {rejoins1G} {ranged}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pages_taken_out_and_put_back_leave_what_the_reference_has(bool splits)
    {
        ModelChoices choices = new() { ZapSplitsLargeLeaves = splits };
        long zapped = 0;
        long rejoins2M = 0;
        for (int world = 0; world < Worlds; world++)
        {
            using DirectMapComparison comparison = new(500 + world, choices, zaps: true);
            comparison.Run(Operations / 2);
            zapped += comparison.Zapped;
            rejoins2M += comparison.Statistics.Rejoins2M;
        }

        Assert.True(zapped > 5000 && rejoins2M > 50, $"{zapped} {rejoins2M}");
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void The_choices_leave_what_the_reference_has_with_them(bool supervisor, bool asLinux)
    {
        ModelChoices choices = new() { BootTablesAreSupervisor = supervisor, RejoinAsLinux = asLinux };
        long rejoins2M = 0;
        for (int world = 0; world < Worlds; world++)
        {
            using DirectMapComparison comparison = new(400 + world, choices);
            comparison.Run(Operations);
            rejoins2M += comparison.Statistics.Rejoins2M;
        }

        Assert.True(rejoins2M > 200, $"{rejoins2M}");
    }
}
