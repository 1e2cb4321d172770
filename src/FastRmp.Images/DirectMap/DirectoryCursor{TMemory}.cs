using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp.Images;

/// <summary>Goes through the upper half of an address space directory by directory: each 1 GiB leaf, each PDE whether present or not, and
/// the end of each directory.</summary>
/// <remarks>
/// Unlike the stream of mappings it shows what is not mapped, and which entries point to the tables. A table that is on its own path is
/// not entered, so that tables which point at themselves end at once. Tables that the memory does not hold are counted and passed over.
/// Allocates nothing.
/// </remarks>
internal ref struct DirectoryCursor<TMemory>
    where TMemory : struct, IPhysicalMemory, allows ref struct
{
    private readonly PagingLevel _top;
    private readonly ulong _first;
    private readonly ulong _last;
    private readonly ulong _addressMask;
    private readonly bool _skipsRepeats;
    private readonly CancellationToken _cancellation;
    private TMemory _memory;
    private Stack _stack;
    private PagingLevel _level;

    /// <param name="memory">The memory.</param>
    /// <param name="location">Root, levels, C-bit.</param>
    /// <param name="first">First canonical address of the upper half to look at.</param>
    /// <param name="last">Last one.</param>
    /// <param name="skipsRepeats">Whether an entry is passed over that points to the same table as the one before it: no direct map maps
    /// memory twice in a row, and shadow memory of a debug kernel does so for terabytes.</param>
    /// <param name="cancellation">Looked at once a directory.</param>
    internal DirectoryCursor(
        TMemory memory, in DirectMapLocation location, ulong first, ulong last, bool skipsRepeats, CancellationToken cancellation)
    {
        _memory = memory;
        _top = location.Mode.TopLevel();
        _first = first;
        _last = last;
        _addressMask = PagingEntry.AddressMask & ~location.EncryptionMask;
        _skipsRepeats = skipsRepeats;
        _cancellation = cancellation;
        _level = _top;
        // index 0 of the top table, were its sign set: only the upper half is looked at
        ulong linear = ulong.MaxValue << _top.TableShift();
        _stack = default;
        _stack[(int)_top] = new Frame { Table = location.Root.Value & _addressMask, Linear = linear, Index = FirstIndex(linear, _top) };
    }

    /// <summary>Where the cursor is.</summary>
    internal DirectoryStep Step { get; private set; }

    /// <summary>The entry there.</summary>
    internal ulong Entry { get; private set; }

    /// <summary>The virtual address that the entry begins at.</summary>
    internal ulong Address { get; private set; }

    /// <summary>Whether a part of the directory, or of a page table below it, is absent.</summary>
    internal bool IsDirectoryCut { get; private set; }

    internal long AbsentTables { get; private set; }

    internal PhysicalAddress FirstAbsentEntry { get; private set; }

    /// <summary>The address of a page of some size in an entry, without the C-bit.</summary>
    internal readonly ulong PageOf(ulong entry, PageSize size) => entry & _addressMask & ~size.OffsetMask();

    /// <summary>The same for an entry that is not present, the way Linux writes it since L1TF: with the frame inverted, so that it points
    /// nowhere.</summary>
    internal readonly ulong InvertedPageOf(ulong entry, PageSize size) => ~entry & _addressMask & ~size.OffsetMask();

    /// <summary>Reads an entry of the page table at the cursor.</summary>
    internal bool TryReadEntry(int index, out ulong entry)
    {
        PhysicalAddress address = PhysicalAddress.Truncate((Entry & _addressMask) + ((ulong)index * PagingEntry.SizeInBytes));
        if (_memory.TryRead(address, out entry)) return true;
        CountAbsent(address);
        return false;
    }

    internal bool MoveNext()
    {
        while (true)
        {
            ref Frame frame = ref _stack[(int)_level];
            ulong linear = frame.Linear + ((ulong)frame.Index << _level.Shift());
            if (frame.Index >= PageArithmetic.EntriesPerTable || linear > _last)
            {
                if (_level == _top) return false;
                bool isDirectory = _level == PagingLevel.PageDirectory;
                if (isDirectory) Stand(DirectoryStep.End, frame.Entry, frame.Linear);
                _level++;
                if (isDirectory) return true;
                continue;
            }

            PhysicalAddress address = PhysicalAddress.Truncate(frame.Table + ((ulong)frame.Index * PagingEntry.SizeInBytes));
            frame.Index++;
            if (!_memory.TryRead(address, out ulong entry))
            {
                CountAbsent(address);
                frame.Index = PageArithmetic.EntriesPerTable;
                continue;
            }

            if (_level == PagingLevel.PageDirectory)
            {
                StandOnDirectoryEntry(ref frame, entry, linear);
                return true;
            }

            if ((entry & PagingEntry.PresentMask) == 0)
            {
                if (entry == 0 || _level != PagingLevel.PageDirectoryPointer) continue;
                Stand(DirectoryStep.GigabyteNotPresent, entry, linear);
                return true;
            }

            if (_level == PagingLevel.PageDirectoryPointer && (entry & PagingEntry.LargePageMask) != 0)
            {
                Stand(DirectoryStep.GigabyteLeaf, entry, linear);
                return true;
            }

            if (MayEnter(ref frame, entry)) Enter(entry, linear);
        }
    }

    private void StandOnDirectoryEntry(ref Frame frame, ulong entry, ulong linear)
    {
        DirectoryStep step = DirectoryStep.NotPresent;
        if ((entry & PagingEntry.PresentMask) != 0)
        {
            step = (entry & PagingEntry.LargePageMask) != 0 ? DirectoryStep.Leaf
                : MayEnter(ref frame, entry) ? DirectoryStep.Table
                : DirectoryStep.Loop;
        }

        Stand(step, entry, linear);
    }

    private void Stand(DirectoryStep step, ulong entry, ulong linear)
    {
        Step = step;
        Entry = entry;
        Address = linear;
    }

    private bool MayEnter(ref Frame frame, ulong entry)
    {
        ulong table = entry & _addressMask;
        bool isRepeated = _skipsRepeats && frame.HasEntered && frame.Entered == table;
        frame.HasEntered = true;
        frame.Entered = table;
        if (isRepeated) return false;
        for (PagingLevel level = _level; level <= _top; level++)
        {
            if (_stack[(int)level].Table == table) return false;
        }

        return true;
    }

    private void Enter(ulong entry, ulong linear)
    {
        _level--;
        if (_level == PagingLevel.PageDirectory)
        {
            _cancellation.ThrowIfCancellationRequested();
            IsDirectoryCut = false;
        }

        _stack[(int)_level] = new Frame
        {
            Table = entry & _addressMask,
            Entry = entry,
            Linear = linear,
            Index = FirstIndex(linear, _level),
        };
    }

    private void CountAbsent(PhysicalAddress address)
    {
        if (AbsentTables++ == 0) FirstAbsentEntry = address;
        if (_level == PagingLevel.PageDirectory) IsDirectoryCut = true;
    }

    private readonly int FirstIndex(ulong linear, PagingLevel level) =>
        _first <= linear ? 0 : (int)((_first - linear) >> level.Shift());

    private struct Frame
    {
        public ulong Table;
        public ulong Entry;
        public ulong Linear;
        public ulong Entered;
        public int Index;
        public bool HasEntered;
    }

    [InlineArray(6)]
    private struct Stack
    {
        private Frame _first;
    }
}
