using System;
using System.Collections.Generic;

namespace FastRmp.Reference;

/// <summary>The direct map as a set of leaves, with the events that change it counted.</summary>
/// <remarks>It has no page tables: a leaf is a record, found by its address. Not thread-safe.</remarks>
public sealed partial class ReferenceDirectMap
{
    private const ulong Bytes4K = 4096;
    private const ulong Bytes2M = 512 * Bytes4K;
    private const ulong Bytes1G = 512 * Bytes2M;
    private const int EntriesPerTable = 512;

    private readonly Dictionary<ulong, ReferenceLeaf> _leaves = [];

    // The large leaves of the map as it was built: merging restores these ranges and makes no other (direct map 6.2).
    private readonly HashSet<ulong> _built2M = [];
    private readonly HashSet<ulong> _built1G = [];

    /// <summary>Maps ranges of memory with the largest leaves that alignment and remaining length allow (direct map 1.2).</summary>
    /// <param name="ranges">The ranges; those that touch are one, and what is left is cut to whole 4 KiB pages. They must not
    /// overlap.</param>
    /// <param name="has1GPages">Whether the processor has 1 GiB pages.</param>
    /// <param name="choices">The open points; null for the defaults.</param>
    /// <exception cref="ArgumentException">Two ranges overlap.</exception>
    public ReferenceDirectMap(IEnumerable<ReferenceRange> ranges, bool has1GPages = true, ReferenceDirectMapChoices? choices = null)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        Choices = choices ?? new ReferenceDirectMapChoices();
        foreach (ReferenceRange range in Joined(ranges))
        {
            ulong start = (range.First + Bytes4K - 1) / Bytes4K * Bytes4K;
            ulong end = (range.Last + 1) / Bytes4K * Bytes4K;
            while (start < end)
            {
                ReferencePageSize size = LargestAt(start, end - start, has1GPages);
                if (FindLeaf(start) is not null) throw new ArgumentException("Two ranges overlap.", nameof(ranges));
                Add(new ReferenceLeaf(start, size, 0, ReferenceMark.None));
                if (size == ReferencePageSize.Size2M) _built2M.Add(start);
                if (size == ReferencePageSize.Size1G) _built1G.Add(start);
                start += BytesOf(size);
            }
        }

        PeakLeaves4K = Leaves4K;
        PeakTablePages = 0;
    }

    /// <summary>The open points.</summary>
    public ReferenceDirectMapChoices Choices { get; }

    /// <summary>How many more page-table pages may be taken; null means no limit. A rejoin gives its pages back.</summary>
    public int? FreeTablePages { get; set; }

    /// <summary>The number of 4 KiB leaves.</summary>
    public int Leaves4K { get; private set; }

    /// <summary>The number of 2 MiB leaves.</summary>
    public int Leaves2M { get; private set; }

    /// <summary>The number of 1 GiB leaves.</summary>
    public int Leaves1G { get; private set; }

    /// <summary>The largest number of 4 KiB leaves at any moment, the start included.</summary>
    public int PeakLeaves4K { get; private set; }

    /// <summary>The number of splits of a 1 GiB leaf into 512 leaves of 2 MiB.</summary>
    public int Splits1G { get; private set; }

    /// <summary>The number of splits of a 2 MiB leaf into 512 leaves of 4 KiB.</summary>
    public int Splits2M { get; private set; }

    /// <summary>The number of joins of 512 leaves of 2 MiB into one of 1 GiB.</summary>
    public int Rejoins1G { get; private set; }

    /// <summary>The number of joins of 512 leaves of 4 KiB into one of 2 MiB.</summary>
    public int Rejoins2M { get; private set; }

    /// <summary>The page-table pages that splits took and rejoins have not given back (direct map 2.3).</summary>
    public int SplitTablePages => Splits1G + Splits2M - Rejoins1G - Rejoins2M;

    /// <summary>The largest value of <see cref="SplitTablePages"/> so far.</summary>
    public int PeakTablePages { get; private set; }

    /// <summary>The flushes of all translations on all processors (direct map 2.3).</summary>
    public int GlobalFlushes { get; private set; }

    /// <summary>The flushes of a single page: one whenever a KERNEL_4K mark was written (direct map 2.2, 2.3).</summary>
    public int RangedFlushes { get; private set; }

    /// <summary>DirectMap4k + DirectMap2M + DirectMap1G in bytes; constant (direct map 6.3).</summary>
    public ulong MappedBytes => ((ulong)Leaves4K * Bytes4K) + ((ulong)Leaves2M * Bytes2M) + ((ulong)Leaves1G * Bytes1G);

    /// <summary>Every leaf, in no particular order.</summary>
    public IReadOnlyCollection<ReferenceLeaf> Leaves => _leaves.Values;

    /// <summary>The leaf that maps an address.</summary>
    /// <param name="address">Any physical address.</param>
    /// <returns>The leaf, or null in a hole.</returns>
    public ReferenceLeaf? FindLeaf(ulong address)
    {
        // A shorter leaf at the same start is a different leaf, so the size decides whether the address is inside.
        if (_leaves.TryGetValue(address / Bytes4K * Bytes4K, out ReferenceLeaf? leaf)) return leaf;
        if (_leaves.TryGetValue(address / Bytes2M * Bytes2M, out leaf) && leaf.Size >= ReferencePageSize.Size2M) return leaf;
        if (_leaves.TryGetValue(address / Bytes1G * Bytes1G, out leaf) && leaf.Size == ReferencePageSize.Size1G) return leaf;
        return null;
    }

    /// <summary>The page-table pages of the map as it is now: every table, the top one included.</summary>
    /// <param name="levels">4 or 5.</param>
    /// <returns>The number; right for a base address that is aligned to what one top-level entry covers.</returns>
    public int CountTablePages(int levels)
    {
        HashSet<ulong> pageTables = [];
        HashSet<ulong> directories = [];
        HashSet<ulong> pointers = [];
        HashSet<ulong> fourthLevel = [];
        foreach (ReferenceLeaf leaf in _leaves.Values)
        {
            if (leaf.Size == ReferencePageSize.Size4K) pageTables.Add(leaf.Address / Bytes2M);
            if (leaf.Size <= ReferencePageSize.Size2M) directories.Add(leaf.Address / Bytes1G);
            pointers.Add(leaf.Address / Bytes1G / EntriesPerTable);
            fourthLevel.Add(leaf.Address / Bytes1G / EntriesPerTable / EntriesPerTable);
        }

        int upper = levels == 5 ? fourthLevel.Count + 1 : 1;
        return pageTables.Count + directories.Count + pointers.Count + upper;
    }

    /// <summary>Bits [11:0] of the entry that points to a table on the way to an address (direct map 1.2): P, R/W, A, D, and U/S in those
    /// that the boot-time mapping made.</summary>
    /// <param name="address">A physical address that leaves below map.</param>
    /// <param name="level">The entry's own level: 2 and 3 (split or made at boot), 4 and 5 (made at boot).</param>
    /// <returns>The bits.</returns>
    public uint TableFlags(ulong address, int level)
    {
        const uint Plain = 0x063;
        const uint User = 0x004;
        bool wasLeaf = level <= 3 && _built1G.Contains(address / Bytes1G * Bytes1G);
        if (level == 2) wasLeaf |= _built2M.Contains(address / Bytes2M * Bytes2M);
        return wasLeaf || Choices.BootTablesAreSupervisor ? Plain : Plain + User;
    }

    // Taught by listings of memory in public bug reports: boot loaders split RAM inside pages, and the kernel joins what touches before it
    // thinks of pages.
    private static List<ReferenceRange> Joined(IEnumerable<ReferenceRange> ranges)
    {
        List<ReferenceRange> joined = [.. ranges];
        for (int i = 0; i < joined.Count; i++)
        {
            int next = joined.FindIndex(other => other.First == joined[i].Last + 1);
            if (next < 0) continue;
            joined[i] = joined[i] with { Last = joined[next].Last };
            joined.RemoveAt(next);
            i = -1; // begin again: what is longer now may touch another one
        }

        return joined;
    }

    private static ulong BytesOf(ReferencePageSize size) => size switch
    {
        ReferencePageSize.Size4K => Bytes4K,
        ReferencePageSize.Size2M => Bytes2M,
        _ => Bytes1G,
    };

    private static ReferencePageSize LargestAt(ulong start, ulong length, bool has1GPages)
    {
        if (has1GPages && start % Bytes1G == 0 && length >= Bytes1G) return ReferencePageSize.Size1G;
        return start % Bytes2M == 0 && length >= Bytes2M ? ReferencePageSize.Size2M : ReferencePageSize.Size4K;
    }

    private void Add(ReferenceLeaf leaf)
    {
        _leaves.Add(leaf.Address, leaf);
        CountLeaf(leaf.Size, 1);
    }

    private void Remove(ReferenceLeaf leaf)
    {
        _leaves.Remove(leaf.Address);
        CountLeaf(leaf.Size, -1);
    }

    private void CountLeaf(ReferencePageSize size, int change)
    {
        if (size == ReferencePageSize.Size4K) Leaves4K += change;
        if (size == ReferencePageSize.Size2M) Leaves2M += change;
        if (size == ReferencePageSize.Size1G) Leaves1G += change;
    }
}
