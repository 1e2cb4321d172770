using System.Runtime.CompilerServices;

namespace FastRmp.Iommu;

/// <summary>Lists the pages that one device's v1 tables map, in ascending order of its addresses, as a forward-only stream that allocates
/// nothing.</summary>
/// <typeparam name="TMemory">The memory that holds the page tables.</typeparam>
/// <remarks>
/// <para>A page that fills several entries is listed once, if all of them hold the same (Accessed and Dirty apart, which hardware sets in
/// the entry used). If not, each of its entries is listed for itself, where it leads and with the size that it tells, and
/// <see cref="InconsistentSlots"/> counts it.</para>
/// <para>Malformed entries, those with reserved bits that are not zero among them, and tables that the memory does not hold are counted and
/// passed over. Levels strictly fall; a table whose entries all point at one other holds very many pages, so that who does not trust the
/// tables stops when he has enough. After <see cref="MaxTablesWithoutLeaf"/> tables in a row without a page the listing ends, and
/// <see cref="IsCutShort"/> says so. Without V and TV, or with a mode that has no tables, nothing is listed.</para>
/// </remarks>
public ref struct IoMappingEnumerator<TMemory>
    where TMemory : struct, IPhysicalMemory, allows ref struct
{
    /// <summary>How many tables without a page, one after the other, end the listing: far more than a system keeps, and seconds to
    /// read.</summary>
    public const int MaxTablesWithoutLeaf = WalkLimits.MaxTablesWithoutLeaf;

    private const int TopEntries = 1 << (64 - 57); // of mode 6: bits [63:57]
    private const ulong AccessedAndDirty = IoPageTableEntry.AccessedMask | IoPageTableEntry.DirtyMask;

    private readonly ulong _first;
    private readonly ulong _last;
    private readonly ulong _encryptionMask;
    private TMemory _memory;
    private Stack _stack;
    private int _level; // 0: at the end
    private int _tablesWithoutLeaf; // tables since the last page
    private IoMapping _current;

    /// <summary>Starts before the first page that touches a range.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="device">The device's device table entry.</param>
    /// <param name="first">First address of the range.</param>
    /// <param name="last">Last address of the range, inclusive.</param>
    public IoMappingEnumerator(TMemory memory, scoped in DeviceTableEntry device, DeviceAddress first, DeviceAddress last)
        : this(memory, default, device, first, last)
    {
    }

    /// <summary>Starts before the first page that touches a range.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="iommu">The IOMMU: its C-bit is no address bit; nothing else of it matters.</param>
    /// <param name="device">The device's device table entry.</param>
    /// <param name="first">First address of the range.</param>
    /// <param name="last">Last address of the range, inclusive.</param>
    public IoMappingEnumerator(
        TMemory memory, scoped in IommuState iommu, scoped in DeviceTableEntry device, DeviceAddress first, DeviceAddress last)
    {
        _encryptionMask = iommu.EncryptionMask;
        _memory = memory;
        _first = first.Value;
        _last = last.Value;
        _stack = default;
        _current = default;
        AbsentTables = 0;
        FirstAbsentEntry = default;
        InconsistentSlots = 0;
        FirstInconsistentSlot = default;
        MalformedEntries = 0;
        FirstMalformedEntry = default;
        bool hasTables = device is { Valid: true, TranslationValid: true, Mode: >= 1 and <= IoPageSize.TopLevel };
        _level = hasTables ? device.Mode : 0;
        if (!hasTables) return;
        ulong reach = device.Mode == IoPageSize.TopLevel ? ulong.MaxValue : (1UL << IoPageSize.ShiftOf(device.Mode + 1)) - 1;
        if (_first > reach) _level = 0;
        _stack[_level] = Open(device.Root.Value & ~_encryptionMask, 0, _level, 0, device.Word0);
    }

    /// <summary>Starts before the first page of all.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="device">The device's device table entry.</param>
    public IoMappingEnumerator(TMemory memory, scoped in DeviceTableEntry device)
        : this(memory, device, default, new DeviceAddress(ulong.MaxValue))
    {
    }

    /// <summary>The page found last.</summary>
    public readonly IoMapping Current => _current;

    /// <summary>How many tables could not be read because the memory does not hold them, whole or in part.</summary>
    public long AbsentTables { get; private set; }

    /// <summary>Where the first unreadable entry should be.</summary>
    public PhysicalAddress FirstAbsentEntry { get; private set; }

    /// <summary>How many entries claim to be one of several for a page, while the others hold something else.</summary>
    public long InconsistentSlots { get; private set; }

    /// <summary>Where the first of them is.</summary>
    public PhysicalAddress FirstInconsistentSlot { get; private set; }

    /// <summary>How many present entries make no sense, or have reserved bits that are not zero.</summary>
    public long MalformedEntries { get; private set; }

    /// <summary>Where the first of them is.</summary>
    public PhysicalAddress FirstMalformedEntry { get; private set; }

    /// <summary>Whether the listing ended because of <see cref="MaxTablesWithoutLeaf"/>, not with the last table.</summary>
    public bool IsCutShort { get; private set; }

    /// <summary>The entry that was read last, if <see cref="IsCutShort"/>.</summary>
    public PhysicalAddress CutShortAt { get; private set; }

    /// <summary>This enumerator, for <c>foreach</c>.</summary>
    /// <returns>A copy at the same position; <c>foreach</c> moves the copy, so who wants to know the counts calls <see cref="MoveNext"/>
    /// himself.</returns>
    public readonly IoMappingEnumerator<TMemory> GetEnumerator() => this;

    /// <summary>Goes to the next page.</summary>
    /// <returns>False after the last.</returns>
    public bool MoveNext()
    {
        while (_level != 0)
        {
            ref Frame frame = ref _stack[_level];
            int shift = IoPageSize.ShiftOf(_level);
            ulong address = frame.Linear + ((ulong)(uint)frame.Index << shift);
            if (frame.Index >= EntriesAt(_level) || address > _last)
            {
                _level = frame.Parent;
                continue;
            }

            PhysicalAddress slot = SlotAddress(frame, frame.Index);
            int index = frame.Index++;
            if (!_memory.TryRead(slot, out ulong word))
            {
                if (AbsentTables++ == 0) FirstAbsentEntry = slot;
                frame.Index = PageArithmetic.EntriesPerTable; // the rest of the table would be missing too, or is not worth a line each
                continue;
            }

            IoPageTableEntry entry = new(word & ~_encryptionMask);
            if (!entry.Present) continue;
            if (IommuRules.HasReservedBits(entry))
            {
                Malformed(slot);
                continue;
            }

            if (entry.NextLevel is not 0 and not IoPageSize.EncodedLevel)
            {
                if (entry.NextLevel >= _level)
                {
                    Malformed(slot);
                    continue;
                }

                if (++_tablesWithoutLeaf > MaxTablesWithoutLeaf) return CutShort(slot);

                // What skipped levels would have indexed is zero in all addresses below: the table is at the beginning of the entry's
                // reach.
                _stack[entry.NextLevel] = Open(entry.Address.Value, address, entry.NextLevel, _level, frame.All & word);
                _level = entry.NextLevel;
                continue;
            }

            if (!IoPageSize.TryDecode(entry, _level, out int sizeShift))
            {
                Malformed(slot);
                continue;
            }

            _tablesWithoutLeaf = 0;
            DmaRights rights = IommuRules.RightsOf(frame.All & word);
            PhysicalAddress page = IoPageSize.DecodeBase(entry, sizeShift);
            int slots = IoPageSize.SlotsOf(sizeShift);
            if (slots == 1)
            {
                _current = new IoMapping(new DeviceAddress(address), page, sizeShift, rights, word, _level);
                return true;
            }

            int start = index & ~(slots - 1);
            if (IsWhole(ref frame, word, start, slots))
            {
                frame.Index = start + slots;
                _current = new IoMapping(
                    new DeviceAddress(frame.Linear + ((ulong)(uint)start << shift)), page, sizeShift, rights, word,
                    _level);
                return true;
            }

            if (InconsistentSlots++ == 0) FirstInconsistentSlot = slot;
            _current = new IoMapping(
                new DeviceAddress(address), page + (address & ((1UL << sizeShift) - 1)), sizeShift, rights, word,
                _level);
            return true;
        }

        return false;
    }

    /// <summary>Whether all entries of a page hold the same. What was found broken once is not read again for each of its
    /// entries.</summary>
    private bool IsWhole(ref Frame frame, ulong word, int start, int slots)
    {
        ulong wanted = word | AccessedAndDirty;
        if (frame.Broken == wanted && start < frame.BrokenEnd) return false;
        for (int i = 0; i < slots; i++)
        {
            if (_memory.TryRead(SlotAddress(frame, start + i), out ulong other) && (other | AccessedAndDirty) == wanted) continue;
            frame.Broken = wanted;
            frame.BrokenEnd = start + slots;
            return false;
        }

        return true;
    }

    private bool CutShort(PhysicalAddress slot)
    {
        IsCutShort = true;
        CutShortAt = slot;
        _level = 0;
        return false;
    }

    private void Malformed(PhysicalAddress slot)
    {
        if (MalformedEntries++ == 0) FirstMalformedEntry = slot;
    }

    private static PhysicalAddress SlotAddress(in Frame frame, int index) =>
        PhysicalAddress.CreateUnchecked(frame.Table + ((ulong)(uint)index * IoPageTableEntry.SizeInBytes));

    private static int EntriesAt(int level) => level == IoPageSize.TopLevel ? TopEntries : PageArithmetic.EntriesPerTable;

    private readonly Frame Open(ulong table, ulong linear, int level, int parent, ulong all) => new()
    {
        Table = table,
        Linear = linear,
        Parent = parent,
        All = all,
        Index = _first <= linear ? 0 : (int)System.Math.Min((_first - linear) >> IoPageSize.ShiftOf(level), PageArithmetic.EntriesPerTable),
    };

    private struct Frame
    {
        public ulong Table;
        public ulong Linear;
        public ulong All; // AND over the levels: IR, IW
        public ulong Broken; // the value of the last group that was not whole
        public int BrokenEnd;
        public int Index;
        public int Parent;
    }

    [InlineArray(IoPageSize.TopLevel + 1)]
    private struct Stack
    {
        private Frame _first;
    }
}
