using System.Threading;
using FastRmp.DirectMap;
using FastRmp.Paging;

namespace FastRmp.Images;

/// <summary>What every replay does to its host, counted.</summary>
internal abstract class HostReplay<TPolicy>
    where TPolicy : struct, IDirectMapPolicy
{
    /// <summary>4 KiB pages of 2 MiB.</summary>
    protected const ulong PagesPerRegion = PageArithmetic.EntriesPerTable;

    /// <summary>Events between two reports of progress.</summary>
    protected const int ReportEvery = 16 * 1024;

    private long _hostWrites;
    private long _updates;
    private long _smashes;
    private long _violations;
    private long _handled;
    private long _fatal;

    /// <summary>Takes a new host.</summary>
    protected HostReplay(SnpHost<ContiguousGeometry, TPolicy> host, CancellationToken cancellation)
    {
        Host = host;
        Cancellation = cancellation;
        Start = Leaves();
    }

    /// <summary>The host.</summary>
    protected SnpHost<ContiguousGeometry, TPolicy> Host { get; }

    /// <summary>Ends the replay early.</summary>
    protected CancellationToken Cancellation { get; }

    /// <summary>The direct map's leaves before the first event.</summary>
    protected LeafCounts Start { get; set; }

    /// <summary>Writes pages as the kernel does, and handles its faults.</summary>
    protected void Write(ulong first, ulong pages)
    {
        for (ulong frame = first; frame < first + pages; frame++)
        {
            if (frame % PagesPerRegion == 0) Cancellation.ThrowIfCancellationRequested();
            _hostWrites++;
            PhysicalAddress page = Page(frame);
            WalkResult write = Host.Access(page, AccessKind.Write);
            if (write.Status == WalkStatus.RmpViolation) HandleViolation(page, write);
        }
    }

    /// <summary>RMPUPDATE of a page.</summary>
    /// <returns>Whether it took effect.</returns>
    protected bool Update(ulong frame, in RmpUpdateOperand operand)
    {
        bool isDone = Host.RmpUpdate(Page(frame), operand).IsDone;
        if (isDone) _updates++;
        return isDone;
    }

    /// <summary>PSMASH of a region.</summary>
    /// <returns>Whether it took effect.</returns>
    protected bool Smash(ulong frame)
    {
        bool isDone = Host.PSmash(Page(frame)).IsSuccess;
        if (isDone) _smashes++;
        return isDone;
    }

    /// <summary>What was counted here; the rest is the caller's to add.</summary>
    protected ReplayCounts Counts(long guestPages, long stale, long outside, ulong owned)
    {
        DirectMapStatistics map = Host.DirectMap.Statistics;
        return new ReplayCounts
        {
            GuestPages = guestPages,
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
            Stale = stale,
            Outside = outside,
            OwnedAtEnd = (long)owned,
        };
    }

    /// <summary>The outcome.</summary>
    protected ReplayResult Result(ReplayCounts counts) =>
        new(TPolicy.Name, counts, Start, Leaves(), Host.DirectMap.Statistics.Peak4K) { Map = Host.DirectMap.Statistics };

    /// <summary>The direct map's leaves now.</summary>
    protected LeafCounts Leaves()
    {
        DirectMapStatistics map = Host.DirectMap.Statistics;
        return new LeafCounts(map.Leaves1G, map.Leaves2M, map.Leaves4K);
    }

    /// <summary>The address of a page.</summary>
    protected static PhysicalAddress Page(ulong frame) => PhysicalAddress.FromPageNumber(frame);

    private void HandleViolation(PhysicalAddress page, in WalkResult write)
    {
        _violations++;
        FaultOutcome outcome = Host.HandlePageFault(Host.DirectMap.ToVirtual(page), new PageFaultErrorCode(write.ErrorCode));
        bool repeats = outcome is FaultOutcome.Split or FaultOutcome.Spurious;
        if (repeats && Host.Access(page, AccessKind.Write).IsMapped)
        {
            _handled++;
        }
        else
        {
            _fatal++;
        }
    }
}
