using System;
using System.Globalization;
using System.Linq;
using FastRmp.Guarantee.Tests.Play;
using Xunit;

namespace FastRmp.Guarantee.Tests;

/// <summary>
/// What the RMP is for: whatever the hypervisor does, a guest never reads anything but what it wrote last, unless it is told.
/// </summary>
public sealed class GuaranteeTests
{
    private const string Variable = "FASTRMP_OPERATIONS";
    private const int DefaultMoves = 400_000;

    /// <summary>
    /// Of this many moves each thing that can happen has to happen once on average. Most happen a hundred times as often.
    /// </summary>
    private const int MovesForEach = 8000;

    [Fact]
    public void A_malicious_hypervisor_never_breaks_the_integrity_of_a_guests_memory()
    {
        string? text = Environment.GetEnvironmentVariable(Variable);
        int moves = string.IsNullOrEmpty(text) ? DefaultMoves : int.Parse(text, CultureInfo.InvariantCulture);
        Tally tally = new();
        Tournament.Play(moves, firstSeed: 1, tally);
        Assert.InRange(tally.Moves, moves, long.MaxValue);
        foreach (Happening happening in Enum.GetValues<Happening>())
        {
            if (tally[happening] < moves / MovesForEach) Assert.Fail($"{happening} only {tally[happening]} times in {moves} moves");
        }

        // The game has to be about the guest's memory: pages in use, in every way, and attacks that were stopped.
        Assert.InRange(tally[Happening.Validated4K], moves / 100, moves);
        Assert.InRange(tally[Happening.Validated2M], moves / 200, moves);
        Assert.InRange(tally[Happening.ReadChecked], moves / 40, moves);
        Assert.InRange(tally[Happening.Written], moves / 40, moves);
        Assert.InRange(tally[Happening.LargeMappingUsed], moves / 100, moves);
        Assert.InRange(tally[Happening.NestedFault], moves / 40, moves);
        Assert.InRange(tally[Happening.VmplFault], moves / 100, moves);
        Assert.InRange(tally[Happening.ToldByException], moves / 100, moves);
        Assert.InRange(tally[Happening.Reassigned], moves / 100, moves);
        Assert.InRange(tally[Happening.Remapped], moves / 100, moves);
        Assert.InRange(tally[Happening.Smashed], moves / 400, moves);
        Assert.InRange(tally[Happening.HostWriteFault], moves / 400, moves);
        Assert.InRange(tally[Happening.LargeHostWriteFault], moves / 100, moves);
    }

    [Fact]
    public void A_seed_gives_the_same_simulation_again()
    {
        Tally first = new();
        Tally second = new();
        Tournament.Play(5000, firstSeed: 9, first);
        Tournament.Play(5000, firstSeed: 9, second);
        Happening[] all = Enum.GetValues<Happening>();
        Assert.Equal(all.Select(happening => first[happening]), all.Select(happening => second[happening]));
    }
}
