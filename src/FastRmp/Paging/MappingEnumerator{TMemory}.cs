using System.Runtime.CompilerServices;
using FastRmp.Addressing;
using FastRmp.Layouts;
using FastRmp.Memory;

namespace FastRmp.Paging;

/// <summary>Lists the leaves of the paging structures in ascending order of index, as a forward-only stream that allocates nothing.</summary>
/// <typeparam name="TMemory">The memory that holds the paging structures.</typeparam>
/// <remarks>
/// Only the P bit (and PS) decides what is followed, as in QEMU's <c>info tlb</c>: rights and reserved bits are not judged. Tables that the memory
/// does not hold are counted and passed over. Levels bound the depth; a table that points at itself yields at most what its levels can hold.
/// </remarks>
public ref struct MappingEnumerator<TMemory>
    where TMemory : struct, IPhysicalMemory, allows ref struct
{
    private const int Entries = 512;

    private readonly PagingState _state;
    private readonly ulong _first;
    private readonly ulong _last;
    private TMemory _memory;
    private Stack _stack;
    private PagingLevel _level;
    private Mapping _current;

    /// <summary>Starts before the first leaf that touches a range.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="state">Root and levels.</param>
    /// <param name="first">First address of the range; bits above the mode's are ignored.</param>
    /// <param name="last">Last address of the range, inclusive; bits above the mode's are ignored. The range is one of indices: the lower half comes before the upper.</param>
    public MappingEnumerator(TMemory memory, in PagingState state, VirtualAddress first, VirtualAddress last)
    {
        _memory = memory;
        _state = state;
        ulong mask = LinearMask(state.Mode);
        _first = first.Value & mask;
        _last = last.Value & mask;
        _stack = default;
        _current = default;
        _level = state.TopLevel;
        _stack[(int)_level] = new Frame { Table = state.Root, Linear = 0, Index = FirstIndex(0, _level), All = ulong.MaxValue, Any = 0 };
        AbsentTables = 0;
        FirstAbsentEntry = default;
    }

    /// <summary>Starts before the first leaf of the whole address space.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="state">Root and levels.</param>
    public MappingEnumerator(TMemory memory, in PagingState state)
        : this(memory, state, default, new VirtualAddress(ulong.MaxValue))
    {
    }

    /// <summary>The leaf found last.</summary>
    public readonly Mapping Current => _current;

    /// <summary>How many tables could not be read because the memory does not hold them, whole or in part.</summary>
    public long AbsentTables { get; private set; }

    /// <summary>Where the first unreadable entry should stand.</summary>
    public PhysicalAddress FirstAbsentEntry { get; private set; }

    /// <summary>This enumerator, for <c>foreach</c>.</summary>
    /// <returns>A copy at the same position; <c>foreach</c> moves the copy, so who wants to know about absent tables calls <see cref="MoveNext"/> himself.</returns>
    public readonly MappingEnumerator<TMemory> GetEnumerator() => this;

    /// <summary>Goes to the next leaf.</summary>
    /// <returns>False after the last.</returns>
    public bool MoveNext()
    {
        while (true)
        {
            ref Frame frame = ref _stack[(int)_level];
            ulong linear = frame.Linear + ((ulong)frame.Index << _level.Shift());
            if (frame.Index >= Entries || linear > _last)
            {
                if (_level == _state.TopLevel) return false;
                _level++;
                continue;
            }

            PhysicalAddress address = PhysicalAddress.CreateUnchecked(frame.Table.Value + ((ulong)frame.Index * PagingEntry.SizeInBytes));
            frame.Index++;
            if (!_memory.TryRead(address, out ulong entry))
            {
                if (AbsentTables++ == 0) FirstAbsentEntry = address;
                frame.Index = Entries; // the rest of the table would be missing too, or is not worth a line each
                continue;
            }

            if ((entry & PagingEntry.PresentMask) == 0) continue;
            ulong all = frame.All & entry;
            ulong any = frame.Any | entry;
            if (PageWalker.IsLeaf(entry, _level))
            {
                _current = new Mapping(VirtualAddress.Truncate(linear, _state.Mode), new PagingEntry(entry), _level.LeafSize(), PageWalker.Rights(_state, all, any));
                return true;
            }

            _level--;
            _stack[(int)_level] = new Frame
            {
                Table = PhysicalAddress.CreateUnchecked(entry & PagingEntry.AddressMask),
                Linear = linear,
                Index = FirstIndex(linear, _level),
                All = all,
                Any = any,
            };
        }
    }

    private static ulong LinearMask(PagingMode mode) => (1UL << (mode.TopLevel().Shift() + 9)) - 1;

    private readonly int FirstIndex(ulong linear, PagingLevel level) =>
        _first <= linear ? 0 : (int)((_first - linear) >> level.Shift());

    private struct Frame
    {
        public PhysicalAddress Table;
        public ulong Linear;
        public ulong All;
        public ulong Any;
        public int Index;
    }

    [InlineArray(6)]
    private struct Stack
    {
        private Frame _first;
    }
}
