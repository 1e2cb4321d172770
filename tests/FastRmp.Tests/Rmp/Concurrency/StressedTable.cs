using System;
using Xunit;

namespace FastRmp.Tests.Rmp.Concurrency;

/// <summary>
/// The table of a run, and rules that let a reader tell a possible entry from an impossible one: GPA, ASID and permissions depend on each
/// other.
/// </summary>
internal sealed class StressedTable : IDisposable
{
    public const ulong RegionBytes = ModelPair.RegionBytes;

    /// <summary>RDX of RMPADJUST in two forms: VMPL1 gets R and W of a VMSA page, and R, W and Xu of one that is none.</summary>
    public const ulong SaveArea = 0x1_0301;

    /// <inheritdoc cref="SaveArea"/>
    public const ulong PlainPage = 0x0_0701;

    /// <summary>The ASID that has the pages that are a writer's own.</summary>
    public const ushort OwnAsid = 3;

    /// <summary>
    /// Set in the guest address of every other assignment of such a page: who finds one twice in one epoch knows that it was not released
    /// in between.
    /// </summary>
    public const ulong Turn = 1UL << 36;

    private readonly PinnedMemory _storage;
    private volatile bool _isOver;

    public StressedTable(int regions, int writers, ContentionCode code)
    {
        Writers = writers;
        Regions = (ulong)regions;
        Geometry = ContiguousGeometry.Covering(PhysicalAddress.Create(0x10_0000), Regions * RegionBytes);
        _storage = PinnedMemory.Allocate((Geometry.StorageBytes + 0xFFF) & ~0xFFFUL);
        Table = new ReverseMapTable<ContiguousGeometry>(
            Geometry, _storage, ProcessorModel.Turin, ModelChoices.Default with { Contention = code });
        Held = new int[regions * Writers];
    }

    public ulong Regions { get; }

    /// <summary>How many there are. No page is reserved for more: no writer would release it.</summary>
    public int Writers { get; }

    public ContiguousGeometry Geometry { get; }

    public ReverseMapTable<ContiguousGeometry> Table { get; }

    /// <summary>Of each region and each writer: odd while the writer's own page there is certainly assigned.</summary>
    private int[] Held { get; }

    public bool IsOver
    {
        get => _isOver;
        set => _isOver = value;
    }

    /// <summary>Where a guest has a page: another address for each ASID, so that an entry made of two updates shows.</summary>
    public static ulong GpaOf(ulong page, uint asid) => ((ulong)asid << 32) + page;

    public ref int Epoch(ulong region, int writer) => ref Held[((int)region * Writers) + writer];

    /// <summary>What is wrong with a stable entry that was seen, or null.</summary>
    public static string? Impossible(ulong page, RmpLookup lookup)
    {
        RmpEntry entry = lookup.Entry;
        string text = $"0x{page:x}: 0x{entry.Low:x16} 0x{entry.High:x} as {lookup.Size}";
        if (lookup.Size == PageSize.Size2M && entry.SubpageCount != 0) return text + ": a large page with a count";
        if (!lookup.IsAssigned)
        {
            return entry is { Gpa.Value: 0, Asid: 0, Validated: false, Vmsa: false, High: 0, Lock: false }
                ? null
                : text + ": an unassigned page with attributes";
        }

        ulong first = lookup.Size == PageSize.Size2M ? page & ~(RegionBytes - 1) : page;
        if (entry.Asid is 0 or > OwnAsid || (entry.Gpa.Value & ~(entry.Asid == OwnAsid ? Turn : 0)) != GpaOf(first, entry.Asid))
        {
            return text + ": GPA and ASID of different updates";
        }

        bool fresh = entry is { High: 0x1F, Vmsa: false };
        bool adjusted = entry.Vmsa ? entry.High == 0x31F : entry.High == 0x71F;
        return fresh || adjusted ? null : text + ": permissions and VMSA of different updates";
    }

    /// <summary>Count = scan, counters = census, and no lock is left set.</summary>
    public void RequireRest()
    {
        ulong[] census = new ulong[4];
        for (ulong region = 0; region < Regions; region++)
        {
            ReadOnlySpan<RmpEntry> entries = Table.Region(PhysicalAddress.Create(region * RegionBytes));
            RmpEntry first = entries[0];
            bool large = first.PageSize == PageSize.Size2M;
            Assert.Equal(large ? 0 : AssignedScan.Count(entries[1..]), first.SubpageCount);
            Assert.NotEqual(0x3FF, first.Asid);
            for (int i = 0; i < entries.Length; i++)
            {
                ulong page = (region * RegionBytes) + ((ulong)i * 0x1000);
                RmpLookup lookup = Table.Lookup(PhysicalAddress.Create(page));
                Assert.True(lookup.IsSettled);
                Assert.Null(Impossible(page, lookup));
                Assert.False(entries[i].Lock);
                if (lookup.IsAssigned) census[lookup.Entry.Asid]++;
                Assert.Equal(!lookup.IsAssigned, Table.IsHypervisorOwned(PhysicalAddress.Create(page), PageSize.Size4K));
            }

            Assert.Equal(
                AssignedScan.Any(entries), !Table.IsHypervisorOwned(PhysicalAddress.Create(region * RegionBytes), PageSize.Size2M));
        }

        for (uint asid = 1; asid < census.Length; asid++)
        {
            Assert.Equal(census[asid], Table.AssignedPages(asid));
        }

        Assert.Equal(0UL, Table.AssignedPages(0));
    }

    public void Dispose()
    {
        Table.Dispose();
        _storage.Dispose();
    }
}
