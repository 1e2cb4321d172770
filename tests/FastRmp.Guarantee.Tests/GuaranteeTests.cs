using System;
using System.Globalization;
using System.Linq;
using FastRmp.Guarantee.Tests.Simulation;
using Xunit;

namespace FastRmp.Guarantee.Tests;

/// <summary>
/// What the RMP is for: whatever the hypervisor does, a guest never reads anything but what it wrote last, unless the hardware reports it.
/// </summary>
public sealed class GuaranteeTests
{
    private const string Variable = "FASTRMP_OPERATIONS";
    private const int DefaultMoves = 400_000;

    /// <summary>
    /// Of this many steps each event has to happen once on average. Most happen a hundred times as often.
    /// </summary>
    private const int MovesForEach = 8000;

    [Fact]
    public void A_malicious_hypervisor_never_breaks_the_integrity_of_a_guests_memory()
    {
        string? text = Environment.GetEnvironmentVariable(Variable);
        int moves = string.IsNullOrEmpty(text) ? DefaultMoves : int.Parse(text, CultureInfo.InvariantCulture);
        EventCounts events = new();
        SimulationRuns.Run(moves, firstSeed: 1, events);
        Assert.InRange(events.Moves, moves, long.MaxValue);
        foreach (SimulationEvent kind in Enum.GetValues<SimulationEvent>())
        {
            if (events[kind] < moves / MovesForEach) Assert.Fail($"{kind} only {events[kind]} times in {moves} steps");
        }

        // The simulation has to be about the guest's memory: pages in use, in every way, and attacks that were stopped.
        Assert.InRange(events[SimulationEvent.Validated4K], moves / 100, moves);
        Assert.InRange(events[SimulationEvent.Validated2M], moves / 200, moves);
        Assert.InRange(events[SimulationEvent.ReadChecked], moves / 40, moves);
        Assert.InRange(events[SimulationEvent.Written], moves / 40, moves);
        Assert.InRange(events[SimulationEvent.LargeMappingUsed], moves / 100, moves);
        Assert.InRange(events[SimulationEvent.NestedFault], moves / 40, moves);
        Assert.InRange(events[SimulationEvent.VmplFault], moves / 100, moves);
        Assert.InRange(events[SimulationEvent.ReportedByException], moves / 100, moves);
        Assert.InRange(events[SimulationEvent.Reassigned], moves / 100, moves);
        Assert.InRange(events[SimulationEvent.Remapped], moves / 100, moves);
        Assert.InRange(events[SimulationEvent.Smashed], moves / 400, moves);
        Assert.InRange(events[SimulationEvent.HostWriteFault], moves / 400, moves);
        Assert.InRange(events[SimulationEvent.LargeHostWriteFault], moves / 100, moves);
    }

    [Fact]
    public void A_seed_gives_the_same_simulation_again()
    {
        EventCounts first = new();
        EventCounts second = new();
        SimulationRuns.Run(5000, firstSeed: 9, first);
        SimulationRuns.Run(5000, firstSeed: 9, second);
        SimulationEvent[] all = Enum.GetValues<SimulationEvent>();
        Assert.Equal(all.Select(kind => first[kind]), all.Select(kind => second[kind]));
    }
}
