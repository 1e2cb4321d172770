namespace FastRmp.Images;

/// <summary>One event of a page trace in 16 bytes: which block, what happened, and which task did it. Immutable.</summary>
public readonly record struct PageEvent
{
    // A packed event: 40 bits of frame, 5 of order, one of kind, one of migrate type, one if there is no block, 16 of task.
    private const int OrderShift = 40;
    private const int KindShift = 45;
    private const int MovableShift = 46;
    private const int NoBlockShift = 47;
    private const int TaskShift = 48;
    private const int OrderMask = 31;

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

    /// <summary>The same event of a task with another number.</summary>
    internal PageEvent Of(int task) => new(Kind, Frame, Order, task, IsMovable);

    /// <summary>Packs it into 8 bytes.</summary>
    /// <param name="packed">The event; never <see cref="ulong.MaxValue"/>.</param>
    /// <returns>Whether there is room for it: for every block up to an order of 30, and 2^16 tasks.</returns>
    internal bool TryPack(out ulong packed)
    {
        ulong frame = HasBlock ? Frame : 1UL << NoBlockShift;
        packed = frame | ((ulong)_order << OrderShift) | ((ulong)_kind << KindShift) | ((ulong)_movable << MovableShift)
            | ((ulong)_task << TaskShift);
        return (Frame >> OrderShift == 0 || !HasBlock) && _task >> (64 - TaskShift) == 0 && _order < OrderMask;
    }

    /// <summary>What was packed.</summary>
    internal static PageEvent Unpack(ulong packed) => new(
        (PageEventKind)((packed >> KindShift) & 1), packed & ((1UL << OrderShift) - 1) | (0 - (packed >> NoBlockShift & 1)),
        (int)(packed >> OrderShift) & OrderMask, (int)(packed >> TaskShift), (packed >> MovableShift & 1) != 0);
}
