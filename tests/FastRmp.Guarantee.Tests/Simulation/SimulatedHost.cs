using System;

namespace FastRmp.Guarantee.Tests.Simulation;

/// <summary>One host: memory, the table under test, the guest's nested page table, and the record of ownership.</summary>
internal sealed class SimulatedHost : IDisposable
{
    public SimulatedHost(int seed, ProcessorModel processor, EventCounts events)
    {
        ContiguousGeometry geometry = ContiguousGeometry.Covering(
            MachineLayout.Spa(0x100), (ulong)MachineLayout.CoveredRegions * MachineLayout.PagesPerRegion * 0x1000);
        Table = new ReverseMapTable<ContiguousGeometry>(geometry, processor);
        Random = new Random(seed);
        Events = events;
    }

    public ReverseMapTable<ContiguousGeometry> Table { get; }

    public Random Random { get; }

    public EventCounts Events { get; }

    public SystemMemory Memory { get; } = new();

    public OwnershipRecord Ownership { get; } = new();

    public NestedMap Nested { get; } = new();

    public void Dispose() => Table.Dispose();

    public bool Chance(int percent) => Random.Next(100) < percent;

    /// <summary>A page of system memory, mostly one that other steps use, too.</summary>
    public int AnyPage()
    {
        int region = Chance(3) ? MachineLayout.CoveredRegions : Random.Next(MachineLayout.CoveredRegions);
        return (region * MachineLayout.PagesPerRegion) + AnyOffset();
    }

    public int AnyCoveredRegion() => Random.Next(MachineLayout.CoveredRegions);

    public int AnyGuestPage() => (Random.Next(MachineLayout.PrivateRegions) * MachineLayout.PagesPerRegion) + HotOffset();

    public int HotOffset() => MachineLayout.HotOffsets[Random.Next(MachineLayout.HotOffsets.Length)];

    public ulong AnyByte() => (ulong)Random.Next(0x1000);

    private int AnyOffset() => Chance(3) ? Random.Next(MachineLayout.PagesPerRegion) : HotOffset();
}
