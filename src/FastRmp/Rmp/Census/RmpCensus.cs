using System;
using System.Runtime.InteropServices;
using FastRmp.Internals;

namespace FastRmp;

/// <summary>Counts the pages of an RMP by state and by owner, and compares Subpage_Count and the bookkeeping counters with the entries: for
/// raw dumps.</summary>
/// <remarks>
/// <para>The speed is the bandwidth of memory where equal pages are adjacent, and near to it where they are not. Allocates nothing after
/// construction.</para>
/// <para>For one thread. Other threads may change the entries meanwhile; then findings may be spurious. The format is that of Zen 3
/// and Zen 4.</para>
/// </remarks>
public sealed partial class RmpCensus
{
    /// <summary>How many findings are kept.</summary>
    public const int FindingCapacity = 16;

    private const int PagesPerRegion = PageArithmetic.EntriesPerTable;
    private const int EntriesPerBlock = 64;
    private const int EntriesPerChunk = AssignedScan.ChunkWords / 2;

    private readonly ulong[] _byState = new ulong[(int)PageState.GuestValid + 1];
    private readonly ulong[] _byAsid = new ulong[RmpEntry.MaxAsid + 1];
    private readonly ulong[] _byFinding = new ulong[(int)RmpCensusFindingKind.AsidCounter + 1];
    private readonly RmpCensusFinding[] _findings = new RmpCensusFinding[FindingCapacity];
    private int _kept;
    private ulong _vmsaPages;
    private ulong _inUseVmsaPages;

    /// <summary>Pages of 4 KiB whose entries were read.</summary>
    public ulong Pages { get; private set; }

    /// <summary>Assigned pages of 4 KiB, by looking at every entry.</summary>
    public ulong AssignedPages { get; private set; }

    /// <summary>Assigned pages of 4 KiB as the base entries say: their own Assigned and Subpage_Count, or 512 for a 2 MiB page.</summary>
    public ulong CountedPages { get; private set; }

    /// <summary>Pages of 2 MiB.</summary>
    public ulong LargePages { get; private set; }

    /// <summary>Guests' pages of 4 KiB with the VMSA attribute.</summary>
    public ulong VmsaPages
    {
        get
        {
            if (_tallied != 0) Fold();
            return _vmsaPages;
        }
    }

    /// <summary>Pages of 4 KiB that are VM save areas in use by a running VCPU (<see cref="RmpEntry.IsInUseVmsa"/>). They are guests'
    /// pages, but their entries do not show the owner: they count for no ASID. An image of a host with running guests may hold
    /// some.</summary>
    public ulong InUseVmsaPages
    {
        get
        {
            if (_tallied != 0) Fold();
            return _inUseVmsaPages;
        }
    }

    /// <summary>Whether there are no findings.</summary>
    public bool IsConsistent { get; private set; } = true;

    /// <summary>The first findings, at most <see cref="FindingCapacity"/>, in the order of addresses.</summary>
    public ReadOnlySpan<RmpCensusFinding> FirstFindings => _findings.AsSpan(0, _kept);

    /// <summary>How many pages have a state.</summary>
    /// <param name="state">The state.</param>
    /// <returns>4 KiB pages; a 2 MiB page counts 512.</returns>
    public ulong PagesIn(PageState state)
    {
        if (_tallied != 0) Fold();
        return (uint)state < (uint)_byState.Length ? _byState[(int)state] : 0;
    }

    /// <summary>How many pages are assigned to an ASID.</summary>
    /// <param name="asid">The ASID; 0 counts firmware's pages; 0x3FE and 0x3FF are not owners, and have no pages.</param>
    /// <returns>4 KiB pages.</returns>
    public ulong PagesOf(uint asid)
    {
        if (_tallied != 0) Fold();
        return asid < (uint)_byAsid.Length ? _byAsid[asid] : 0;
    }

    /// <summary>How often something was found.</summary>
    /// <param name="kind">The kind of finding.</param>
    /// <returns>The number of base entries, counters or pages, depending on the kind.</returns>
    public ulong FindingsOf(RmpCensusFindingKind kind) => (uint)kind < (uint)_byFinding.Length ? _byFinding[(int)kind] : 0;

    /// <summary>Counts entries.</summary>
    /// <param name="start">The page of the first entry, 2 MiB aligned.</param>
    /// <param name="entries">Entries of whole regions: a multiple of 512.</param>
    /// <exception cref="ArgumentException">The page is not aligned, or a region is not whole.</exception>
    /// <remarks>O(entries); call it as often as needed, in the order of addresses if the order of findings matters.</remarks>
    public void Add(PhysicalAddress start, ReadOnlySpan<RmpEntry> entries)
    {
        if (!start.IsAligned(PageSize.Size2M)) Throw.Misaligned(nameof(start), start.Value, PageSize.Size2M.Bytes());
        if (entries.Length % PagesPerRegion != 0) Throw.Misaligned(nameof(entries), (ulong)entries.Length, PagesPerRegion);
        while (!entries.IsEmpty)
        {
            int count = Math.Min(entries.Length, EntriesPerChunk);
            AddChunk(start, entries[..count]);
            entries = entries[count..];
            start += (ulong)count << PageSize.Size4K.Shift();
        }
    }

    /// <summary>Compares the bookkeeping's counters by ASID with the pages counted. To be called once, after the last
    /// <see cref="Add"/>.</summary>
    /// <param name="counters">The counters, indexed by ASID. The counter of ASID 0 is ignored: no source says whether hardware maintains
    /// it.</param>
    /// <remarks>Source: AMD SEV firmware, sev_rmp.c: 2048 counters at RMP_BASE, in pages of 4 KiB. Counters may together
    /// exceed the pages by the number of save areas in use: these count for an owner that the entries do not show.</remarks>
    public void CompareCounters(ReadOnlySpan<ulong> counters)
    {
        bool isExplained = Excess(counters) == InUseVmsaPages;
        for (int asid = 1; asid < counters.Length; asid++)
        {
            ulong found = PagesOf((uint)asid);
            if (counters[asid] == found || (counters[asid] > found && isExplained)) continue;
            Report(new RmpCensusFinding(RmpCensusFindingKind.AsidCounter, default, (uint)asid, counters[asid], found), times: 1);
        }
    }

    /// <summary>By how many pages the counters of ASIDs that can own pages exceed what the entries show.</summary>
    private ulong Excess(ReadOnlySpan<ulong> counters)
    {
        ulong excess = 0;
        for (int asid = 1; asid < counters.Length; asid++)
        {
            ulong found = PagesOf((uint)asid);
            if (counters[asid] <= found) continue;
            if (asid > RmpEntry.MaxAsid) return ulong.MaxValue; // cannot be the result of save areas in use
            excess = unchecked(excess + counters[asid] - found);
        }

        return excess;
    }

    /// <summary>Regions up to a whole chunk, which is often free memory as a whole: then its low quadwords are zero.</summary>
    private void AddChunk(PhysicalAddress start, ReadOnlySpan<RmpEntry> entries)
    {
        if (entries.Length == EntriesPerChunk
            && !AssignedScan.AnyInStreams(MemoryMarshal.Cast<RmpEntry, ulong>(entries), ulong.MaxValue))
        {
            Pages += EntriesPerChunk;
            AddPages(start, default, EntriesPerChunk, isLost: false);
            return;
        }

        for (; !entries.IsEmpty; entries = entries[PagesPerRegion..], start += PageSize.Size2M.Bytes())
        {
            AddRegion(start, entries[..PagesPerRegion]);
        }
    }

    private void AddRegion(PhysicalAddress start, ReadOnlySpan<RmpEntry> region)
    {
        RmpEntry top = region[0];
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<RmpEntry, ulong>(region);
        Pages += PagesPerRegion;
        if (IsInTransition(top)) Report(RmpCensusFindingKind.InTransition, start, top, pages: 1);
        if (top.PageSize == PageSize.Size2M)
        {
            AddLarge(start, top, words);
        }
        else
        {
            AddSmall(start, top, words);
        }
    }

    /// <summary>For a sub-entry of a 2 MiB page nothing but Assigned means anything.</summary>
    private void AddLarge(PhysicalAddress start, RmpEntry top, ReadOnlySpan<ulong> words)
    {
        LargePages++;
        CountedPages += top.Assigned ? PageSize.Size2M.Pages() : 0;
        if (top.SubpageCount != 0)
        {
            Report(new RmpCensusFinding(RmpCensusFindingKind.CountOfLargePage, start, top.Asid, top.SubpageCount, 0), times: 1);
        }

        if (!top.Assigned) Report(RmpCensusFindingKind.UnassignedLargePage, start, top, pages: 1);
        for (int i = 0; i < PagesPerRegion;)
        {
            ulong own = words[2 * i];
            int length = RunLength(words[(2 * i)..], own, RmpEntry.AssignedMask);
            RmpEntry attributes = top with { Assigned = (own & RmpEntry.AssignedMask) != 0 };
            AddPages(start + ((ulong)i << PageSize.Size4K.Shift()), attributes, (uint)length, isLost: !attributes.Assigned && i != 0);
            i += length;
        }
    }

    /// <summary>Each entry describes its own page; the base entry counts the others.</summary>
    private void AddSmall(PhysicalAddress start, RmpEntry top, ReadOnlySpan<ulong> words)
    {
        ulong before = AssignedPages + (top.Assigned ? 1UL : 0);
        AddPages(start, top, 1, isLost: false);
        RmpEntry second = new(words[2], 0);
        if (RunLength(words[2..], second.Low, CountedBits(second)) == PagesPerRegion - 1)
        {
            AddRun(start + PageSize.Size4K.Bytes(), second, PagesPerRegion - 1);
        }
        else
        {
            AddBlocks(start, words);
        }

        ulong found = AssignedPages - before;
        CountedPages += top.SubpageCount + (top.Assigned ? 1UL : 0);
        if (found == top.SubpageCount) return;
        RmpCensusFindingKind kind = top.SubpageCount < found ? RmpCensusFindingKind.CountTooLow : RmpCensusFindingKind.CountTooHigh;
        Report(new RmpCensusFinding(kind, start, top.Asid, top.SubpageCount, found), times: 1);
    }

    /// <summary>Tallies the sub-pages block by block. Consecutive blocks that are not plain are counted together, run by run: only they can
    /// contain findings.</summary>
    private void AddBlocks(PhysicalAddress start, ReadOnlySpan<ulong> words)
    {
        int from = 1;
        for (int block = 0; block < PagesPerRegion; block += EntriesPerBlock)
        {
            int assigned = CountPlain(words.Slice(2 * block, 2 * EntriesPerBlock), block == 0 ? 0 : ulong.MaxValue);
            if (assigned < 0) continue;
            AddRuns(start, words, from, block);
            int first = Math.Max(block, 1);
            from = block + EntriesPerBlock;
            AssignedPages += (uint)assigned;
            Tally(words[(2 * first)..(2 * from)]);
        }

        AddRuns(start, words, from, PagesPerRegion);
    }

    private void AddRuns(PhysicalAddress start, ReadOnlySpan<ulong> words, int from, int to)
    {
        for (int i = from; i < to;)
        {
            RmpEntry entry = new(words[2 * i], 0);
            int length = RunLength(words[(2 * i)..(2 * to)], entry.Low, CountedBits(entry));
            AddRun(start + ((ulong)i << PageSize.Size4K.Shift()), entry, (uint)length);
            i += length;
        }
    }

    private void AddRun(PhysicalAddress page, RmpEntry entry, uint pages)
    {
        const ulong Suspect = RmpEntry.PageSizeMask | RmpEntry.SubpageCountMask | RmpEntry.LockMask | RmpEntry.AsidMask;
        AddPages(page, entry, pages, isLost: false);
        if ((entry.Low & Suspect) != 0) Inspect(page, entry, pages);
    }

    private void AddPages(PhysicalAddress page, RmpEntry attributes, uint pages, bool isLost)
    {
        PageState state = AddKind(attributes, pages);
        if (attributes.Assigned) AssignedPages += pages;
        if (isLost) Report(RmpCensusFindingKind.LostSubpage, page, attributes, pages);
        else if (state == PageState.Invalid) Report(RmpCensusFindingKind.InvalidState, page, attributes, pages);
    }

    /// <summary>Counts pages that are alike by state and owner.</summary>
    private PageState AddKind(RmpEntry attributes, uint pages)
    {
        PageState state = attributes.State;
        _byState[(int)state] += pages;
        if (!attributes.Assigned) return state;
        if (attributes.Asid <= RmpEntry.MaxAsid) _byAsid[attributes.Asid] += pages;
        if (attributes.IsInUseVmsa) _inUseVmsaPages += pages;
        if (attributes.Vmsa && attributes.Asid != 0) _vmsaPages += pages;
        return state;
    }

    /// <summary>Which bits two entries of a run have in common: a guest's pages differ in their GPA.</summary>
    private static ulong CountedBits(RmpEntry entry) => entry.Asid == 0 ? ulong.MaxValue : ~RmpEntry.GpaMask;

    /// <summary>What a sub-page of a small region must not have.</summary>
    private void Inspect(PhysicalAddress page, RmpEntry entry, uint pages)
    {
        if (entry.PageSize == PageSize.Size2M) Report(RmpCensusFindingKind.LargeSubpage, page, entry, pages);
        if (entry.SubpageCount != 0) Report(RmpCensusFindingKind.CountOfSubpage, page, entry, pages);
        if (IsInTransition(entry)) Report(RmpCensusFindingKind.InTransition, page, entry, pages);
    }

    private static bool IsInTransition(RmpEntry entry) =>
        !entry.IsInUseVmsa && (entry.Asid > RmpEntry.MaxAsid || entry is { Lock: true, Immutable: false });

    private void Report(RmpCensusFindingKind kind, PhysicalAddress page, RmpEntry entry, uint pages) =>
        Report(new RmpCensusFinding(kind, page, entry.Asid, 0, pages), pages);

    private void Report(RmpCensusFinding finding, uint times)
    {
        IsConsistent = false;
        _byFinding[(int)finding.Kind] += times;
        if (_kept < FindingCapacity) _findings[_kept++] = finding;
    }
}
