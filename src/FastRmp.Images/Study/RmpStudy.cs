using System;
using System.Collections.Generic;
using System.Threading;

namespace FastRmp.Images.Study;

/// <summary>A trace of RMP instructions, applied to the maps of many policies. Which instructions take effect the model's own table
/// says.</summary>
/// <remarks>The rules are those of <see cref="TraceReplay"/>, which replays on a whole host; tests compare both.</remarks>
internal sealed class RmpStudy : IDisposable, IPageStates
{
    private const int ReportEvery = 16 * 1024;
    private const ulong PagesPerRegion = 512;

    private readonly RmpReplayPlan _plan;
    private readonly MapStudy _map;
    private readonly ReverseMapTable<ContiguousGeometry> _table;
    private readonly CancellationToken _cancellation;
    private readonly bool _refuses;
    private readonly RmpTraceWriter? _record;
    private readonly LeafCounts[] _start;
    private long _guestPages;
    private long _hostWrites;
    private long _updates;
    private long _smashes;
    private long _outside;
    private long _refused;
    private long _firstRefused;
    private bool _isNew;

    internal RmpStudy(
        RmpReplayPlan plan, MapVariant[] policies, StudyCosts costs, bool refuses, StudyRecorder? recorder, RmpTraceWriter? record,
        CancellationToken cancellation)
    {
        _plan = plan;
        _record = record;
        _cancellation = cancellation;
        _refuses = refuses;
        MapStudy.RequireRoom(plan.Ram, plan.Trace.Name);
        _map = new MapStudy(plan.Ram, plan.Processor.HasGigabytePages, policies, costs, recorder);
        foreach (PhysicalRange range in plan.Trace.Mapped4K)
        {
            PhysicalRange pages = range.WholePages();
            for (ulong page = pages.Start.Value; page < pages.End; page += PageSize.Size4K.Bytes())
            {
                ulong region = page >> PageSize.Size2M.Shift();
                if (region < (ulong)_map.Regions) _map.StartSmall((int)region);
            }
        }

        _start = Array.ConvertAll(_map.Runs.ToArray(), MapStudy.Leaves);
        _table = ReplayHost.CreateTable(plan.Ram, plan.Processor, plan.Trace.Name);
    }

    internal OptimumResult Best => _map.Best;

    internal PolicyHistory[]? Histories => _map.Histories;

    internal long OwnedPeak => _map.OwnedPeak;

    /// <summary>Applies every event.</summary>
    /// <returns>A row for each policy.</returns>
    internal IReadOnlyList<StudyRow> Run(Action<long>? progress)
    {
        long done = 0;
        _record?.Head(_plan.Processor, _plan.Ram, _plan.Trace.Mapped4K);
        foreach (ReadOnlySpan<RmpRecord> block in _plan.Trace.Blocks)
        {
            foreach (ref readonly RmpRecord one in block)
            {
                _record?.Write(one.ToEvent(_plan.Trace.Names));
                _cancellation.ThrowIfCancellationRequested();
                _map.At(one.Nanoseconds != 0
                    ? (long)Math.Min(one.Nanoseconds, long.MaxValue / 2) : _map.Now + TraceStudy.UntimedNanoseconds);
                Apply(one);
                if (++done % ReportEvery == 0) progress?.Invoke(done);
            }
        }

        progress?.Invoke(done);
        ulong owned = 0;
        for (uint asid = 1; asid <= (uint)_plan.Processor.MaxAsid; asid++)
        {
            owned += _table.AssignedPages(asid);
        }

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
            Stale = 0,
            Outside = _outside,
            OwnedAtEnd = (long)owned,
            Refused = _refused,
            FirstRefusedLine = _firstRefused,
        };
        StudyRow[] rows = new StudyRow[_start.Length];
        for (int index = 0; index < rows.Length; index++)
        {
            rows[index] = _map.Row(_map.Runs[index], _start[index], shared);
        }

        return rows;
    }

    /// <inheritdoc/>
    public void Dispose() => _table.Dispose();

    /// <inheritdoc/>
    ulong IPageStates.Next(ulong frame, ulong end, bool assigned)
    {
        while (frame < end && _table.Lookup(PhysicalAddress.FromPageNumber(frame)).IsAssigned != assigned)
        {
            frame++;
        }

        return frame;
    }

    /// <inheritdoc/>
    bool IPageStates.IsAssignedAny(ulong frame) =>
        !_table.IsHypervisorOwned(PhysicalAddress.FromPageNumber(frame), PageSize.Size2M);

    /// <inheritdoc/>
    bool IPageStates.HasLargeEntry(ulong frame) =>
        _table.Lookup(PhysicalAddress.FromPageNumber(frame)) is { IsAssigned: true, Size: PageSize.Size2M };

    /// <inheritdoc/>
    void IPageStates.Update(ulong frame, ulong pages, in RmpUpdateOperand operand)
    {
        ulong step = operand.PageSize.Pages();
        for (ulong done = 0; done < pages; done += step)
        {
            RmpUpdateOperand next = operand.Assigned
                ? operand with { Gpa = operand.Gpa + (done << PageSize.Size4K.Shift()) } : operand;
            bool isDone = Update(PhysicalAddress.FromPageNumber(frame + done), next, isExpected: true, isNew: _isNew);
            if (isDone && _isNew && operand.Assigned && operand.Asid != 0) _guestPages += (long)step; // back to private is no allocation
        }
    }

    /// <inheritdoc/>
    void IPageStates.Smash(ulong frame) => _ = Smash(PhysicalAddress.FromPageNumber(frame & ~(PagesPerRegion - 1)), isExpected: true);

    private void Apply(in RmpRecord one)
    {
        switch (one.Kind)
        {
            case RmpTraceEventKind.Write or RmpTraceEventKind.Fault:
                Write(one);
                return;
            case RmpTraceEventKind.Read:
                Read(one);
                return;
            case RmpTraceEventKind.Convert:
                Convert(one);
                return;
            case RmpTraceEventKind.RmpUpdate or RmpTraceEventKind.PSmash or RmpTraceEventKind.Unsmash:
                if (!RamRanges.Contain(_plan.Ram, one.Page)) _outside++;
                if (Instruction(one) || !one.IsSuccess) return;
                _refused++;
                if (_firstRefused == 0) _firstRefused = one.Line;
                return;
        }
    }

    private bool Instruction(in RmpRecord one) => one.Kind switch
    {
        RmpTraceEventKind.RmpUpdate => Update(one.Page, one.Operand, one.IsSuccess, one.IsNew) && Counted(one),
        RmpTraceEventKind.PSmash => Smash(one.Page, one.IsSuccess),
        _ => Unsmash(one),
    };

    private bool Counted(in RmpRecord one)
    {
        if (one.Operand.Assigned && one.Operand.Asid != 0) _guestPages += (long)one.Operand.PageSize.Pages();
        return true;
    }

    private void Write(in RmpRecord one)
    {
        ulong end = one.Page.PageNumber + (ulong)one.Pages;
        ulong next;
        for (ulong frame = one.Page.PageNumber; frame < end; frame = next)
        {
            next = Math.Min((frame & ~(PagesPerRegion - 1)) + PagesPerRegion, end);
            ulong region = frame / PagesPerRegion;
            if (region < (ulong)_map.Regions && _map.IsWhole((int)region))
            {
                _hostWrites += (long)(next - frame);
                _map.Write(frame, next - frame, one.IsNew);
                continue;
            }

            for (ulong page = frame; page < next; page++)
            {
                if (!RamRanges.Contain(_plan.Ram, PhysicalAddress.FromPageNumber(page)))
                {
                    _outside++;
                    continue;
                }

                _hostWrites++;
                _map.Write(page, 1, one.IsNew);
            }
        }
    }

    private void Read(in RmpRecord one)
    {
        ulong end = one.Page.PageNumber + (ulong)one.Pages;
        ulong next;
        for (ulong frame = one.Page.PageNumber; frame < end; frame = next)
        {
            next = Math.Min((frame & ~(PagesPerRegion - 1)) + PagesPerRegion, end);
            ulong region = frame / PagesPerRegion;
            if (region < (ulong)_map.Regions && _map.IsWhole((int)region)) _map.Read(frame, next - frame);
        }
    }

    private void Convert(in RmpRecord one)
    {
        _isNew = one.IsNew;
        if (one.Operand.Assigned) PageStateChange.MakePrivate(this, one.Page.PageNumber, (ulong)one.Pages, one.Operand);
        else PageStateChange.MakeShared(this, one.Page.PageNumber, (ulong)one.Pages);
    }

    private bool Smash(PhysicalAddress address, bool isExpected)
    {
        PhysicalAddress page = PhysicalAddress.FromPageNumber(address.PageNumber);
        if (!isExpected || !_table.PSmash(Processor, page).IsSuccess) return false;
        _smashes++;
        if (RegionOf(page, out int region)) _map.Smash(region);
        return true;
    }

    private bool Unsmash(in RmpRecord one)
    {
        if (!one.IsSuccess || !PageUnsmash.TryJoin(_table, one.Page)) return false;
        if (RegionOf(one.Page, out int region)) _map.Unsmash(region);
        return true;
    }

    private bool Update(PhysicalAddress address, in RmpUpdateOperand state, bool isExpected, bool isNew)
    {
        PageSize size = state.PageSize;
        if (_refuses && !RamRanges.Contain(_plan.Ram, address, size)) return false;
        PhysicalAddress page = PhysicalAddress.FromPageNumber(address.PageNumber);
        bool isKnown = RegionOf(page, out int region);
        bool isGuest = state.Assigned && state.Asid != 0;
        if (isKnown && isNew && isGuest && size == PageSize.Size4K) _map.GuestAllocation(region);
        if (isKnown) _map.BeforeUpdate(region, size);

        // Firmware takes Immutable away again when it launches or reclaims a page, which an older trace does not show.
        RmpUpdateOperand operand = state with { Immutable = false };
        if (!isExpected || !_table.RmpUpdate(Processor, page, operand, RetryRule.Any, long.MaxValue, out _).IsSuccess) return false;
        _updates++;
        if (isKnown) _map.Update(page.AlignDown(size).PageNumber, size.Pages(), size, operand.Assigned);
        return true;
    }

    private bool RegionOf(PhysicalAddress page, out int region)
    {
        ulong number = page.PageNumber / PageSize.Size2M.Pages();
        region = (int)Math.Min(number, int.MaxValue);
        return region < _map.Regions;
    }

    private static ExecutionState Processor => ExecutionState.Host with { SnpEnabled = true };
}
