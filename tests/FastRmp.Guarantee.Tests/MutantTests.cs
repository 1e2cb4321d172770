using System;
using System.Collections.Generic;
using System.Linq;
using FastRmp.Guarantee.Tests.Mutants;
using Xunit;

namespace FastRmp.Guarantee.Tests;

/// <summary>
/// Tests that can't fail show nothing: each rule of the library is broken once, and the simulation, the comparison with the reference or
/// the readers of a stress run have to detect it.
/// </summary>
public sealed class MutantTests
{
    // Sources that no mutant changes are parsed once for all of them.
    private static readonly MutantRunner MutantRunner = new();

    public static IEnumerable<TheoryDataRow<string>> Names() =>
        MutantList.All.Select(static mutant => new TheoryDataRow<string>(mutant.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_broken_rule_is_noticed(string name)
    {
        Mutant mutant = MutantList.All.Single(candidate => candidate.Name == name);
        string? notice = MutantRunner.Run(mutant);
        if (notice is null) Assert.Fail($"The {mutant.DetectedBy} has not detected: {name}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {notice}");
    }

    [Theory]
    [InlineData(DetectedBy.Simulation)]
    [InlineData(DetectedBy.Reference)]
    [InlineData(DetectedBy.StressRun)]
    [InlineData(DetectedBy.Schedules)]
    [InlineData(DetectedBy.CacheSchedules)]
    [InlineData(DetectedBy.CountSchedules)]
    public void Nothing_is_noticed_while_no_rule_is_broken(DetectedBy probe) => Assert.Null(MutantRunner.Run(probe));

    [Fact]
    public void A_snippet_that_is_gone_is_an_error()
    {
        Mutant rotten = new("rotten", DetectedBy.Simulation, [new Edit("Rmp/Results/RmpResult.cs", "no such text", "")]);
        Assert.Contains(
            "exactly once", Assert.Throws<InvalidOperationException>(() => MutantRunner.Run(rotten)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_snippet_that_stands_there_twice_is_an_error()
    {
        Mutant vague = new("vague", DetectedBy.Simulation, [new Edit("Rmp/Results/RmpResult.cs", "return", "")]);
        Assert.Contains(
            "exactly once", Assert.Throws<InvalidOperationException>(() => MutantRunner.Run(vague)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loop_that_does_not_end_is_noticed()
    {
        Mutant endless = new(
            "endless", DetectedBy.Simulation,
            [new Edit("Rmp/Protocol/RmpProtocol.cs", "if (prior == seen) return RmpResult.Success;", "attempt = 0;")]);
        Assert.EndsWith("a loop did not end", MutantRunner.Run(endless), StringComparison.Ordinal);
    }

    [Fact]
    public void The_list_is_long_enough_and_names_each_rule_once()
    {
        Assert.InRange(MutantList.All.Count, 20, int.MaxValue);
        Assert.InRange(MutantList.All.Count(static mutant => mutant.DetectedBy == DetectedBy.Simulation), 8, int.MaxValue);
        Assert.Equal(MutantList.All.Count, MutantList.All.DistinctBy(static mutant => mutant.Name).Count());
    }
}
