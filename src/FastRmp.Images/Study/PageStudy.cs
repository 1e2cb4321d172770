using System;
using System.Collections.Generic;
using System.Threading;

namespace FastRmp.Images.Study;

/// <summary>A page allocator's trace, applied to the maps of many policies: guests own what they allocate, the host writes what it
/// allocates.</summary>
/// <remarks>The rules are those of <see cref="TraceReplay"/>, which replays on a whole host; tests compare both.</remarks>
internal sealed class PageStudy
{
    private const ulong PagesPerRegion = 512;
    private const int ReportEvery = 16 * 1024;

    private readonly ReplayPlan _plan;
    private readonly MapStudy _map;
    private readonly CancellationToken _cancellation;
    private readonly bool _refuses;
    private readonly LeafCounts[] _start;
    private long _guestPages;
    private long _hostWrites;
    private long _updates;
    private long _smashes;
    private long _stale;
    private long _outside;

    internal PageStudy(
        ReplayPlan plan, MapVariant[] policies, StudyCosts costs, bool refuses, StudyRecorder? recorder, CancellationToken cancellation)
    {
        _plan = plan;
        _cancellation = cancellation;
        MapStudy.RequireRoom(plan.Ram, plan.Trace.Name);
        _map = new MapStudy(plan.Ram, plan.Options.Processor.HasGigabytePages, policies, costs, recorder);

        // with one range of RAM no page of a block is outside, if its ends are not
        _refuses = refuses && plan.Ram.Length > 1;
        _start = Array.ConvertAll(_map.Runs.ToArray(), MapStudy.Leaves);
    }

    internal OptimumResult Best => _map.Best;

    internal PolicyHistory[]? Histories => _map.Histories;

    /// <summary>Applies every event.</summary>
    /// <returns>A row for each policy.</returns>
    internal IReadOnlyList<StudyRow> Run(Action<long>? progress)
    {
        long done = 0;
        PageEventBlocks blocks = _plan.Trace.Blocks;
        while (blocks.MoveNext())
        {
            ReadOnlySpan<PageEvent> events = blocks.Current;
            ReadOnlySpan<ulong> times = blocks.Times;
            for (int i = 0; i < events.Length; i++)
            {
                _cancellation.ThrowIfCancellationRequested();
                _map.At(times[i] != 0 ? (long)Math.Min(times[i], long.MaxValue / 2) : _map.Now + TraceStudy.UntimedNanoseconds);
                Apply(events[i]);
                if (++done % ReportEvery == 0) progress?.Invoke(done);
            }
        }

        progress?.Invoke(done);
        ReplayCounts shared = new()
        {
            GuestPages = _guestPages,
            HostWrites = _hostWrites,
            RmpUpdates = _updates,
            PSmashes = _smashes,
            Violations = 0,
            Handled = 0,
            Fatal = 0,
            Splits1G = 0,
            Splits2M = 0,
            Rejoins2M = 0,
            Rejoins1G = 0,
            Stale = _stale,
            Outside = _outside,
            OwnedAtEnd = _map.OwnedPages,
        };
        StudyRow[] rows = new StudyRow[_start.Length];
        for (int index = 0; index < rows.Length; index++)
        {
            rows[index] = _map.Row(_map.Runs[index], _start[index], shared);
        }

        return rows;
    }

    private void Apply(in PageEvent one)
    {
        if (!one.HasBlock) return;
        if (!_plan.IsRam(one))
        {
            _outside++;
            return;
        }

        bool allocates = one.Kind == PageEventKind.Allocation;
        ReleaseOwned(one.Frame, one.Pages, isStale: allocates);
        if (!allocates) return;
        bool isGuest = _plan.IsGuestAllocation(one);
        bool isLarge = isGuest && _plan.Options.LargeEntries && one.Pages >= PagesPerRegion && one.Frame % PagesPerRegion == 0;
        if (isGuest) _guestPages += (long)one.Pages;
        else _hostWrites += (long)one.Pages;
        ulong end = one.Frame + one.Pages;
        ulong next;
        for (ulong frame = one.Frame; frame < end; frame = next)
        {
            next = Math.Min((frame & ~(PagesPerRegion - 1)) + PagesPerRegion, end);
            if (!isGuest)
            {
                Write(frame, next - frame);
                continue;
            }

            if (!isLarge) _map.GuestAllocation((int)(frame / PagesPerRegion));
            Update(frame, next - frame, isLarge ? PageSize.Size2M : PageSize.Size4K, assigned: true);
        }
    }

    // What is not RAM is not mapped: no write goes there.
    private void Write(ulong first, ulong pages)
    {
        if (_map.IsWhole((int)(first / PagesPerRegion)))
        {
            _map.Write(first, pages, isAllocation: true);
            return;
        }

        for (ulong frame = first; frame < first + pages; frame++)
        {
            if (_plan.IsRam(frame)) _map.Write(frame, 1, isAllocation: true);
        }
    }

    private void ReleaseOwned(ulong first, ulong pages, bool isStale)
    {
        ulong end = first + pages;
        ulong next;
        for (ulong frame = first; frame < end; frame = next)
        {
            int region = (int)(frame / PagesPerRegion);
            next = Math.Min(((ulong)region + 1) * PagesPerRegion, end);
            if (!_map.IsOwnedAny(region)) continue;
            if (_map.HasLargeEntry(region))
            {
                if (!isStale && next - frame == PagesPerRegion)
                {
                    Update(frame, PagesPerRegion, PageSize.Size2M, assigned: false);
                    continue;
                }

                _map.Smash(region);
                _smashes++;
            }

            while (frame < next)
            {
                ulong start = frame;
                bool isOwned = _map.IsOwned(frame);
                while (frame < next && _map.IsOwned(frame) == isOwned)
                {
                    frame++;
                }

                if (!isOwned) continue;
                if (isStale) _stale += (long)(frame - start);
                Update(start, frame - start, PageSize.Size4K, assigned: false);
            }
        }
    }

    private void Update(ulong frame, ulong pages, PageSize size, bool assigned)
    {
        if (!_refuses)
        {
            _map.Update(frame, pages, size, assigned);
            _updates += size == PageSize.Size2M ? 1 : (long)pages;
            return;
        }

        ulong step = size.Pages();
        for (ulong page = frame; page < frame + pages; page += step)
        {
            if (!_plan.IsRam(page) || !_plan.IsRam(page + step - 1)) continue;
            _map.Update(page, step, size, assigned);
            _updates++;
        }
    }
}
