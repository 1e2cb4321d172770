using System;
using System.Collections.Generic;

namespace FastRmp.Reference;

/// <summary>
/// The Reverse Map Table in its plainest form: one record for each 4 KiB page, the counters by ASID, and the host's rules on
/// them, each written down as the specification states it.
/// </summary>
/// <remarks>
/// Comments cite sections: "rmp n" is the specification of the RMP, "paging n" that of the page walk, "direct map n" that of
/// the host's direct map. Not thread-safe. Addresses are system physical ones, in bytes, without a C-bit.
/// </remarks>
public sealed partial class ReferenceRmp
{
    private const ulong PageBytes = 4096;
    private const ulong RegionBytes = 2 * 1024 * 1024;
    private const int PagesPerRegion = 512;
    private const int CounterCount = 2048;

    private readonly ReferenceProcessor _processor;
    private readonly ReferenceChoices _choices;

    // Regions that nobody touched are absent; they are all zero.
    private readonly Dictionary<ulong, ReferenceEntry[]> _regions = [];
    private readonly long[] _counters = new long[CounterCount];

    /// <summary>A table whose entries and counters are all zero.</summary>
    /// <param name="processor">The processor; its MaxAsid must be below 0x3FF.</param>
    /// <param name="choices">The open points of the specification.</param>
    /// <param name="rmpBase">RMP_BASE.</param>
    /// <param name="rmpEnd">RMP_END.</param>
    /// <exception cref="ArgumentOutOfRangeException">MaxAsid reaches firmware's lock value.</exception>
    public ReferenceRmp(ReferenceProcessor processor, ReferenceChoices choices, ulong rmpBase, ulong rmpEnd)
    {
        ArgumentNullException.ThrowIfNull(processor);
        ArgumentNullException.ThrowIfNull(choices);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(processor.MaxAsid, ReferenceEntry.LockAsid, nameof(processor));
        _processor = processor;
        _choices = choices;
        Geometry = new ReferenceGeometry(rmpBase, rmpEnd);
    }

    /// <summary>Which pages have entries.</summary>
    public ReferenceGeometry Geometry { get; }

    /// <summary>The number of ASID counters (rmp 1.5).</summary>
    public static int Counters => CounterCount;

    /// <summary>The number of assigned 4 KiB pages of an ASID (rmp 1.5).</summary>
    /// <param name="asid">The ASID, below <see cref="Counters"/>.</param>
    /// <returns>The counter; negative only if a test poked entries without it.</returns>
    public long Counter(uint asid) => _counters[asid];

    /// <summary>A copy of the entry of a covered page; changing the copy changes nothing here.</summary>
    /// <param name="spa">Any address in the page.</param>
    /// <returns>The copy.</returns>
    public ReferenceEntry Read(ulong spa)
    {
        RequireCovered(spa);
        ReferenceEntry copy = new();
        if (_regions.TryGetValue(spa / RegionBytes, out ReferenceEntry[]? region)) copy.CopyFrom(region[IndexInRegion(spa)]);
        return copy;
    }

    /// <summary>The level and the effective fields of a page: Assigned of its own entry, all else of a large base (rmp 2.3).</summary>
    /// <param name="spa">Any address in the page, which must be covered.</param>
    /// <returns>A copy whose Large tells the level.</returns>
    public ReferenceEntry Lookup(ulong spa)
    {
        ReferenceEntry own = Read(spa);
        ReferenceEntry first = Read(RegionOf(spa));
        if (!first.Large) return own;
        first.Assigned = own.Assigned;
        return first;
    }

    /// <summary>The state of a page (rmp 3).</summary>
    /// <param name="spa">Any address in the page.</param>
    /// <returns>The state; Default where nothing covers the page.</returns>
    public ReferencePageState StateOf(ulong spa) =>
        Geometry.IsCovered(spa) ? ReferencePageStates.Decode(Lookup(spa)) : ReferencePageState.Default;

    /// <summary>Every covered entry in ascending order.</summary>
    /// <returns>The entries in raw form.</returns>
    public IEnumerable<ReferenceRawEntry> Snapshot()
    {
        for (ulong page = 0; page < Geometry.CoveredPages; page++)
        {
            ReferenceEntry entry = Read(page * PageBytes);
            yield return new ReferenceRawEntry(page * PageBytes, entry.ToLow(), entry.ToHigh());
        }
    }

    /// <summary>The covered entries that are not zero, in no particular order; quick also for a large table.</summary>
    /// <returns>The entries in raw form.</returns>
    public IEnumerable<ReferenceRawEntry> NonZeroEntries()
    {
        foreach (KeyValuePair<ulong, ReferenceEntry[]> region in _regions)
        {
            for (int i = 0; i < PagesPerRegion; i++)
            {
                ReferenceEntry entry = region.Value[i];
                ReferenceRawEntry raw = new((region.Key * RegionBytes) + ((ulong)i * PageBytes), entry.ToLow(), entry.ToHigh());
                if (raw.Low != 0 || raw.High != 0) yield return raw;
            }
        }
    }

    private static ulong RegionOf(ulong spa) => spa / RegionBytes * RegionBytes;

    private static int IndexInRegion(ulong spa) => (int)(spa % RegionBytes / PageBytes);

    // The table covers whole regions: both of its ends are multiples of 8 KiB, which is 512 entries (rmp 1.2).
    private ReferenceEntry[] Region(ulong spa)
    {
        if (!_regions.TryGetValue(spa / RegionBytes, out ReferenceEntry[]? region))
        {
            region = new ReferenceEntry[PagesPerRegion];
            for (int i = 0; i < PagesPerRegion; i++) region[i] = new ReferenceEntry();
            _regions.Add(spa / RegionBytes, region);
        }

        return region;
    }

    private void RequireCovered(ulong spa)
    {
        if (!Geometry.IsCovered(spa)) throw new ArgumentOutOfRangeException(nameof(spa), spa, "The page has no RMP entry.");
    }
}
