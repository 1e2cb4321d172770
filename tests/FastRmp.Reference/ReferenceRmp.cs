using System;
using System.Collections.Generic;

namespace FastRmp.Reference;

/// <summary>
/// The Reverse Map Table in its plainest form: one record for each 4 KiB page, the counters by ASID, and the rules on them, each
/// written down as the specification states it.
/// </summary>
/// <remarks>
/// Comments cite sections of docs/spec: "rmp n" is the page on the RMP, "paging n" that on page walks, "AMD-Vi n" that on the
/// IOMMU, "direct map n" that on the host's direct map. Not thread-safe. Addresses are system physical ones, in bytes, without a C-bit.
/// </remarks>
public sealed partial class ReferenceRmp
{
    private const ulong PageBytes = 4096;
    private const ulong RegionBytes = 2 * 1024 * 1024;
    private const int PagesPerRegion = 512;
    private const int CounterCount = 2048;

    private readonly ReferenceProcessor _processor;
    private readonly ReferenceChoices _choices;
    private readonly long[] _counters = new long[CounterCount];
    private bool _wasEnabled;

    /// <summary>A contiguous table whose entries and counters are all zero.</summary>
    /// <param name="processor">The processor; its MaxAsid must be at most 0x3FD.</param>
    /// <param name="choices">The open points of the specification.</param>
    /// <param name="rmpBase">RMP_BASE.</param>
    /// <param name="rmpEnd">RMP_END.</param>
    /// <exception cref="ArgumentOutOfRangeException">MaxAsid is larger.</exception>
    public ReferenceRmp(ReferenceProcessor processor, ReferenceChoices choices, ulong rmpBase, ulong rmpEnd)
        : this(processor, choices, new ReferenceGeometry(rmpBase, rmpEnd))
    {
    }

    /// <summary>A table whose entries and counters are all zero.</summary>
    /// <param name="processor">The processor; its MaxAsid must be at most 0x3FD.</param>
    /// <param name="choices">The open points of the specification.</param>
    /// <param name="geometry">Which pages have entries.</param>
    /// <exception cref="ArgumentOutOfRangeException">MaxAsid is larger.</exception>
    public ReferenceRmp(ReferenceProcessor processor, ReferenceChoices choices, ReferenceGeometry geometry)
    {
        ArgumentNullException.ThrowIfNull(processor);
        ArgumentNullException.ThrowIfNull(choices);
        ArgumentNullException.ThrowIfNull(geometry);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(processor.MaxAsid, ReferenceEntry.LastAsid, nameof(processor));
        _processor = processor;
        _choices = choices;
        Geometry = geometry;
    }

    /// <summary>Which pages have entries.</summary>
    public ReferenceGeometry Geometry { get; }

    /// <summary>The number of ASID counters (rmp 1.5).</summary>
    public static int Counters => CounterCount;

    /// <summary>Whether <see cref="Enable"/> was called. The instructions go by the execution state that they are given.</summary>
    public bool IsEnabled { get; private set; }

    /// <summary>
    /// Sets SNP_EN: from now the RMP's own pages are firmware pages. A second call does nothing, and one after firmware has cleared
    /// SNP_EN finds the entries as they were.
    /// </summary>
    public void Enable()
    {
        bool isFirst = !_wasEnabled;
        _wasEnabled = true;
        IsEnabled = true;
        if (!isFirst) return;
        List<Initial> layout = [];
        foreach (ReferenceRange own in Geometry.OwnRanges) layout.Add(new Initial(own, ReferencePageState.Firmware));
        StartOver(layout);
    }

    /// <summary>The number of assigned 4 KiB pages of an ASID (rmp 1.5).</summary>
    /// <param name="asid">The ASID, below <see cref="Counters"/>.</param>
    /// <returns>The counter; negative only if a test poked entries without it.</returns>
    public long Counter(uint asid) => _counters[asid];

    /// <summary>All counters, by ASID.</summary>
    /// <returns>The counters themselves, to be read only.</returns>
    public ReadOnlySpan<long> AllCounters() => _counters;

    /// <summary>A copy of the entry of a covered page; changing the copy changes nothing here.</summary>
    /// <param name="spa">Any address in the page.</param>
    /// <returns>The copy.</returns>
    public ReferenceEntry Read(ulong spa)
    {
        RequireCovered(spa);
        ReferenceEntry copy = new();
        copy.CopyFrom(Peek(spa));
        return copy;
    }

    /// <summary>The level and the effective fields of a page: Assigned of its own entry, all else of a large base (rmp 2.3).</summary>
    /// <param name="spa">Any address in the page, which must be covered.</param>
    /// <returns>A copy whose Large tells the level.</returns>
    public ReferenceEntry Lookup(ulong spa)
    {
        ReferenceEntry own = Read(spa);
        ReferenceEntry first = Peek(RegionOf(spa));
        if (!first.Large) return own;
        bool assigned = own.Assigned;
        own.CopyFrom(first);
        own.Assigned = assigned;
        return own;
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
        foreach (ReferenceRange range in Geometry.CoveredRanges)
        {
            for (ulong page = range.First; page < range.Last; page += PageBytes)
            {
                ReferenceEntry entry = Peek(page);
                yield return new ReferenceRawEntry(page, entry.ToLow(), entry.ToHigh());
            }
        }
    }

    private static ulong RegionOf(ulong spa) => spa / RegionBytes * RegionBytes;

    private static int IndexInRegion(ulong spa) => (int)(spa % RegionBytes / PageBytes);

    private void RequireCovered(ulong spa)
    {
        if (!Geometry.IsCovered(spa)) throw new ArgumentOutOfRangeException(nameof(spa), spa, "The page has no RMP entry.");
    }
}
