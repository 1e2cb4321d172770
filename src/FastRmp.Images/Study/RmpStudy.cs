using System;
using System.Collections.Generic;
using System.Threading;

namespace FastRmp.Images.Study;

/// <summary>A trace of RMP instructions, applied to the maps of many policies. Which instructions take effect the model's own table
/// says.</summary>
/// <remarks>The rules are those of <see cref="TraceReplay"/>, which replays on a whole host; tests compare both.</remarks>
internal sealed class RmpStudy : IDisposable
{
    private const int ReportEvery = 16 * 1024;

    private readonly RmpReplayPlan _plan;
    private readonly MapStudy _map;
    private readonly ReverseMapTable<ContiguousGeometry> _table;
    private readonly CancellationToken _cancellation;
    private readonly bool _refuses;
    private readonly LeafCounts[] _start;
    private long _guestPages;
    private long _hostWrites;
    private long _updates;
    private long _smashes;
    private long _outside;
    private long _refused;
    private long _firstRefused;

    internal RmpStudy(
        RmpReplayPlan plan, MapVariant[] policies, StudyCosts costs, bool refuses, StudyRecorder? recorder, CancellationToken cancellation)
    {
        _plan = plan;
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

    /// <summary>Whether what mainline demands of an update's page is so: RAM, and a 2 MiB page aligned with RAM at its end.</summary>
    internal static bool IsValid(ReadOnlySpan<PhysicalRange> ram, in RmpTraceEvent one)
    {
        PageSize size = one.Operand.PageSize;
        PhysicalAddress page = one.Page.AlignDown(PageSize.Size4K);
        return IsRam(ram, page) && (size == PageSize.Size4K || (page.AlignDown(size) == page && IsRam(ram, page + size.OffsetMask())));
    }

    /// <summary>Applies every event.</summary>
    /// <returns>A row for each policy.</returns>
    internal IReadOnlyList<StudyRow> Run(Action<long>? progress)
    {
        long done = 0;
        foreach (ref readonly RmpTraceEvent one in _plan.Trace.Events)
        {
            _cancellation.ThrowIfCancellationRequested();
            _map.At(one.Nanoseconds != 0
                ? (long)Math.Min(one.Nanoseconds, long.MaxValue / 2) : _map.Now + TraceStudy.UntimedNanoseconds);
            Apply(one);
            if (++done % ReportEvery == 0) progress?.Invoke(done);
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

    private static bool IsRam(ReadOnlySpan<PhysicalRange> ram, PhysicalAddress address)
    {
        foreach (PhysicalRange range in ram)
        {
            if (address.Value >= range.Start.Value && address.Value < range.End) return true;
        }

        return false;
    }

    private void Apply(in RmpTraceEvent one)
    {
        bool isInstruction = one.Kind is RmpTraceEventKind.RmpUpdate or RmpTraceEventKind.PSmash;
        if (!isInstruction && one.Kind is not (RmpTraceEventKind.Write or RmpTraceEventKind.Fault)) return;
        bool isRam = IsRam(_plan.Ram, one.Page);
        if (!isRam) _outside++;
        if (!isInstruction)
        {
            if (!isRam) return;
            _hostWrites++;
            _map.Write(one.Page.PageNumber, 1, isAllocation: false);
            return;
        }

        bool isDone = one.Kind == RmpTraceEventKind.PSmash ? Smash(one) : Update(one);
        if (isDone || !one.IsSuccess) return;
        _refused++;
        if (_firstRefused == 0) _firstRefused = one.Line;
    }

    private bool Smash(in RmpTraceEvent one)
    {
        PhysicalAddress page = PhysicalAddress.FromPageNumber(one.Page.PageNumber);
        if (!one.IsSuccess || !_table.PSmash(Processor, page).IsSuccess) return false;
        _smashes++;
        if (RegionOf(page, out int region)) _map.Smash(region);
        return true;
    }

    private bool Update(in RmpTraceEvent one)
    {
        if (_refuses && !IsValid(_plan.Ram, one)) return false;
        PhysicalAddress page = PhysicalAddress.FromPageNumber(one.Page.PageNumber);
        bool isKnown = RegionOf(page, out int region);
        PageSize size = one.Operand.PageSize;
        if (isKnown) _map.BeforeUpdate(region, size);

        // Firmware takes Immutable away again when it launches or reclaims a page, which an older trace does not show.
        RmpUpdateOperand operand = one.Operand with { Immutable = false };
        if (!one.IsSuccess || !_table.RmpUpdate(Processor, page, operand, RetryRule.Any, long.MaxValue, out _).IsSuccess) return false;
        _updates++;
        if (operand.Assigned && operand.Asid != 0) _guestPages += (long)size.Pages();
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
