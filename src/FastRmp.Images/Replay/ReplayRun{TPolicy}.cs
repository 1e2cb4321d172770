using System;
using System.Threading;
using FastRmp.DirectMap;

namespace FastRmp.Images;

/// <summary>One replay: a fresh host and the counters. The RMP itself is the record of who owns what.</summary>
internal sealed class ReplayRun<TPolicy> : HostReplay<TPolicy>
    where TPolicy : struct, IDirectMapPolicy
{
    private readonly ReplayPlan _plan;
    private readonly ulong[] _nextGpa;
    private long _guestPages;
    private long _stale;
    private long _outside;

    internal ReplayRun(ReplayPlan plan, SnpHost<ContiguousGeometry, TPolicy> host, CancellationToken cancellation)
        : base(host, cancellation)
    {
        _plan = plan;
        _nextGpa = new ulong[plan.Guests + 1];
    }

    internal ReplayResult Run(Action<long>? progress)
    {
        long done = 0;
        foreach (ReadOnlySpan<PageEvent> block in _plan.Trace.Blocks)
        {
            foreach (ref readonly PageEvent one in block)
            {
                Cancellation.ThrowIfCancellationRequested();
                Apply(one);
                if (++done % ReportEvery == 0) progress?.Invoke(done);
            }
        }

        progress?.Invoke(done);
        return Result(Counts(_guestPages, _stale, _outside, OwnedPages()));
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
            if (Host.Table.IsHypervisorOwned(Page(frame), PageSize.Size2M)) continue;
            Cancellation.ThrowIfCancellationRequested();
            if (Host.Table.Lookup(Page(region)).Size == PageSize.Size2M)
            {
                if (!isStale && next - frame == PagesPerRegion)
                {
                    _ = Update(frame, Release(PageSize.Size2M));
                    continue;
                }

                _ = Smash(region);
            }

            for (; frame < next; frame++)
            {
                if (Host.Table.IsHypervisorOwned(Page(frame), PageSize.Size4K)) continue;
                if (isStale) _stale++;
                _ = Update(frame, Release(PageSize.Size4K));
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
            if (frame % PagesPerRegion == 0) Cancellation.ThrowIfCancellationRequested();
            _ = Update(frame, operand with { Gpa = gpa });
            gpa += size.Bytes();
        }
    }

    private ulong OwnedPages()
    {
        ulong owned = 0;
        for (uint asid = 1; asid <= (uint)_plan.Guests; asid++)
        {
            owned += Host.Table.AssignedPages(asid);
        }

        return owned;
    }

    private static RmpUpdateOperand Release(PageSize size) => new RmpUpdateOperand { PageSize = size };
}
