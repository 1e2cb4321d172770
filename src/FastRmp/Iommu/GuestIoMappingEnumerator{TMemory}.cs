using System;
using System.Runtime.CompilerServices;

namespace FastRmp.Iommu;

/// <summary>Lists the pages that guest (v2) tables map for each PASID of one device, in ascending order of PASID and address, as a
/// forward-only stream that allocates nothing.</summary>
/// <typeparam name="TMemory">The memory that holds all tables.</typeparam>
/// <remarks>
/// <para>Where host tables translate guest physical addresses, a page of the guest's is listed in the pieces that those map; what they do
/// not map is left out. PASIDs have at most 20 bits.</para>
/// <para>Malformed entries and tables that cannot be read are counted and passed over. Levels strictly fall; a table whose entries all
/// point at one other holds very many pages, so that who does not trust the tables stops when he has enough. After
/// <see cref="MaxTablesWithoutLeaf"/> tables in a row without a page, of whatever PASIDs, the listing ends, and <see cref="IsCutShort"/>
/// says so. Without V, TV and GV, or with GLX or GuestPagingMode that are no encodings, nothing is listed.</para>
/// </remarks>
public ref struct GuestIoMappingEnumerator<TMemory>
    where TMemory : struct, IPhysicalMemory, allows ref struct
{
    /// <summary>How many tables without a page, one after the other, end the listing.</summary>
    public const int MaxTablesWithoutLeaf = WalkLimits.MaxTablesWithoutLeaf;

    private const int TopLevel = 5;
    private const uint PasidLimit = 1U << 20;

    private readonly IommuState _iommu;
    private readonly DeviceTableEntry _device;
    private readonly ulong _first;
    private readonly ulong _last;
    private TMemory _memory;
    private Stack _stack;
    private IoMappingEnumerator<TMemory> _host; // of the leaf found last
    private IoMapping _leaf;
    private PhysicalAddress _slot; // where it is
    private bool _hasHost;
    private int _level; // 0: between two PASIDs
    private int _tablesWithoutLeaf;
    private uint _pasid; // the one being listed
    private ulong _next; // the one after it
    private ulong _end; // the first that is not listed any more

    /// <summary>Starts before the first page that touches a range, of some PASIDs.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="iommu">The IOMMU; where its device table is does not matter.</param>
    /// <param name="device">The device's device table entry.</param>
    /// <param name="firstPasid">The first PASID.</param>
    /// <param name="lastPasid">The last PASID, inclusive; larger ones than there can be are no misuse.</param>
    /// <param name="first">First address of the range.</param>
    /// <param name="last">Last address of the range, inclusive.</param>
    public GuestIoMappingEnumerator(
        TMemory memory, scoped in IommuState iommu, scoped in DeviceTableEntry device, uint firstPasid, uint lastPasid, DeviceAddress first,
        DeviceAddress last)
    {
        _memory = memory;
        _iommu = iommu;
        _device = device;
        _first = first.Value;
        _last = last.Value;
        _stack = default;
        _host = default;
        _leaf = default;
        _slot = default;
        _hasHost = false;
        _level = 0;
        _tablesWithoutLeaf = 0;
        _pasid = 0;
        _next = firstPasid;
        bool hasTables =
            device is { Valid: true, TranslationValid: true, GuestTranslationValid: true, GuestLevels: < 3, GuestPagingMode: <= 1 };
        ulong known = Math.Min(PasidLimit, 1UL << Math.Min(iommu.PasidBits, PageArithmetic.IndexBits * (device.GuestLevels + 1)));
        _end = hasTables ? Math.Min(known, (ulong)lastPasid + 1) : 0;
        Current = default;
        Pasids = 0;
        AbsentTables = 0;
        FirstAbsentEntry = default;
        BlockedTables = 0;
        FirstBlockedAddress = default;
        MalformedEntries = 0;
        FirstMalformedEntry = default;
        InconsistentSlots = 0;
        FirstInconsistentSlot = default;
        IsCutShort = false;
        CutShortAt = default;
    }

    /// <summary>Starts before the first page of all.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="iommu">The IOMMU.</param>
    /// <param name="device">The device's device table entry.</param>
    public GuestIoMappingEnumerator(TMemory memory, scoped in IommuState iommu, scoped in DeviceTableEntry device)
        : this(memory, iommu, device, 0, uint.MaxValue, default, new DeviceAddress(ulong.MaxValue))
    {
    }

    /// <summary>The page found last.</summary>
    public IoMapping Current { get; private set; }

    /// <summary>How many PASIDs with tables were met.</summary>
    public long Pasids { get; private set; }

    /// <summary>How many tables could not be read because the memory does not hold them, whole or in part.</summary>
    public long AbsentTables { get; private set; }

    /// <summary>Where the first unreadable entry should be.</summary>
    public PhysicalAddress FirstAbsentEntry { get; private set; }

    /// <summary>How many GCR3 and guest tables the host tables do not let the IOMMU read.</summary>
    public long BlockedTables { get; private set; }

    /// <summary>The guest physical address of the first of them.</summary>
    public GuestPhysicalAddress FirstBlockedAddress { get; private set; }

    /// <summary>How many present entries make no sense, or have reserved bits that are not zero; those of host tables once for each page of
    /// the guest's that meets them.</summary>
    public long MalformedEntries { get; private set; }

    /// <summary>Where the first of them is.</summary>
    public PhysicalAddress FirstMalformedEntry { get; private set; }

    /// <summary>How many entries of host tables claim to be one of several for a page, while the others hold something else.</summary>
    public long InconsistentSlots { get; private set; }

    /// <summary>Where the first of them is.</summary>
    public PhysicalAddress FirstInconsistentSlot { get; private set; }

    /// <summary>Whether the listing ended because of <see cref="MaxTablesWithoutLeaf"/>, not with the last table.</summary>
    public bool IsCutShort { get; private set; }

    /// <summary>The entry that was read last, if <see cref="IsCutShort"/>.</summary>
    public PhysicalAddress CutShortAt { get; private set; }

    /// <summary>Goes to the next page.</summary>
    /// <returns>False after the last.</returns>
    public bool MoveNext()
    {
        GuestTables rules = new(_iommu, _device);
        while (true)
        {
            if (_hasHost && NextOfHost()) return true;
            if (IsCutShort) return false;
            if (_level == 0)
            {
                if (!NextPasid(rules.Levels)) return false;
                continue;
            }

            if (NextLeaf(rules)) return true;
        }
    }

    /// <summary>Goes to the next PASID that has tables.</summary>
    private bool NextPasid(int levels)
    {
        while (_next < _end)
        {
            _pasid = (uint)_next;
            IommuWalkResult end = IommuWalker.FindRoot(ref _memory, _iommu, _device, _pasid, out ulong root);
            if (end.IsMapped)
            {
                _next++;
                Pasids++;
                if (Open(root, 0, levels, 0, PagingEntry.WritableMask | PagingEntry.UserMask, 0)) return true;
                continue;
            }

            // An entry that is not valid leaves out its PASIDs, one that cannot be read those of its whole table.
            bool isInvalid = end.Status == IommuStatus.InvalidGcr3;
            int level = end.Stage == WalkStage.Gcr3 ? end.Level : 1;
            if (!isInvalid) Unreadable(end);
            ulong span = 1UL << (PageArithmetic.IndexBits * (isInvalid ? level - 1 : level));
            _next = (_next & ~(span - 1)) + span;
        }

        return false;
    }

    /// <summary>Goes on in the guest tables by one entry.</summary>
    /// <returns>Whether that was a page, which is current.</returns>
    private bool NextLeaf(in GuestTables rules)
    {
        int level = _level;
        ref Frame frame = ref _stack[level];
        int shift = IoPageSize.ShiftOf(level);
        if (frame.Index >= PageArithmetic.EntriesPerTable)
        {
            _level = frame.Parent;
            return false;
        }

        ulong start = VirtualAddress.Truncate(frame.Linear + ((ulong)(uint)frame.Index << shift), rules.Mode).Value;
        PhysicalAddress slot = PhysicalAddress.CreateUnchecked(frame.Table + ((ulong)(uint)frame.Index * IoPageTableEntry.SizeInBytes));
        frame.Index++;
        ulong length = 1UL << shift;
        if (start > _last || start + (length - 1) < _first) return false;
        if (!_memory.TryRead(slot, out ulong word))
        {
            Absent(slot);
            frame.Index = PageArithmetic.EntriesPerTable; // the rest of the table would be missing too, or is not worth a line each
            return false;
        }

        if ((word & PagingEntry.PresentMask) == 0) return false;
        bool isLeaf = LongModeTable.IsLeaf(word, (PagingLevel)level);
        if (rules.HasReservedBits(word, level, isLeaf))
        {
            if (MalformedEntries++ == 0) FirstMalformedEntry = slot;
            return false;
        }

        ulong all = frame.All & word;
        ulong any = frame.Any | word;
        ulong address = word & rules.AddressMask & ~(isLeaf ? length - 1 : 0);
        if (!isLeaf)
        {
            if (++_tablesWithoutLeaf > MaxTablesWithoutLeaf) CutShort(slot);
            else _ = Open(address, start, level - 1, level, all, any);
            return false;
        }

        _slot = slot;
        DmaRights rights = rules.RightsOf(all, any);
        _leaf = new IoMapping(
            new DeviceAddress(start), PhysicalAddress.CreateUnchecked(address), shift, rights, word, level, _pasid,
            GuestPhysicalAddress.CreateUnchecked(address));
        if (_device.Mode == 0)
        {
            _tablesWithoutLeaf = 0;
            Current = _leaf with { Rights = rights & (IommuRules.RightsOf(_device.Word0) | DmaRights.Execute) };
            return true;
        }

        ulong from = address + (_first > start ? _first - start : 0);
        ulong to = address + Math.Min(length - 1, _last - start);
        _host = new IoMappingEnumerator<TMemory>(_memory, _iommu, _device, new DeviceAddress(from), new DeviceAddress(to));
        _hasHost = true;
        return NextOfHost();
    }

    /// <summary>Goes to the next piece of the leaf that the host tables map.</summary>
    private bool NextOfHost()
    {
        long inconsistent = _host.InconsistentSlots;
        if (_host.MoveNext())
        {
            IoMapping piece = _host.Current;
            // the other entries of its page differ: it leads where it says for its own part
            bool isAlone = _host.InconsistentSlots != inconsistent;
            int pieceShift = isAlone ? IoPageSize.ShiftOf(piece.Level) : piece.SizeShift;
            ulong gpa = Math.Max(piece.DeviceAddress.Value, _leaf.GuestAddress.Value);
            Current = _leaf with
            {
                DeviceAddress = _leaf.DeviceAddress + (gpa - _leaf.GuestAddress.Value),
                GuestAddress = GuestPhysicalAddress.CreateUnchecked(gpa),
                Address = piece.Address + (gpa - piece.DeviceAddress.Value),
                SizeShift = Math.Min(pieceShift, _leaf.SizeShift),
                Rights = _leaf.Rights & (piece.Rights | DmaRights.Execute),
            };
            _tablesWithoutLeaf = 0;
            return true;
        }

        _hasHost = false;
        if (AbsentTables == 0) FirstAbsentEntry = _host.FirstAbsentEntry;
        if (MalformedEntries == 0) FirstMalformedEntry = _host.FirstMalformedEntry;
        if (InconsistentSlots == 0) FirstInconsistentSlot = _host.FirstInconsistentSlot;
        AbsentTables += _host.AbsentTables;
        MalformedEntries += _host.MalformedEntries;
        InconsistentSlots += _host.InconsistentSlots;
        if (_host.IsCutShort || ++_tablesWithoutLeaf > MaxTablesWithoutLeaf) CutShort(_host.IsCutShort ? _host.CutShortAt : _slot);

        return false;
    }

    /// <summary>Enters a table.</summary>
    /// <returns>False if the IOMMU cannot get at it.</returns>
    private bool Open(ulong gpa, ulong linear, int level, int parent, ulong all, ulong any)
    {
        IommuWalkResult place = IommuWalker.FindTable(ref _memory, _iommu, _device, PhysicalAddress.CreateUnchecked(gpa));
        if (!place.IsMapped)
        {
            Unreadable(place);
            return false;
        }

        _stack[level] = new Frame { Table = place.Address.Value, Linear = linear, Parent = parent, All = all, Any = any };
        _level = level;
        return true;
    }

    private void Unreadable(IommuWalkResult end)
    {
        if (end.Status == IommuStatus.OutsideMemory) Absent(end.Address);
        else if (BlockedTables++ == 0) FirstBlockedAddress = end.GuestAddress;
    }

    private void CutShort(PhysicalAddress at)
    {
        IsCutShort = true;
        CutShortAt = at;
        _level = 0;
    }

    private void Absent(PhysicalAddress slot)
    {
        if (AbsentTables++ == 0) FirstAbsentEntry = slot;
    }

    private struct Frame
    {
        public ulong Table; // system physical
        public ulong Linear;
        public ulong All;
        public ulong Any;
        public int Index;
        public int Parent;
    }

    [InlineArray(TopLevel + 1)]
    private struct Stack
    {
        private Frame _first;
    }
}
