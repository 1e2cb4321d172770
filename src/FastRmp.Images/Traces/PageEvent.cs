namespace FastRmp.Images;

/// <summary>One event of a page trace in 16 bytes: which block, what happened, and which task did it. Immutable.</summary>
public readonly record struct PageEvent
{
    private readonly uint _task;
    private readonly byte _order;
    private readonly byte _kind;
    private readonly byte _movable;

    internal PageEvent(PageEventKind kind, ulong frame, int order, int task, bool isMovable)
    {
        Frame = frame;
        _task = (uint)task;
        _order = (byte)order;
        _kind = (byte)kind;
        _movable = isMovable ? (byte)1 : (byte)0;
    }

    /// <summary>Number of the block's first 4 KiB page; <see cref="ulong.MaxValue"/> if an allocation failed and there is no
    /// block.</summary>
    public ulong Frame { get; }

    /// <summary>The block has 2^order pages.</summary>
    public int Order => _order;

    /// <summary>How many 4 KiB pages the block has.</summary>
    public ulong Pages => 1UL << _order;

    /// <summary>Allocation or release.</summary>
    public PageEventKind Kind => (PageEventKind)_kind;

    /// <summary>Index of the task's name in <see cref="PageTrace.Tasks"/>.</summary>
    public int Task => (int)_task;

    /// <summary>Whether it is an allocation with migratetype 1 (movable): what user memory and guest memory is.</summary>
    public bool IsMovable => _movable != 0;

    /// <summary>Whether there is a block at all.</summary>
    public bool HasBlock => Frame != ulong.MaxValue;
}
