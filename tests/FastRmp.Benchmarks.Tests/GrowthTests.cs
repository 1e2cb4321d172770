using System;
using System.Linq;
using FastRmp.Benchmarks.Growing;
using Xunit;

namespace FastRmp.Benchmarks.Tests;

public class GrowthTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(2)]
    public void The_exponent_of_a_power_is_its_own(double exponent)
    {
        GrowthRow row = Row(size => Math.Pow(size, exponent));
        Assert.Equal(exponent, row.Exponent, 9);
        Assert.Equal(exponent, row.LastExponent, 9);
        Assert.Equal(exponent <= 1, row.IsLinear);
    }

    [Fact]
    public void What_is_quadratic_only_at_the_end_is_not_linear()
    {
        GrowthRow row = Row(static size => 1e4 + (size * size));
        Assert.InRange(row.Exponent, 0, 1.1);
        Assert.False(row.IsLinear);
    }

    [Fact]
    public void What_is_logarithmic_beside_linear_passes() => Assert.True(Row(static size => size * Math.Log(size + 1000)).IsLinear);

    [Fact]
    public void A_scan_may_grow_as_reading_its_memory_does()
    {
        double[] outOfCache = [1, 10, 150, 3000];
        GrowthRow scan = new("scan", ["1", "10", "100", "1000"], 10, [2, 21, 310, 6100], outOfCache);
        Assert.True(scan.LastExponent > 1.2);
        Assert.True(scan.IsLinear);
        Assert.False((scan with { Limit = [] }).IsLinear);
        Assert.False((scan with { Nanoseconds = [2, 21, 500, 20_000] }).IsLinear);
    }

    [Fact]
    public void Sizes_are_three_decades()
    {
        GrowthSizes sizes = new(64 << 10);
        Assert.Equal(1000, sizes.All[^1] / sizes.All[0]);
        Assert.Equal(["64 KiB", "640 KiB", "6.3 MiB", "62.5 MiB"], sizes.Bytes);
        Assert.Equal(["2,000", "20,000", "200,000", "2,000,000"], new GrowthSizes(2000).Numbers);
    }

    [Fact]
    public void The_table_says_what_is_worse_than_linear()
    {
        string[] lines = GrowthTable.Markdown([Row(static size => size), Row(static size => size * size)]).Split('\n');
        Assert.Equal("| sample | 1, 10, 100, 1,000 | 1 ns, 10 ns, 100 ns, 1000 ns | 1.00 | 1.00 |  | linear |", lines[2].TrimEnd());
        Assert.EndsWith("| 2.00 | 2.00 |  | linear missed |", lines[3].TrimEnd(), StringComparison.Ordinal);
    }

    private static GrowthRow Row(Func<double, double> time)
    {
        GrowthSizes sizes = new(1);
        return new GrowthRow("sample", sizes.Numbers, GrowthSizes.Factor, [.. sizes.All.Select(size => time(size))], []);
    }
}
