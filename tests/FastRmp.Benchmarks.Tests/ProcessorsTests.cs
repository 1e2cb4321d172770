using System;
using System.IO;
using FastRmp.Benchmarks.Scaling;
using Xunit;

namespace FastRmp.Benchmarks.Tests;

public sealed class ProcessorsTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Two_threads_of_a_core_are_one_and_equal_numbers_in_two_packages_are_two()
    {
        Add("cpu0", "0", "0");
        Add("cpu1", "0", "0");
        Add("cpu2", "0", "1");
        Add("cpu3", "1", "0");
        Directory.CreateDirectory(Path.Combine(_root, "cpufreq"));
        Directory.CreateDirectory(Path.Combine(_root, "cpu4", "topology")); // off line
        Assert.Equal(3, Processors.CoresIn(_root));
    }

    [Fact]
    public void A_system_that_does_not_say_has_no_number()
    {
        Assert.Null(Processors.CoresIn(_root));
        Assert.Null(Processors.CoresIn(Path.Combine(_root, "absent")));
        Assert.Equal("4 processors, physical cores unknown", new Processors(4, null).ToString());
    }

    [Theory]
    [InlineData(1, new[] { 1 })]
    [InlineData(2, new[] { 1, 2 })]
    [InlineData(6, new[] { 1, 2, 4, 6 })]
    [InlineData(8, new[] { 1, 2, 4, 8 })]
    public void Threads_double_up_to_the_highest(int most, int[] counts) => Assert.Equal(counts, Processors.ThreadCounts(most));

    private void Add(string name, string package, string core)
    {
        string topology = Path.Combine(_root, name, "topology");
        Directory.CreateDirectory(topology);
        File.WriteAllText(Path.Combine(topology, "physical_package_id"), package + "\n");
        File.WriteAllText(Path.Combine(topology, "core_id"), core + "\n");
    }
}
