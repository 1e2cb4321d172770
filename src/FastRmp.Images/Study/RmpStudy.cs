using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp.Images.Study;

/// <summary>A trace of RMP instructions, applied to the maps of many policies. Which instructions take effect the model's own table
/// says.</summary>
/// <remarks>The rules are those of <see cref="TraceReplay"/>, which replays on a whole host; tests compare both.</remarks>
internal sealed class RmpStudy
{
    private const int ReportEvery = 16 * 1024;
    private const ulong PagesPerRegion = 512;

    private readonly RmpReplayPlan _plan;
    private readonly MapStudy _map;
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
            if (pages.Length == 0) continue;
            ulong end = Math.Min(((pages.End - 1) >> PageSize.Size2M.Shift()) + 1, (ulong)_map.Regions);
            for (ulong region = pages.Start.Value >> PageSize.Size2M.Shift(); region < end; region++)
            {
                _map.StartSmall((int)region);
            }
        }

        _start = Array.ConvertAll(_map.Runs.ToArray(), MapStudy.Leaves);
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
        using ReverseMapTable<ContiguousGeometry> table = ReplayHost.CreateTable(_plan.Ram, _plan.Processor, _plan.Trace.Name);
        using (RmpExecution execution = new(_plan, table, _refuses, cancellation: _cancellation))
        {
            foreach (ReadOnlySpan<RmpRecord> events in _plan.Trace.Blocks)
            {
                _cancellation.ThrowIfCancellationRequested();
                ReadOnlySpan<int> outcomes = execution.Next(events.Length);
                for (int index = 0; index < events.Length; index++)
                {
                    ref readonly RmpRecord one = ref events[index];
                    _record?.Write(one.ToEvent(_plan.Trace.Names));
                    _map.At(one.Nanoseconds != 0
                        ? (long)Math.Min(one.Nanoseconds, long.MaxValue / 2) : _map.Now + TraceStudy.UntimedNanoseconds);
                    Apply(one, outcomes[index], execution);
                }

                if ((done += events.Length) % ReportEvery < events.Length) progress?.Invoke(done);
            }
        }

        progress?.Invoke(done);
        ulong owned = 0;
        for (uint asid = 1; asid <= (uint)_plan.Processor.MaxAsid; asid++)
        {
            owned += table.AssignedPages(asid);
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

    private void Apply(in RmpRecord one, int outcome, RmpExecution execution)
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
                Convert(one, outcome, execution);
                return;
            case RmpTraceEventKind.RmpUpdate:
                Update(one.Page, one.Operand, (RmpOutcome)outcome, one.IsNew);
                bool isGuests = outcome == (int)RmpOutcome.Done && one.Operand.Assigned && one.Operand.Asid != 0;
                if (isGuests) _guestPages += (long)one.Operand.PageSize.Pages();
                Check(one, (RmpOutcome)outcome);
                return;
            case RmpTraceEventKind.PSmash:
                if (outcome == (int)RmpOutcome.Done) Smash(one.Page);
                Check(one, (RmpOutcome)outcome);
                return;
            case RmpTraceEventKind.Unsmash:
                if (outcome == (int)RmpOutcome.Done && RegionOf(one.Page, out int region)) _map.Unsmash(region);
                Check(one, (RmpOutcome)outcome);
                return;
        }
    }

    private void Check(in RmpRecord one, RmpOutcome outcome)
    {
        if (!RamRanges.Contain(_plan.Ram, one.Page)) _outside++;
        if (outcome == RmpOutcome.Done || !one.IsSuccess) return;
        _refused++;
        if (_firstRefused == 0) _firstRefused = one.Line;
    }

    private void Smash(PhysicalAddress page)
    {
        _smashes++;
        if (RegionOf(page, out int region)) _map.Smash(region);
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

    private void Convert(in RmpRecord one, int changes, RmpExecution execution)
    {
        for (; changes > 0; changes--)
        {
            RmpChange change = execution.NextChange();
            if (change.IsSmash)
            {
                if (change.Outcome == RmpOutcome.Done) Smash(change.Page);
                continue;
            }

            ulong step = change.Operand.PageSize.Pages();
            for (ulong done = 0; done < change.Pages; done += step)
            {
                PhysicalAddress page = PhysicalAddress.FromPageNumber(change.Page.PageNumber + done);
                Update(page, change.Operand, change.Outcome, one.IsNew);
            }

            bool isGuests = change.Operand.Assigned && change.Operand.Asid != 0;
            if (change.Outcome == RmpOutcome.Done && isGuests && one.IsNew) // back to private is no allocation
            {
                _guestPages += (long)change.Pages;
            }
        }
    }

    private void Update(PhysicalAddress address, in RmpUpdateOperand state, RmpOutcome outcome, bool isNew)
    {
        if (outcome == RmpOutcome.Refused) return;
        PageSize size = state.PageSize;
        bool isKnown = RegionOf(address, out int region);
        bool isGuest = state.Assigned && state.Asid != 0;
        if (isKnown && isNew && isGuest && size == PageSize.Size4K) _map.GuestAllocation(region);
        if (isKnown) _map.BeforeUpdate(region, size);
        if (outcome != RmpOutcome.Done) return;
        _updates++;
        if (isKnown) _map.Update(address.AlignDown(size).PageNumber, size.Pages(), size, state.Assigned);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool RegionOf(PhysicalAddress page, out int region)
    {
        ulong number = page.PageNumber / PageSize.Size2M.Pages();
        region = (int)Math.Min(number, int.MaxValue);
        return region < _map.Regions;
    }
}
