using System;
using System.Collections.Generic;

namespace FastRmp.Reference;

/// <content>Where the entries are kept: regions that nobody touched are made from a list of ranges when they are needed.</content>
public sealed partial class ReferenceRmp
{
    // Firmware tags the pages of an IOMMU in bits 50:48 of the entry (rmp 2.2).
    private const ulong IommuTag = 2UL << 48;

    // What every untouched and unlisted entry looks like. Nobody may write it.
    private static readonly ReferenceEntry Zero = new();

    private readonly Dictionary<ulong, ReferenceEntry[]> _regions = [];

    // How the table was built; later ranges override earlier ones (rmp 1.6).
    private readonly List<Initial> _layout = [];

    /// <summary>Which entries were written; nobody clears it but who reads it.</summary>
    public ReferenceWrites Writes { get; } = new();

    /// <summary>The covered entries that are not zero, in no particular order; quick also for a large table with few of them.</summary>
    /// <returns>The entries in raw form.</returns>
    public IEnumerable<ReferenceRawEntry> NonZeroEntries()
    {
        TouchListed();
        foreach (KeyValuePair<ulong, ReferenceEntry[]> region in _regions)
        {
            for (int i = 0; i < PagesPerRegion; i++)
            {
                ReferenceRawEntry raw = RawOf(region.Value[i], (region.Key * RegionBytes) + ((ulong)i * PageBytes));
                if (raw.Low != 0 || raw.High != 0) yield return raw;
            }
        }
    }

    /// <summary>The raw form of one covered entry.</summary>
    /// <param name="spa">Any address in the page.</param>
    /// <returns>The entry.</returns>
    public ReferenceRawEntry ReadRaw(ulong spa)
    {
        RequireCovered(spa);
        return RawOf(Peek(spa), spa);
    }

    /// <summary>The raw form of the 512 entries of a covered region.</summary>
    /// <param name="spa">Any address in the region.</param>
    /// <param name="destination">Receives them; 512.</param>
    public void ReadRegion(ulong spa, Span<ReferenceRawEntry> destination)
    {
        RequireCovered(spa);
        ReferenceEntry[] region = Region(spa);
        for (int i = 0; i < PagesPerRegion; i++) destination[i] = RawOf(region[i], RegionOf(spa) + ((ulong)i * PageBytes));
    }

    private static ReferenceRawEntry RawOf(ReferenceEntry entry, ulong spa) => new(spa, entry.ToLow(), entry.ToHigh());

    // A whole new table: entries, counters and what RMPOPT found out about them.
    private void StartOver(List<Initial> layout)
    {
        _regions.Clear();
        Writes.StartOver();
        _layout.Clear();
        _layout.AddRange(layout);
        Array.Clear(_counters);
        foreach (Initial piece in layout)
        {
            bool assigned = piece.State is ReferencePageState.Firmware or ReferencePageState.FirmwareIommu;
            if (assigned) Count(0, CoveredPagesOf(piece.Range));
        }

        ForgetOptimisations();
        _realAsids.Clear();
    }

    private int CoveredPagesOf(ReferenceRange range)
    {
        ulong bytes = 0;
        foreach (ReferenceRange covered in Geometry.CoveredRanges)
        {
            ulong first = Math.Max(covered.First, range.First);
            ulong last = Math.Min(covered.Last, range.Last);
            if (first <= last) bytes += last - first + 1;
        }

        return (int)(bytes / PageBytes);
    }

    // The live entries of a region, to be read and written. The table covers whole regions: the ends of a contiguous one are
    // multiples of 8 KiB, which is 512 entries, and segments are multiples of 1 GiB (rmp 1.2, 1.4).
    private ReferenceEntry[] Region(ulong spa)
    {
        ulong number = spa / RegionBytes;
        if (!_regions.TryGetValue(number, out ReferenceEntry[]? region))
        {
            region = MakeRegion(number * RegionBytes);
            _regions.Add(number, region);
        }

        return region;
    }

    // The live entry of a page, to be read only.
    private ReferenceEntry Peek(ulong spa)
    {
        if (!_regions.ContainsKey(spa / RegionBytes) && !IsListed(RegionOf(spa))) return Zero;
        return Region(spa)[IndexInRegion(spa)];
    }

    private ReferenceEntry[] MakeRegion(ulong start)
    {
        ReferenceEntry[] region = new ReferenceEntry[PagesPerRegion];
        for (int i = 0; i < PagesPerRegion; i++) region[i] = new ReferenceEntry(start + ((ulong)i * PageBytes), Writes);
        foreach (Initial piece in _layout)
        {
            if (!piece.Meets(start)) continue;
            for (int i = 0; i < PagesPerRegion; i++)
            {
                ulong page = start + ((ulong)i * PageBytes);
                if (page >= piece.Range.First && page <= piece.Range.Last) WriteInitial(region[i], piece.State);
            }
        }

        // Subpage_Count is raised for what the table itself assigned (rmp 1.6 steps 6 and 7).
        for (int i = 1; i < PagesPerRegion; i++)
        {
            if (region[i].Assigned) region[0].SubpageCount++;
        }

        return region;
    }

    private static void WriteInitial(ReferenceEntry entry, ReferencePageState state)
    {
        entry.CopyFrom(Zero);
        switch (state)
        {
            case ReferencePageState.Hypervisor:
                break;
            case ReferencePageState.HvFixed:
                entry.Immutable = true;
                break;
            case ReferencePageState.Firmware:
                WriteFirmwarePage(entry, gpa: 0);
                break;
            case ReferencePageState.FirmwareIommu:
                WriteFirmwarePage(entry, IommuTag + PageBytes);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(state));
        }
    }

    private bool IsListed(ulong start)
    {
        foreach (Initial piece in _layout)
        {
            if (piece.State != ReferencePageState.Hypervisor && piece.Meets(start)) return true;
        }

        return false;
    }

    // Makes every region in which the list puts anything but zeros.
    private void TouchListed()
    {
        foreach (ReferenceRange covered in Geometry.CoveredRanges)
        {
            foreach (Initial piece in _layout)
            {
                ulong first = Math.Max(covered.First, RegionOf(piece.Range.First));
                ulong last = Math.Min(covered.Last, piece.Range.Last);
                if (piece.State == ReferencePageState.Hypervisor || first > last) continue;
                for (ulong start = first; start <= last; start += RegionBytes) Region(start);
            }
        }
    }

    // rmp 1.6, 2.2: what firmware itself writes has no high quadword.
    private static void WriteFirmwarePage(ReferenceEntry entry, ulong gpa)
    {
        entry.Assigned = true;
        entry.Immutable = true;
        entry.Lock = true;
        entry.Gpa = gpa;
    }

    private readonly record struct Initial(ReferenceRange Range, ReferencePageState State)
    {
        public bool Meets(ulong regionStart) => Range.First < regionStart + RegionBytes && Range.Last >= regionStart;
    }
}
