using System;
using System.Runtime.CompilerServices;
using FastRmp.Addressing;
using FastRmp.Layouts;
using FastRmp.Memory;

namespace FastRmp.Paging;

/// <summary>Lists the leaves of the paging structures in ascending order of index, as a forward-only stream that allocates nothing.</summary>
/// <typeparam name="TMemory">The memory that holds the paging structures.</typeparam>
/// <remarks>
/// <para>Only the P bit (and PS) decides what is followed, as in QEMU's <c>info tlb</c>: rights and reserved bits are not judged. Tables that the memory
/// does not hold are counted and passed over.</para>
/// <para>Levels bound the depth, and nothing else bounds the stream: one table whose 512 entries all point at itself holds 512^4 leaves, which would
/// take minutes to hours. Who lists tables that he does not trust counts the leaves, or looks at a clock, and stops calling <see cref="MoveNext"/>.</para>
/// </remarks>
public ref struct MappingEnumerator<TMemory>
    where TMemory : struct, IPhysicalMemory, allows ref struct
{
    private const int Entries = 512;

    private readonly PagingState _state;
    private readonly ulong _first;
    private readonly ulong _last;
    private TMemory _memory;
    private Stack _above;
    private Frame _here;
    private ulong _entry;
    private int _leaves; // where the entries of _here end if it is a page table; 0 if not: all that MoveNext has to compare with
    private PagingLevel _level;

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
        _above = default;
        _entry = 0;
        _leaves = 0;
        _level = state.TopLevel;
        _here = default;
        AbsentTables = 0;
        FirstAbsentEntry = default;
        _here = TableAt(state.Root, 0, ulong.MaxValue, 0);
    }

    /// <summary>Starts before the first leaf of the whole address space.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="state">Root and levels.</param>
    public MappingEnumerator(TMemory memory, in PagingState state)
        : this(memory, state, default, new VirtualAddress(ulong.MaxValue))
    {
    }

    /// <summary>The leaf found last; without meaning before the first <see cref="MoveNext"/> and after the last.</summary>
    public readonly Mapping Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => MappingOf(_here, _here.Index - 1, _entry, _level);
    }

    /// <summary>How many tables could not be read because the memory does not hold them, whole or in part.</summary>
    public long AbsentTables { get; private set; }

    /// <summary>Where the first unreadable entry should stand.</summary>
    public PhysicalAddress FirstAbsentEntry { get; private set; }

    /// <summary>This enumerator, for <c>foreach</c>.</summary>
    /// <returns>A copy at the same position; <c>foreach</c> moves the copy, so who wants to know about absent tables calls <see cref="MoveNext"/> himself.</returns>
    public readonly MappingEnumerator<TMemory> GetEnumerator() => this;

    /// <summary>Goes to the next leaf.</summary>
    /// <returns>False after the last.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MoveNext()
    {
        int index = _here.Index;
        if (index >= _leaves || !_memory.TryRead(EntryOf(_here, index), out ulong entry) || (entry & PagingEntry.PresentMask) == 0) return MoveOn();
        _here.Index = index + 1;
        _entry = entry;
        return true;
    }

    /// <summary>Takes the next leaves, as many as there is room for: faster than one by one.</summary>
    /// <param name="mappings">Receives the leaves; what is behind the last one is left alone.</param>
    /// <returns>How many there were; fewer than there is room for only at the end, 0 after the last (or if there is no room).</returns>
    /// <remarks>It may be mixed with <see cref="MoveNext"/>; <see cref="Current"/> is then the last leaf taken.</remarks>
    public int Read(Span<Mapping> mappings)
    {
        int count = 0;
        while (count < mappings.Length && MoveNext())
        {
            mappings[count++] = Current;
            if (_leaves != 0) count += ReadTable(mappings[count..]);
        }

        return count;
    }

    /// <summary>The leaves of the page table at hand up to its end or the first entry that needs a closer look.</summary>
    private int ReadTable(scoped Span<Mapping> mappings)
    {
        Frame table = _here;
        int room = Math.Min(mappings.Length, _leaves - table.Index);
        int count = 0;
        ulong last = _entry;
        for (; count < room; count++)
        {
            if (!_memory.TryRead(EntryOf(table, table.Index + count), out ulong entry) || (entry & PagingEntry.PresentMask) == 0) break;
            mappings[count] = MappingOf(table, table.Index + count, entry, PagingLevel.PageTable);
            last = entry;
        }

        _here.Index = table.Index + count;
        _entry = last;
        return count;
    }

    /// <summary>The next leaf by every way there is: over entries that are not present, down into tables, up at their ends.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool MoveOn()
    {
        while (true)
        {
            if (_here.Index >= _here.End)
            {
                if (_level == _state.TopLevel) return false;
                _level++;
                _leaves = 0;
                _here = _above[(int)_level];
                continue;
            }

            PhysicalAddress address = EntryOf(_here, _here.Index);
            if (!_memory.TryRead(address, out ulong entry))
            {
                if (AbsentTables++ == 0) FirstAbsentEntry = address;
                _here.Index = _here.End; // the rest of the table would be missing too, or is not worth a line each
                continue;
            }

            _here.Index++;
            if ((entry & PagingEntry.PresentMask) == 0) continue;
            _entry = entry;
            if (PageWalker.IsLeaf(entry, _level)) return true;
            Descend(entry);
        }
    }

    private void Descend(ulong entry)
    {
        ulong linear = _here.Linear + ((ulong)(_here.Index - 1) << _level.Shift());
        ulong all = _here.All & entry;
        ulong any = _here.Any | entry;
        _above[(int)_level] = _here;
        _level--;
        _here = TableAt(PhysicalAddress.CreateUnchecked(entry & _state.AddressMask), linear, all, any);
        _leaves = _level == PagingLevel.PageTable ? _here.End : 0;
    }

    /// <summary>A table of the level at hand: its indices from the first to the last that touch the range.</summary>
    /// <param name="table">Where it stands.</param>
    /// <param name="linear">The address that its index 0 maps, not sign-extended.</param>
    /// <param name="all">AND of the entries above.</param>
    /// <param name="any">OR of the entries above.</param>
    private readonly Frame TableAt(PhysicalAddress table, ulong linear, ulong all, ulong any) => new()
    {
        Table = table,
        Linear = linear,
        Index = _first <= linear ? 0 : (int)((_first - linear) >> _level.Shift()),
        End = (int)Math.Min(Entries, ((_last - linear) >> _level.Shift()) + 1),
        All = all,
        Any = any,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly Mapping MappingOf(in Frame table, int index, ulong entry, PagingLevel level)
    {
        PageSize size = level.LeafSize();
        return new Mapping(
            VirtualAddress.Truncate(table.Linear + ((ulong)index << level.Shift()), _state.Mode),
            PhysicalAddress.CreateUnchecked(entry & _state.AddressMask & ~size.OffsetMask()),
            new PagingEntry(entry),
            size,
            PageWalker.Rights(_state, table.All & entry, table.Any | entry));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static PhysicalAddress EntryOf(in Frame table, int index) =>
        PhysicalAddress.CreateUnchecked(table.Table.Value + ((ulong)index * PagingEntry.SizeInBytes));

    private static ulong LinearMask(PagingMode mode) => (1UL << (mode.TopLevel().Shift() + 9)) - 1;

    private struct Frame
    {
        public PhysicalAddress Table;
        public ulong Linear;
        public ulong All;
        public ulong Any;
        public int Index; // of the entry to read next
        public int End;
    }

    [InlineArray(6)]
    private struct Stack
    {
        private Frame _first;
    }
}
