using System;

namespace FastRmp.Guarantee.Tests.Play;

/// <summary>One host: memory, the table under test, the guest's nested page table, and the books.</summary>
internal sealed class World : IDisposable
{
    public World(int seed, ProcessorModel processor, Tally tally)
    {
        ContiguousGeometry geometry = ContiguousGeometry.Covering(
            Board.Spa(0x100), (ulong)Board.CoveredRegions * Board.PagesPerRegion * 0x1000);
        Table = new ReverseMapTable<ContiguousGeometry>(geometry, processor);
        Random = new Random(seed);
        Tally = tally;
    }

    public ReverseMapTable<ContiguousGeometry> Table { get; }

    public Random Random { get; }

    public Tally Tally { get; }

    public SystemMemory Memory { get; } = new();

    public Ledger Ledger { get; } = new();

    public NestedMap Nested { get; } = new();

    public void Dispose() => Table.Dispose();

    public bool Chance(int percent) => Random.Next(100) < percent;

    /// <summary>A page of system memory, mostly one where others play, too.</summary>
    public int AnyPage()
    {
        int region = Chance(3) ? Board.CoveredRegions : Random.Next(Board.CoveredRegions);
        return (region * Board.PagesPerRegion) + AnyOffset();
    }

    public int AnyCoveredRegion() => Random.Next(Board.CoveredRegions);

    public int AnyGuestPage() => (Random.Next(Board.PrivateRegions) * Board.PagesPerRegion) + HotOffset();

    public int HotOffset() => Board.HotOffsets[Random.Next(Board.HotOffsets.Length)];

    public ulong AnyByte() => (ulong)Random.Next(0x1000);

    private int AnyOffset() => Chance(3) ? Random.Next(Board.PagesPerRegion) : HotOffset();
}
