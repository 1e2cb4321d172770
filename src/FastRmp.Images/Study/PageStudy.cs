using System;
using System.Collections.Generic;
using System.Threading;

namespace FastRmp.Images.Study;

/// <summary>A page allocator's trace, applied to the maps of many policies: guests own what they allocate, the host writes what it
/// allocates.</summary>
/// <remarks>The rules are those of <see cref="TraceReplay"/>, which replays on a whole host; tests compare both.</remarks>
internal sealed class PageStudy : IConversionHost
{
    private const ulong PagesPerRegion = 512;
    private const int ReportEvery = 16 * 1024;
    private const string AllocationClass = "allocation";

    private readonly ReplayPlan _plan;
    private readonly MapStudy _map;
    private readonly CancellationToken _cancellation;
    private readonly bool _refuses;
    private readonly RmpTraceWriter? _record;
    private readonly Conversions? _conversions;
    private readonly LeafCounts[] _start;
    private readonly ulong[] _nextGpa;
    private long _guestPages;
    private long _hostWrites;
    private long _updates;
    private long _smashes;
    private long _stale;
    private long _outside;
    private bool _isNew;
    private bool _isStale;

    internal PageStudy(
        ReplayPlan plan, MapVariant[] policies, StudyCosts costs, bool refuses, StudyRecorder? recorder, StudyExtras? extras,
        CancellationToken cancellation)
    {
        _plan = plan;
        _cancellation = cancellation;
        MapStudy.RequireRoom(plan.Ram, plan.Trace.Name);
        _map = new MapStudy(plan.Ram, plan.Options.Processor.HasGigabytePages, policies, costs, recorder);

        // with one range of RAM no page of a block is outside, if its ends are not
        _refuses = refuses && plan.Ram.Length > 1;
        _record = extras?.Record;
        if (extras?.Conversions is { } model) _conversions = new Conversions(model, this, isExact: plan.Generator is not null);
        _start = Array.ConvertAll(_map.Runs.ToArray(), MapStudy.Leaves);
        _nextGpa = new ulong[plan.Guests + 1];
    }

    internal OptimumResult Best => _map.Best;

    internal PolicyHistory[]? Histories => _map.Histories;

    internal ConversionCounts? Converted => _conversions?.Counts;

    internal long Allocations { get; private set; }

    internal long Releases { get; private set; }

    internal long OwnedPeak => _map.OwnedPeak;

    /// <summary>Applies every event.</summary>
    /// <returns>A row for each policy.</returns>
    internal IReadOnlyList<StudyRow> Run(Action<long>? progress)
    {
        _record?.Head(_plan.Options.Processor, _plan.Ram, []);
        long done = 0;
        if (_plan.Generator is { } model)
        {
            PageEventGenerator generator = new(model);
            while (generator.TryNext(out PageEvent one, out ulong time))
            {
                Step(one, time, ref done, progress, (long)time);
            }
        }

        PageEventBlocks blocks = _plan.Trace.Blocks;
        while (blocks.MoveNext())
        {
            ReadOnlySpan<PageEvent> events = blocks.Current;
            ReadOnlySpan<ulong> times = blocks.Times;
            for (int i = 0; i < events.Length; i++)
            {
                Step(events[i], times[i], ref done, progress, done);
            }
        }

        if (_plan.Generator is null) progress?.Invoke(done);
        if (_record is not null && done != 0) Mark("end"); // releases of the host's own pages are no event of an RMP trace
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

    /// <inheritdoc/>
    void IConversionHost.At(long nanoseconds) => _map.At(nanoseconds);

    /// <inheritdoc/>
    void IConversionHost.MakePrivate(uint owner, ulong frame, ulong pages, ulong gpa, bool mayBeLarge, bool isNew)
    {
        if (isNew) _guestPages += (long)pages;
        MakePrivate(owner, frame, pages, gpa, mayBeLarge, isNew);
    }

    /// <inheritdoc/>
    void IConversionHost.MakeShared(ulong frame, ulong pages) => PageStateChange.MakeShared(new States(this), frame, pages);

    /// <inheritdoc/>
    void IConversionHost.SmashRegion(ulong frame)
    {
        if (_map.HasLargeEntry((int)(frame / PagesPerRegion))) Smash(frame);
    }

    /// <inheritdoc/>
    void IConversionHost.HostWrite(ulong frame, ulong pages, string kind) => Write(frame, pages, isAllocation: false, kind);

    private void Update(ulong frame, ulong pages, in RmpUpdateOperand operand)
    {
        PageSize size = operand.PageSize;
        if (_isStale) _stale += (long)pages;
        if (_isNew && operand.Assigned && size == PageSize.Size4K) _map.GuestAllocation((int)(frame / PagesPerRegion));
        if (_record is not null) Record(frame, pages, operand);
        if (!_refuses)
        {
            _map.Update(frame, pages, size, operand.Assigned);
            _updates += size == PageSize.Size2M ? 1 : (long)pages;
            return;
        }

        ulong step = size.Pages();
        for (ulong page = frame; page < frame + pages; page += step)
        {
            if (!_plan.IsRam(page) || !_plan.IsRam(page + step - 1)) continue;
            _map.Update(page, step, size, operand.Assigned);
            _updates++;
        }
    }

    private void Smash(ulong frame)
    {
        _map.Smash((int)(frame / PagesPerRegion));
        _smashes++;
        if (_record is null) return;
        Record(new RmpTraceEvent
        {
            Kind = RmpTraceEventKind.PSmash,
            Page = PhysicalAddress.FromPageNumber(frame & ~(PagesPerRegion - 1)),
        });
    }

    private void Step(in PageEvent one, ulong time, ref long done, Action<long>? progress, long reported)
    {
        _cancellation.ThrowIfCancellationRequested();
        long now = time != 0 ? (long)Math.Min(time, long.MaxValue / 2) : _map.Now + TraceStudy.UntimedNanoseconds;
        _conversions?.Until(now);
        _map.At(now);
        if (done == 0 && _record is not null) Mark("start");
        if (one.Kind == PageEventKind.Allocation) Allocations++;
        else Releases++;
        Apply(one);
        if (++done % ReportEvery == 0) progress?.Invoke(reported);
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
        _conversions?.Freed(one.Frame, one.Pages);
        if (!allocates) return;
        if (!_plan.IsGuestAllocation(one))
        {
            if (one.Order == 0 && _conversions is not null && _conversions.TakesVmsa(_plan.Asid(one.Task), one.Frame)) return;
            Write(one.Frame, one.Pages, isAllocation: true, AllocationClass);
            return;
        }

        uint asid = _plan.Asid(one.Task);
        bool isLarge = _plan.Options.LargeEntries && one.Pages >= PagesPerRegion && one.Frame % PagesPerRegion == 0;
        ulong mask = (isLarge ? PageSize.Size2M : PageSize.Size4K).OffsetMask();
        ulong gpa = (_nextGpa[asid] + mask) & ~mask;
        _nextGpa[asid] = gpa + (one.Pages << PageSize.Size4K.Shift());
        if (_conversions is not null)
        {
            _conversions.Allocated(asid, one.Frame, one.Pages, gpa, isLarge);
            return;
        }

        _guestPages += (long)one.Pages;
        MakePrivate(asid, one.Frame, one.Pages, gpa, isLarge, isNew: true);
    }

    private void MakePrivate(uint asid, ulong frame, ulong pages, ulong gpa, bool mayBeLarge, bool isNew)
    {
        RmpUpdateOperand operand = new()
        {
            Assigned = true,
            PageSize = mayBeLarge ? PageSize.Size2M : PageSize.Size4K,
            Asid = asid,
            Gpa = gpa,
        };
        _isNew = isNew;
        PageStateChange.MakePrivate(new States(this), frame, pages, operand);
        _isNew = false;
    }

    private void Write(ulong first, ulong pages, bool isAllocation, string kind)
    {
        _hostWrites += (long)pages;
        if (isAllocation) _conversions?.Counts.Wrote(kind, pages);
        ulong end = first + pages;
        ulong next;
        for (ulong frame = first; frame < end; frame = next)
        {
            next = Math.Min((frame & ~(PagesPerRegion - 1)) + PagesPerRegion, end);
            if (_map.IsWhole((int)(frame / PagesPerRegion)))
            {
                WriteMapped(frame, next - frame, isAllocation, kind);
                continue;
            }

            // What is not RAM is not mapped: no write goes there.
            for (ulong page = frame; page < next; page++)
            {
                if (_plan.IsRam(page)) WriteMapped(page, 1, isAllocation, kind);
            }
        }
    }

    private void WriteMapped(ulong frame, ulong pages, bool isAllocation, string kind)
    {
        _map.Write(frame, pages, isAllocation);
        if (_record is null) return;
        Record(new RmpTraceEvent
        {
            Kind = RmpTraceEventKind.Write,
            Page = PhysicalAddress.FromPageNumber(frame),
            Pages = (int)pages,
            IsNew = isAllocation,
            Command = isAllocation ? null : kind,
            Code = RmpTraceEvent.NoCode,
        });
    }

    private void ReleaseOwned(ulong first, ulong pages, bool isStale)
    {
        if (isStale)
        {
            // its release is missing: it went page by page
            for (ulong frame = first & ~(PagesPerRegion - 1); frame < first + pages; frame += PagesPerRegion)
            {
                if (_map.IsOwnedAny((int)(frame / PagesPerRegion))) ((IConversionHost)this).SmashRegion(frame);
            }
        }

        _isStale = isStale;
        PageStateChange.MakeShared(new States(this), first, pages);
        _isStale = false;
    }

    // One instruction is its line; several are one conversion.
    private void Record(ulong frame, ulong pages, in RmpUpdateOperand operand)
    {
        bool isOne = pages == operand.PageSize.Pages() && (!operand.Assigned || _isNew);
        Record(new RmpTraceEvent
        {
            Kind = isOne ? RmpTraceEventKind.RmpUpdate : RmpTraceEventKind.Convert,
            Page = PhysicalAddress.FromPageNumber(frame),
            Pages = isOne ? 1 : (int)pages,
            Operand = operand,
            IsNew = _isNew,
            Code = isOne ? 0 : RmpTraceEvent.NoCode,
        });
    }

    private void Mark(string name) =>
        Record(new RmpTraceEvent { Kind = RmpTraceEventKind.Mark, Command = name, Code = RmpTraceEvent.NoCode });

    private void Record(in RmpTraceEvent one) =>
        _record!.Write(one with { Nanoseconds = (ulong)_map.Now, Processor = RmpTraceEvent.NoProcessor });

    /// <summary>The pages, as a type of its own for which the compiler makes code of its own.</summary>
    private readonly struct States(PageStudy study) : IPageStates
    {
        public ulong Next(ulong frame, ulong end, bool assigned) => study._map.Next(frame, end, assigned);

        public bool IsAssignedAny(ulong frame) => study._map.IsOwnedAny((int)(frame / PagesPerRegion));

        public bool HasLargeEntry(ulong frame) => study._map.HasLargeEntry((int)(frame / PagesPerRegion));

        public void Update(ulong frame, ulong pages, in RmpUpdateOperand operand) => study.Update(frame, pages, operand);

        public void Smash(ulong frame) => study.Smash(frame);
    }
}
