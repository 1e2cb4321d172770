using System;
using System.Collections.Generic;

namespace FastRmp.Reference;

/// <summary>Replays a page allocator's trace against a host: guests own what they allocate, the host writes what it allocates.</summary>
public sealed class ReferenceReplay
{
    private const ulong PageBytes = 4096;
    private const ulong PagesPerRegion = 512;
    private const ulong RegionBytes = PageBytes * PagesPerRegion;

    private readonly ReferenceReplayOptions _options;
    private readonly ReferenceHost _host;
    private readonly ReferenceReplayCounts _counts = new();
    private readonly Dictionary<string, Guest> _guests = [];

    private ReferenceReplay(ReferenceReplayOptions options, ReferencePolicy policy)
    {
        _options = options;
        ReferenceDirectMap map = new(options.Memory, options.Processor.Has1GPages);
        ulong end = 0;
        foreach (ReferenceRange range in options.Memory) end = Math.Max(end, range.Last + 1);

        // The table covers memory from 0 to the end of the highest range and lies above that, so that it does not cover itself.
        ulong entries = (end + RegionBytes - 1) / RegionBytes * PagesPerRegion;
        ulong rmpBase = entries * PageBytes;
        ReferenceRmp rmp = new(options.Processor, options.Choices, rmpBase, rmpBase + 0x4000 + (entries * 16) - 1);
        _host = new ReferenceHost(policy, rmp, map);
        _host.EnableSnp();
    }

    /// <summary>Replays events on a fresh host.</summary>
    /// <param name="options">Memory, guests, processor.</param>
    /// <param name="policy">The policy of the host.</param>
    /// <param name="events">The events in the order of the trace.</param>
    /// <returns>The counts.</returns>
    /// <exception cref="InvalidOperationException">There are more guests than ASIDs.</exception>
    public static ReferenceReplayResult Run(ReferenceReplayOptions options, ReferencePolicy policy, IEnumerable<ReferenceTraceEvent> events)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(events);
        ReferenceReplay replay = new(options, policy);
        ReferenceLeafCounts start = replay.CountLeaves();
        long allocations = 0;
        long frees = 0;
        foreach (ReferenceTraceEvent one in events)
        {
            if (one.IsAllocation) allocations++;
            else frees++;
            replay.Apply(one);
        }

        replay.Finish();
        return new ReferenceReplayResult
        {
            Allocations = allocations,
            Frees = frees,
            Counts = replay._counts,
            Start = start,
            End = replay.CountLeaves(),
            Peak4K = replay._host.DirectMap.PeakLeaves4K,
        };
    }

    /// <summary>The memory to assume for a trace without a listing: from 0 to the highest page, rounded up to 2 MiB.</summary>
    /// <param name="events">The events.</param>
    /// <returns>One range.</returns>
    public static ReferenceRange MemoryOf(IEnumerable<ReferenceTraceEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        ulong pages = 0;
        foreach (ReferenceTraceEvent one in events)
        {
            if (!IsFailed(one)) pages = Math.Max(pages, one.Pfn + (1UL << one.Order));
        }

        ulong regions = (pages + PagesPerRegion - 1) / PagesPerRegion;
        return new ReferenceRange(0, (regions * RegionBytes) - 1);
    }

    // Taught by traces in public bug reports: the kernel prints an allocation that failed with frame 0, in its record it is -1. Frame 0
    // itself is never handed out.
    private static bool IsFailed(ReferenceTraceEvent one) => one.IsAllocation && one.Pfn is 0 or ulong.MaxValue;

    private void Apply(ReferenceTraceEvent one)
    {
        if (IsFailed(one)) return;
        ulong first = one.Pfn;
        ulong pages = 1UL << one.Order;
        if (!IsMemory(first) || !IsMemory(first + pages - 1))
        {
            _counts.Outside++;
            return;
        }

        if (!one.IsAllocation)
        {
            Free(first, pages);
            return;
        }

        ReleaseStale(first, pages);
        bool isGuest = one.MigrateType == 1 && ReferenceGlob.Matches(_options.GuestPattern, one.Task);
        if (isGuest) AllocateForGuest(GuestOf(one.Task), first, pages);
        else AllocateForHost(first, pages);
    }

    private bool IsMemory(ulong page) => page < 1UL << 52 && _host.DirectMap.FindLeaf(page * PageBytes) is not null;

    private void ReleaseStale(ulong first, ulong pages)
    {
        for (ulong page = first; page < first + pages; page++)
        {
            if (!IsOwned(page)) continue;
            _counts.Stale++;
            SmashIfLarge(page);
            Update(page, ReferenceUpdateInput.Release(large: false));
        }
    }

    private void AllocateForGuest(Guest guest, ulong first, ulong pages)
    {
        _counts.GuestPages += (long)pages;
        bool large = _options.LargeEntries && first % PagesPerRegion == 0 && pages >= PagesPerRegion;
        ulong step = large ? PagesPerRegion : 1;
        if (large) guest.NextGpa = (guest.NextGpa + RegionBytes - 1) / RegionBytes * RegionBytes;
        for (ulong page = first; page < first + pages; page += step)
        {
            Update(page, new ReferenceUpdateInput { Assigned = true, Large = large, Asid = guest.Asid, Gpa = guest.NextGpa });
            guest.NextGpa += step * PageBytes;
        }
    }

    private void AllocateForHost(ulong first, ulong pages)
    {
        for (ulong page = first; page < first + pages; page++)
        {
            _counts.HostWrites++;
            ReferenceWriteOutcome outcome = _host.Write(page * PageBytes);
            bool handled = outcome == ReferenceWriteOutcome.Handled;
            bool fatal = outcome == ReferenceWriteOutcome.Fatal;
            if (handled || fatal) _counts.Violations++;
            if (handled) _counts.Handled++;
            if (fatal) _counts.Fatal++;
        }
    }

    private void Free(ulong first, ulong pages)
    {
        ulong page = first;
        while (page < first + pages)
        {
            ulong region = page / PagesPerRegion * PagesPerRegion;
            bool wholeRegion = region >= first && region + PagesPerRegion <= first + pages;
            if (!IsOwned(page))
            {
                page++;
            }
            else if (IsLarge(page) && wholeRegion)
            {
                Update(region, ReferenceUpdateInput.Release(large: true));
                page = region + PagesPerRegion;
            }
            else
            {
                SmashIfLarge(page);
                Update(page, ReferenceUpdateInput.Release(large: false));
                page++;
            }
        }
    }

    private bool IsOwned(ulong page) => !_host.Rmp.HostMayWrite(page * PageBytes, ReferencePageSize.Size4K);

    private bool IsLarge(ulong page) => _host.Rmp.Lookup(page * PageBytes).Large;

    private void SmashIfLarge(ulong page)
    {
        if (!IsLarge(page)) return;
        ulong region = page / PagesPerRegion * PagesPerRegion;
        if (_host.PSmash(region * PageBytes).Succeeded) _counts.PSmash++;
    }

    private void Update(ulong page, ReferenceUpdateInput input)
    {
        if (_host.RmpUpdate(page * PageBytes, input).Succeeded) _counts.RmpUpdate++;
    }

    private Guest GuestOf(string task)
    {
        if (_guests.TryGetValue(task, out Guest? known)) return known;
        uint asid = (uint)_guests.Count + 1;
        if (asid > _options.Processor.MaxAsid) throw new InvalidOperationException("There are more guests than ASIDs.");
        Guest guest = new(asid);
        _guests.Add(task, guest);
        return guest;
    }

    private void Finish()
    {
        ReferenceDirectMap map = _host.DirectMap;
        _counts.Splits1G = map.Splits1G;
        _counts.Splits2M = map.Splits2M;
        _counts.Rejoins1G = map.Rejoins1G;
        _counts.Rejoins2M = map.Rejoins2M;
        foreach (ReferenceRawEntry entry in _host.Rmp.NonZeroEntries())
        {
            if (ReferenceEntry.FromRaw(entry.Low, entry.High).Assigned) _counts.OwnedAtEnd++;
        }
    }

    private ReferenceLeafCounts CountLeaves() =>
        new(_host.DirectMap.Leaves1G, _host.DirectMap.Leaves2M, _host.DirectMap.Leaves4K);

    private sealed class Guest(uint asid)
    {
        public uint Asid => asid;

        public ulong NextGpa { get; set; }
    }
}
