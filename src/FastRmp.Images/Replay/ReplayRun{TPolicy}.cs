using System;
using System.Threading;
using FastRmp.DirectMap;
using FastRmp.Paging;

namespace FastRmp.Images;

/// <summary>One replay: a fresh host and the counters. The RMP itself is the record of who owns what.</summary>
internal sealed class ReplayRun<TPolicy>
    where TPolicy : struct, IDirectMapPolicy
{
    private const int ReportEvery = 16 * 1024;
    private const ulong PagesPerRegion = PageArithmetic.EntriesPerTable;

    private readonly ReplayPlan _plan;
    private readonly SnpHost<ContiguousGeometry, TPolicy> _host;
    private readonly CancellationToken _cancellation;
    private readonly ulong[] _nextGpa;
    private long _guestPages;
    private long _hostWrites;
    private long _updates;
    private long _smashes;
    private long _violations;
    private long _handled;
    private long _fatal;
    private long _stale;
    private long _outside;

    internal ReplayRun(ReplayPlan plan, SnpHost<ContiguousGeometry, TPolicy> host, CancellationToken cancellation)
    {
        _plan = plan;
        _host = host;
        _cancellation = cancellation;
        _nextGpa = new ulong[plan.Guests + 1];
    }

    internal ReplayResult Run(Action<long>? progress)
    {
        LeafCounts start = Leaves();
        long done = 0;
        foreach (ReadOnlySpan<PageEvent> block in _plan.Trace.Blocks)
        {
            foreach (ref readonly PageEvent one in block)
            {
                _cancellation.ThrowIfCancellationRequested();
                Apply(one);
                if (++done % ReportEvery == 0) progress?.Invoke(done);
            }
        }

        progress?.Invoke(done);
        return Result(start);
    }

    private void Apply(in PageEvent one)
    {
        if (!one.HasBlock) return; // an allocation that failed
        if (!_plan.IsRam(one))
        {
            _outside++;
            return;
        }

        bool allocates = one.Kind == PageEventKind.Allocation;
        ReleaseOwned(one.Frame, one.Pages, isStale: allocates);
        if (!allocates) return;
        if (_plan.IsGuestAllocation(one))
        {
            Assign(_plan.Asid(one.Task), one.Frame, one.Pages);
        }
        else
        {
            Write(one.Frame, one.Pages);
        }
    }

    /// <summary>Gives back every page of a block that a guest owns. A stale page goes by itself; a freed 2 MiB page goes whole if the block
    /// covers it.</summary>
    private void ReleaseOwned(ulong first, ulong pages, bool isStale)
    {
        ulong end = first + pages;
        ulong next;
        for (ulong frame = first; frame < end; frame = next)
        {
            ulong region = frame & ~(PagesPerRegion - 1);
            next = Math.Min(region + PagesPerRegion, end);
            if (_host.Table.IsHypervisorOwned(Page(frame), PageSize.Size2M)) continue;
            _cancellation.ThrowIfCancellationRequested();
            if (_host.Table.Lookup(Page(region)).Size == PageSize.Size2M)
            {
                if (!isStale && next - frame == PagesPerRegion)
                {
                    Update(frame, Release(PageSize.Size2M));
                    continue;
                }

                if (_host.PSmash(Page(region)).IsSuccess) _smashes++;
            }

            for (; frame < next; frame++)
            {
                if (_host.Table.IsHypervisorOwned(Page(frame), PageSize.Size4K)) continue;
                if (isStale) _stale++;
                Update(frame, Release(PageSize.Size4K));
            }
        }
    }

    private void Assign(uint asid, ulong first, ulong pages)
    {
        _guestPages += (long)pages;
        bool large = _plan.Options.LargeEntries && pages >= PagesPerRegion && first % PagesPerRegion == 0;
        PageSize size = large ? PageSize.Size2M : PageSize.Size4K;
        ref ulong gpa = ref _nextGpa[asid];
        gpa = (gpa + size.OffsetMask()) & ~size.OffsetMask();
        RmpUpdateOperand operand = new RmpUpdateOperand { Assigned = true, PageSize = size, Asid = asid };
        ulong step = size.Pages();
        for (ulong frame = first; frame < first + pages; frame += step)
        {
            if (frame % PagesPerRegion == 0) _cancellation.ThrowIfCancellationRequested();
            Update(frame, operand with { Gpa = gpa });
            gpa += size.Bytes();
        }
    }

    private void Write(ulong first, ulong pages)
    {
        for (ulong frame = first; frame < first + pages; frame++)
        {
            if (frame % PagesPerRegion == 0) _cancellation.ThrowIfCancellationRequested();
            _hostWrites++;
            PhysicalAddress page = Page(frame);
            WalkResult write = _host.Access(page, AccessKind.Write);
            if (write.Status == WalkStatus.RmpViolation) HandleViolation(page, write);
        }
    }

    private void HandleViolation(PhysicalAddress page, in WalkResult write)
    {
        _violations++;
        FaultOutcome outcome = _host.HandlePageFault(_host.DirectMap.ToVirtual(page), new PageFaultErrorCode(write.ErrorCode));
        bool repeats = outcome is FaultOutcome.Split or FaultOutcome.Spurious;
        if (repeats && _host.Access(page, AccessKind.Write).IsMapped)
        {
            _handled++;
        }
        else
        {
            _fatal++;
        }
    }

    private void Update(ulong frame, in RmpUpdateOperand operand)
    {
        if (_host.RmpUpdate(Page(frame), operand).IsDone) _updates++;
    }

    private ReplayResult Result(LeafCounts start)
    {
        DirectMapStatistics map = _host.DirectMap.Statistics;
        ulong owned = 0;
        for (uint asid = 1; asid <= (uint)_plan.Guests; asid++)
        {
            owned += _host.Table.AssignedPages(asid);
        }

        ReplayCounts counts = new()
        {
            GuestPages = _guestPages,
            HostWrites = _hostWrites,
            RmpUpdates = _updates,
            PSmashes = _smashes,
            Violations = _violations,
            Handled = _handled,
            Fatal = _fatal,
            Splits1G = map.Splits1G,
            Splits2M = map.Splits2M,
            Rejoins2M = map.Rejoins2M,
            Rejoins1G = map.Rejoins1G,
            Stale = _stale,
            Outside = _outside,
            OwnedAtEnd = (long)owned,
        };
        return new ReplayResult(TPolicy.Name, counts, start, Leaves(), map.Peak4K);
    }

    private LeafCounts Leaves()
    {
        DirectMapStatistics map = _host.DirectMap.Statistics;
        return new LeafCounts(map.Leaves1G, map.Leaves2M, map.Leaves4K);
    }

    private static RmpUpdateOperand Release(PageSize size) => new RmpUpdateOperand { PageSize = size };

    private static PhysicalAddress Page(ulong frame) => PhysicalAddress.FromPageNumber(frame);
}
