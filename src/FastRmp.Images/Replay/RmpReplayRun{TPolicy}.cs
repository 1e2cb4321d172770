using System;
using System.Threading;
using FastRmp.DirectMap;

namespace FastRmp.Images;

/// <summary>One replay of an RMP trace: the same instructions with the same answers, on a host with another policy.</summary>
internal sealed class RmpReplayRun<TPolicy> : HostReplay<TPolicy>
    where TPolicy : struct, IDirectMapPolicy
{
    private readonly RmpReplayPlan _plan;
    private readonly RecordedAnswers _answers;
    private readonly DirectMapStatistics _before;
    private long _guestPages;
    private long _outside;
    private long _refused;
    private long _firstRefused;

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

    private void Apply(in RmpTraceEvent one)
    {
        bool isInstruction = one.Kind is RmpTraceEventKind.RmpUpdate or RmpTraceEventKind.PSmash;
        if (!isInstruction && one.Kind is not (RmpTraceEventKind.Write or RmpTraceEventKind.Fault)) return;
        if (!Host.DirectMap.TryGetMapping(one.Page, out _))
        {
            // an instruction for a page that is no RAM still has its answer, and touches no mapping
            _outside++;
            if (!isInstruction) return;
        }

        if (!isInstruction)
        {
            Write(one.Page.PageNumber, 1);
            return;
        }

        _answers.Next = one.IsSuccess ? null : RmpResult.Fail(Status(one.Code));
        bool isDone = one.Kind == RmpTraceEventKind.PSmash
            ? Smash(one.Page.PageNumber)
            : Update(one.Page.PageNumber, Plain(one.Operand));
        if (isDone && one.Kind == RmpTraceEventKind.RmpUpdate && one.Operand.Assigned && one.Operand.Asid != 0)
        {
            _guestPages += (long)one.Operand.PageSize.Pages();
        }

        if (isDone || !one.IsSuccess) return;
        _refused++;
        if (_firstRefused == 0) _firstRefused = one.Line;
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
