using System;
using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <summary>Lists the leaves of the paging structures in ascending order of index, as a forward-only stream that allocates
/// nothing.</summary>
/// <typeparam name="TMemory">The memory that holds the paging structures.</typeparam>
/// <remarks>
/// <para>Only the P bit (and PS) decides what is followed, as in QEMU's <c>info tlb</c>: rights and reserved bits are not judged. Tables
/// that the memory does not hold are counted and passed over.</para>
/// <para>Levels bound the depth, but one table whose 512 entries all point at itself holds 512^4 leaves: who lists tables that he does not
/// trust counts the leaves and stops when he has enough. Tables that hold no leaf cannot hide a call of <see cref="MoveNext"/> for hours:
/// after
/// <see cref="MaxTablesWithoutLeaf"/> of them in a row the listing ends, and <see cref="IsCutShort"/> says so.</para>
/// </remarks>
public ref struct MappingEnumerator<TMemory>
    where TMemory : struct, IPhysicalMemory, allows ref struct
{
    /// <summary>How many tables without a leaf, one after the other, end the listing: far more than a system keeps, and seconds to
    /// read.</summary>
    public const int MaxTablesWithoutLeaf = WalkLimits.MaxTablesWithoutLeaf;

    private readonly PagingState _state;
    private readonly ulong _first;
    private readonly ulong _last;
    private TMemory _memory;
    private Stack _above;
    private Table _here;
    private ulong _entry;
    private ulong _leaves; // _here.End if it is a page table; 0 if not: all that MoveNext has to compare with
    private ulong _pageMask; // the address that a leaf in _here holds
    private int _step;
    private PageSize _size;
    private PagingLevel _level;
    private int _tablesWithoutLeaf; // tables since the last leaf

    /// <summary>Starts before the first leaf that touches a range.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="state">Root and levels.</param>
    /// <param name="first">First address of the range; bits above the mode's are ignored.</param>
    /// <param name="last">Last address of the range, inclusive; bits above the mode's are ignored. The range is one of indices: the lower
    /// half comes before the upper.</param>
    public MappingEnumerator(TMemory memory, in PagingState state, VirtualAddress first, VirtualAddress last)
    {
        _memory = memory;
        _state = state;
        ulong mask = LinearMask(state.Mode);
        _first = first.Value & mask;
        _last = last.Value & mask;
        _above = default;
        _entry = 0;
        _pageMask = 0; // no leaf is in the top table
        _leaves = 0;
        _step = 0;
        _size = default;
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
        get => new(
            new VirtualAddress(_here.Base + (_here.At << _step)),
            PhysicalAddress.CreateUnchecked(_entry & _pageMask),
            new PagingEntry(_entry),
            _size,
            (PagingRights)PagingRules.Rights(_state, _here.All & _entry, _here.Any | _entry));
    }

    /// <summary>How many tables could not be read because the memory does not hold them, whole or in part.</summary>
    public long AbsentTables { get; private set; }

    /// <summary>Where the first unreadable entry should be.</summary>
    public PhysicalAddress FirstAbsentEntry { get; private set; }

    /// <summary>Whether the listing ended because of <see cref="MaxTablesWithoutLeaf"/>, not with the last table: the tables point back at
    /// themselves, or are no tables.</summary>
    public bool IsCutShort { get; private set; }

    /// <summary>The entry that was read last, if <see cref="IsCutShort"/>.</summary>
    public PhysicalAddress CutShortAt { get; private set; }

    /// <summary>This enumerator, for <c>foreach</c>.</summary>
    /// <returns>A copy at the same position; <c>foreach</c> moves the copy, so who wants to know about absent tables calls
    /// <see cref="MoveNext"/> himself.</returns>
    public readonly MappingEnumerator<TMemory> GetEnumerator() => this;

    /// <summary>Goes to the next leaf.</summary>
    /// <returns>False after the last.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MoveNext()
    {
        ulong at = _here.At;
        if (at < _leaves && _memory.TryRead(PhysicalAddress.CreateUnchecked(at), out ulong entry) && (entry & PagingEntry.PresentMask) != 0)
        {
            _here.At = at + PagingEntry.SizeInBytes;
            _entry = entry;
            return true;
        }

        return MoveOn();
    }

    /// <summary>The next leaf by every way there is: over entries that are not present, down into tables, up at their ends.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool MoveOn()
    {
        while (true)
        {
            if (_here.At >= _here.End)
            {
                if (_level == _state.TopLevel) return false;
                _here = _above[(int)_level + 1];
                Enter(_level + 1);
                continue;
            }

            PhysicalAddress address = PhysicalAddress.CreateUnchecked(_here.At);
            if (!_memory.TryRead(address, out ulong entry))
            {
                if (AbsentTables++ == 0) FirstAbsentEntry = address;
                _here.At = _here.End; // the rest of the table would be missing too, or is not worth a line each
                continue;
            }

            _here.At += PagingEntry.SizeInBytes;
            if ((entry & PagingEntry.PresentMask) == 0) continue;
            _entry = entry;
            if (LongModeTable.IsLeaf(entry, _level))
            {
                _tablesWithoutLeaf = 0;
                return true;
            }

            if (++_tablesWithoutLeaf > MaxTablesWithoutLeaf) return CutShort(address);
            Descend(entry);
        }
    }

    private bool CutShort(PhysicalAddress entry)
    {
        IsCutShort = true;
        CutShortAt = entry;
        _level = _state.TopLevel;
        _leaves = 0;
        _here.At = _here.End;
        return false;
    }

    private void Descend(ulong entry)
    {
        ulong linear = _here.Base + (_here.At << Table.Step(_level));
        ulong all = _here.All & entry;
        ulong any = _here.Any | entry;
        _above[(int)_level] = _here;
        _level--;
        _here = TableAt(PhysicalAddress.CreateUnchecked(entry & _state.AddressMask), linear, all, any);
        Enter(_level);
    }

    /// <summary>What depends on the level of the table at hand.</summary>
    private void Enter(PagingLevel level)
    {
        _level = level;
        _leaves = level == PagingLevel.PageTable ? _here.End : 0;
        _step = Table.Step(level);
        _size = level.LeafSizeUnchecked();
        _pageMask = _state.AddressMask & ~level.LeafSizeUnchecked().OffsetMaskUnchecked();
    }

    /// <summary>A table of the level at hand: from the first to the last entry that touches the range.</summary>
    /// <param name="table">Where it is.</param>
    /// <param name="linear">The address that its first entry maps.</param>
    /// <param name="all">AND of the entries above.</param>
    /// <param name="any">OR of the entries above.</param>
    private readonly Table TableAt(PhysicalAddress table, ulong linear, ulong all, ulong any)
    {
        ulong unextended = linear & LinearMask(_state.Mode);
        ulong first = _first <= unextended ? 0 : (_first - unextended) >> _level.ShiftUnchecked();
        ulong end = Math.Min(PageArithmetic.EntriesPerTable, ((_last - unextended) >> _level.ShiftUnchecked()) + 1);
        return new Table
        {
            At = table.Value + (first * PagingEntry.SizeInBytes),
            End = table.Value + (end * PagingEntry.SizeInBytes),
            Base = VirtualAddress.Truncate(linear, _state.Mode).Value - ((table.Value + PagingEntry.SizeInBytes) << Table.Step(_level)),
            All = all,
            Any = any,
        };
    }

    private static ulong LinearMask(PagingMode mode) => (1UL << mode.AddressBitsUnchecked()) - 1;

    /// <summary>A table on the way. What an entry maps follows from where the entry behind it is: <c>Base + (place &lt;&lt; Step)</c>,
    /// modulo 2^64.</summary>
    private struct Table
    {
        public ulong At; // the entry to read next
        public ulong End;
        public ulong Base; // sign-extended below the top table, which has no leaves
        public ulong All;
        public ulong Any;

        /// <summary>The base-2 logarithm of the bytes mapped for each byte of the table.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static int Step(PagingLevel level) => level.ByteShiftUnchecked();
    }

    [InlineArray(6)]
    private struct Stack
    {
        private Table _first;
    }
}
