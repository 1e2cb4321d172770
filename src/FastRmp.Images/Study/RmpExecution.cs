using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

namespace FastRmp.Images.Study;

/// <summary>Executes the instructions of a trace on a table: on a thread of its own, some blocks ahead of the thread that takes what became
/// of them. That depends on the instructions before and on nothing that a direct map does.</summary>
/// <remarks>One thread takes and disposes. Nobody else uses the table until then. Nothing is allocated for a block.</remarks>
internal sealed class RmpExecution : IPageStates, IDisposable
{
    private const int BlockChunks = 16; // long beside what it costs to wake a thread
    private const int Blocks = 3;

    // Of fewer events, a thread costs more than it saves.
    private const int LeastAhead = 2 * Blocks * BlockChunks * RmpEventStore.ChunkEvents;

    private readonly RmpReplayPlan _plan;
    private readonly RmpEventStore _store;

    // Each thread unpacks for itself: events that one has just written cost the other more to fetch than to unpack.
    private readonly RmpRecord[] _events = new RmpRecord[RmpEventStore.ChunkEvents];

    // What the other thread has read costs more to write: each by itself, an instruction's locked operations would wait for that.
    private readonly int[] _outcomes = new int[RmpEventStore.ChunkEvents];
    private readonly ReverseMapTable<ContiguousGeometry> _table;
    private readonly bool _refuses;
    private readonly CancellationToken _cancellation;
    private readonly Block[] _blocks;
    private readonly SemaphoreSlim _free = new(Blocks);
    private readonly SemaphoreSlim _full = new(0);
    private readonly Task? _work;
    private volatile bool _isStopped;
    private List<RmpChange> _changes; // of the block that is being filled
    private int _firstChange; // of the conversion that is being executed
    private int _chunk;
    private int _next;
    private Block? _taken;
    private int _outcome;
    private int _change;

    /// <summary>Begins.</summary>
    /// <param name="plan">The trace and its machine.</param>
    /// <param name="table">Its RMP.</param>
    /// <param name="refuses">Whether updates of pages that are not RAM are refused before they are executed.</param>
    /// <param name="isAhead">Whether on a thread of its own; null to decide by the trace.</param>
    /// <param name="cancellation">Ends a wait for that thread.</param>
    internal RmpExecution(
        RmpReplayPlan plan, ReverseMapTable<ContiguousGeometry> table, bool refuses, bool? isAhead = null,
        CancellationToken cancellation = default)
    {
        _cancellation = cancellation;
        (_plan, _table, _refuses, _store) = (plan, table, refuses, plan.Trace.Store);
        bool hasThread = isAhead ?? (_store.Count >= LeastAhead && Environment.ProcessorCount > 1);
        _blocks = new Block[hasThread ? Blocks : 1];
        for (int index = 0; index < _blocks.Length; index++)
        {
            _blocks[index] = new Block((hasThread ? BlockChunks : 1) * RmpEventStore.ChunkEvents);
        }

        _changes = _blocks[0].Changes;
        if (hasThread) _work = Task.Factory.StartNew(Ahead, default, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>What became of the events of the trace's next block.</summary>
    /// <param name="events">How many events it has.</param>
    /// <returns>A number each: of an instruction its <see cref="RmpOutcome"/>, of a conversion how many of <see cref="NextChange"/> are its
    /// own. Valid until the next call.</returns>
    internal ReadOnlySpan<int> Next(int events)
    {
        if (_taken is null || _outcome == _taken.Count) _taken = NextBlock();
        int first = _outcome;
        _outcome += events;
        return _taken.Outcomes.AsSpan(first, events);
    }

    /// <summary>The next instructions that conversions of the present block consisted of.</summary>
    internal RmpChange NextChange() => _taken!.Changes[_change++];

    /// <inheritdoc/>
    public void Dispose()
    {
        _isStopped = true;
        if (_work is not null)
        {
            _free.Release();
            _ = Task.WaitAny(_work); // whatever it ended with
        }

        _free.Dispose();
        _full.Dispose();
    }

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
            PhysicalAddress page = PhysicalAddress.FromPageNumber(frame + done);
            Note(new RmpChange(page, step, next, IsSmash: false, Update(page, next, isExpected: true)));
        }
    }

    /// <inheritdoc/>
    void IPageStates.Smash(ulong frame)
    {
        PhysicalAddress region = PhysicalAddress.FromPageNumber(frame).AlignDown(PageSize.Size2M);
        _changes.Add(new RmpChange(region, 1, default, IsSmash: true, Smash(region, isExpected: true)));
    }

    // What is refused nobody takes.
    private void Note(in RmpChange change)
    {
        if (change.Outcome == RmpOutcome.Refused) return;
        if (_changes.Count > _firstChange)
        {
            ref RmpChange last = ref CollectionsMarshal.AsSpan(_changes)[^1];
            if (last.IsFollowedBy(change))
            {
                last = last with { Pages = last.Pages + change.Pages };
                return;
            }
        }

        _changes.Add(change);
    }

    private void Ahead()
    {
        int index = 0;
        try
        {
            for (; _chunk < _store.ChunkCount; index = (index + 1) % Blocks)
            {
                _free.Wait();
                if (_isStopped) return;
                Fill(_blocks[index]);
                _full.Release();
            }

            _free.Wait();
        }
        finally
        {
            _blocks[index].Count = 0; // the end, or a failure
            _full.Release();
        }
    }

    private Block NextBlock()
    {
        (_outcome, _change) = (0, 0);
        if (_work is null)
        {
            Fill(_blocks[0]);
            return _blocks[0];
        }

        if (_taken is not null) _free.Release();
        _full.Wait(_cancellation);
        Block next = _blocks[_next];
        _next = (_next + 1) % Blocks;
        if (next.Count == 0) _work.GetAwaiter().GetResult(); // says what failed
        return next;
    }

    private void Fill(Block block)
    {
        int count = 0;
        _changes = block.Changes;
        _changes.Clear();
        while (!_isStopped && _chunk < _store.ChunkCount && block.Outcomes.Length - count >= RmpEventStore.ChunkEvents)
        {
            ReadOnlySpan<RmpRecord> events = _events.AsSpan(0, _store.Unpack(_chunk++, _events));
            Span<int> outcomes = _outcomes.AsSpan(0, events.Length);
            for (int index = 0; index < outcomes.Length; index++)
            {
                outcomes[index] = Execute(events[index]);
            }

            outcomes.CopyTo(block.Outcomes.AsSpan(count));
            count += outcomes.Length;
        }

        block.Count = count;
    }

    private int Execute(in RmpRecord one)
    {
        switch (one.Kind)
        {
            case RmpTraceEventKind.RmpUpdate:
                return (int)Update(one.Page, one.Operand, one.IsSuccess);
            case RmpTraceEventKind.PSmash:
                return (int)Smash(PhysicalAddress.FromPageNumber(one.Page.PageNumber), one.IsSuccess);
            case RmpTraceEventKind.Unsmash:
                return (int)(one.IsSuccess && PageUnsmash.TryJoin(_table, one.Page) ? RmpOutcome.Done : RmpOutcome.Failed);
            case RmpTraceEventKind.Convert:
                _firstChange = _changes.Count;
                if (one.Operand.Assigned) PageStateChange.MakePrivate(this, one.Page.PageNumber, (ulong)one.Pages, one.Operand);
                else PageStateChange.MakeShared(this, one.Page.PageNumber, (ulong)one.Pages);
                return _changes.Count - _firstChange;
            default:
                return (int)RmpOutcome.Refused;
        }
    }

    private RmpOutcome Update(PhysicalAddress address, in RmpUpdateOperand state, bool isExpected)
    {
        if (_refuses && !RamRanges.Contain(_plan.Ram, address, state.PageSize)) return RmpOutcome.Refused;
        if (!isExpected) return RmpOutcome.Failed;

        // Firmware takes Immutable away again when it launches or reclaims a page, which an older trace does not show.
        if (state.Immutable) return Update(address, state with { Immutable = false }, isExpected);
        PhysicalAddress page = PhysicalAddress.FromPageNumber(address.PageNumber);
        return _table.RmpUpdate(Processor, page, state, RetryRule.Any, long.MaxValue, out _).IsSuccess ? RmpOutcome.Done
            : RmpOutcome.Failed;
    }

    private RmpOutcome Smash(PhysicalAddress page, bool isExpected) =>
        isExpected && _table.PSmash(Processor, page).IsSuccess ? RmpOutcome.Done : RmpOutcome.Failed;

    private static ExecutionState Processor => ExecutionState.Host with { SnpEnabled = true };

    /// <summary>What became of some chunks' events.</summary>
    private sealed class Block(int events)
    {
        internal int[] Outcomes { get; } = new int[events];

        internal List<RmpChange> Changes { get; } = [];

        internal int Count { get; set; }
    }
}
