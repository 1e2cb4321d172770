using System;

namespace FastRmp.Guarantee.Tests.Simulation;

/// <summary>How often each event happened.</summary>
internal sealed class EventCounts
{
    private readonly long[] _counts = new long[Enum.GetValues<SimulationEvent>().Length];

    public long Moves { get; set; }

    public long this[SimulationEvent kind] => _counts[(int)kind];

    public void Add(SimulationEvent kind) => _counts[(int)kind]++;
}
