using System;
using System.Threading;
using FastRmp.DirectMap;

namespace FastRmp.Images;

/// <summary>One replay of an RMP trace: the same instructions with the same answers, on a host with another policy.</summary>
internal sealed class RmpReplayRun<TPolicy> : HostReplay<TPolicy>, IPageStates
    where TPolicy : struct, IDirectMapPolicy
{
    private readonly RmpReplayPlan _plan;
    private readonly RecordedAnswers _answers;
    private readonly DirectMapStatistics _before;
    private long _guestPages;
    private long _outside;
    private long _refused;
    private long _firstRefused;
    private bool _isNew;

    internal RmpReplayRun(
        RmpReplayPlan plan, SnpHost<ContiguousGeometry, TPolicy> host, RecordedAnswers answers, CancellationToken cancellation)
        : base(host, cancellation)
    {
        _plan = plan;
        _answers = answers;
        foreach (PhysicalRange range in plan.Trace.Mapped4K)
        {
            PhysicalRange pages = range.WholePages();
            _ = host.DirectMap.SetMemory4K(pages.Start, pages.Length >> PageSize.Size4K.Shift());
        }

        Start = Leaves();
        _before = host.DirectMap.Statistics;
    }

    internal ReplayResult Run(Action<long>? progress)
    {
        long done = 0;
        foreach (ref readonly RmpTraceEvent one in _plan.Trace.Events)
        {
            Cancellation.ThrowIfCancellationRequested();
            Apply(one);
            if (++done % ReportEvery == 0) progress?.Invoke(done);
        }

        progress?.Invoke(done);
        ReplayCounts counts = Counts(_guestPages, stale: 0, _outside, OwnedPages());
        return Result(counts with
        {
            Splits1G = counts.Splits1G - _before.Splits1G,
            Splits2M = counts.Splits2M - _before.Splits2M,
            Refused = _refused,
            FirstRefusedLine = _firstRefused,
        });
    }

    /// <inheritdoc/>
    ulong IPageStates.Next(ulong frame, ulong end, bool assigned)
    {
        while (frame < end && Host.Table.Lookup(Page(frame)).IsAssigned != assigned)
        {
            frame++;
        }

        return frame;
    }

    /// <inheritdoc/>
    bool IPageStates.IsAssignedAny(ulong frame) => !Host.Table.IsHypervisorOwned(Page(frame), PageSize.Size2M);

    /// <inheritdoc/>
    bool IPageStates.HasLargeEntry(ulong frame) => Host.Table.Lookup(Page(frame)) is { IsAssigned: true, Size: PageSize.Size2M };

    /// <inheritdoc/>
    void IPageStates.Update(ulong frame, ulong pages, in RmpUpdateOperand operand)
    {
        ulong step = operand.PageSize.Pages();
        for (ulong done = 0; done < pages; done += step)
        {
            ulong gpa = operand.Assigned ? operand.Gpa + (done << PageSize.Size4K.Shift()) : 0;
            bool isDone = Update(frame + done, operand with { Gpa = gpa });
            if (isDone && _isNew && operand.Assigned && operand.Asid != 0) _guestPages += (long)step;
        }
    }

    /// <inheritdoc/>
    void IPageStates.Smash(ulong frame) => _ = Smash(frame & ~(PagesPerRegion - 1));

    private void Apply(in RmpTraceEvent one)
    {
        switch (one.Kind)
        {
            case RmpTraceEventKind.Write or RmpTraceEventKind.Fault:
                for (ulong frame = one.Page.PageNumber; frame < one.Page.PageNumber + (ulong)one.Pages; frame++)
                {
                    if (Host.DirectMap.TryGetMapping(Page(frame), out _)) Write(frame, 1);
                    else _outside++;
                }

                return;
            case RmpTraceEventKind.Convert:
                _answers.Next = null;
                _isNew = one.IsNew;
                if (one.Operand.Assigned) PageStateChange.MakePrivate(this, one.Page.PageNumber, (ulong)one.Pages, one.Operand);
                else PageStateChange.MakeShared(this, one.Page.PageNumber, (ulong)one.Pages);
                return;
            case RmpTraceEventKind.RmpUpdate or RmpTraceEventKind.PSmash or RmpTraceEventKind.Unsmash:
                // an instruction for a page that is no RAM still has its answer, and touches no mapping
                if (!Host.DirectMap.TryGetMapping(one.Page, out _)) _outside++;
                if (Instruction(one) || !one.IsSuccess) return;
                _refused++;
                if (_firstRefused == 0) _firstRefused = one.Line;
                return;
        }
    }

    private bool Instruction(in RmpTraceEvent one)
    {
        if (one.Kind == RmpTraceEventKind.Unsmash) return one.IsSuccess && PageUnsmash.TryJoin(Host.Table, one.Page);
        _answers.Next = one.IsSuccess ? null : RmpResult.Fail(Status(one.Code));
        if (one.Kind == RmpTraceEventKind.PSmash) return Smash(one.Page.PageNumber);
        bool isDone = Update(one.Page.PageNumber, Plain(one.Operand));
        if (isDone && one.Operand.Assigned && one.Operand.Asid != 0) _guestPages += (long)one.Operand.PageSize.Pages();
        return isDone;
    }

    // Firmware takes Immutable away again when it launches or reclaims a page, which an older trace does not show. No write of the host
    // depends on the bit.
    private static RmpUpdateOperand Plain(in RmpUpdateOperand operand) => operand with { Immutable = false };

    private static RmpStatus Status(int code) => Enum.IsDefined((RmpStatus)code) && code is > 0 and <= byte.MaxValue
        ? (RmpStatus)code : RmpStatus.FailInput;

    private ulong OwnedPages()
    {
        ulong owned = 0;
        for (uint asid = 1; asid <= (uint)_plan.Processor.MaxAsid; asid++)
        {
            owned += Host.Table.AssignedPages(asid);
        }

        return owned;
    }
}
