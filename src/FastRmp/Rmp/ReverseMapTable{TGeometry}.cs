using System;
using System.Runtime.CompilerServices;
using System.Threading;
using FastRmp.Internals;

namespace FastRmp;

/// <summary>The Reverse Map Table: one 16-byte entry for each 4 KiB page, in the processor's own format, and the instructions that change
/// it.</summary>
/// <typeparam name="TGeometry">Where the entries are.</typeparam>
/// <remarks>
/// <para>Any threads may use one table at the same time. Instructions are lock-free: each takes effect by compare-and-swap on low
/// quadwords, or has no effect and returns the contention code. The rules are those of RmpProtocol.</para>
/// <para>The storage has hardware's layout, so that a dump of a real RMP can be the storage of a table.</para>
/// </remarks>
public sealed partial class ReverseMapTable<TGeometry> : IHostInstructions, IDisposable
    where TGeometry : struct, IRmpGeometry
{
    private readonly PinnedMemory _storage;
    private readonly bool _ownsStorage;
    private readonly RmpProtocol _protocol; // inline: what it holds is one load away
    private TGeometry _geometry;
    private bool _reportsPlainly; // RMPOPT exists, and no choice depends on its operands
    private bool _disposed;

    /// <summary>Makes an empty table in storage of its own, reserved sparsely, with the default choices.</summary>
    /// <remarks>All entries are zero, those of the RMP's own pages too, until <see cref="ClaimOwnPages"/>,
    /// <see cref="SnpHost{TGeometry, TPolicy}.EnableSnp"/> or SNP_INIT makes them Firmware: a table that covers itself needs one of them
    /// before the first instruction.</remarks>
    /// <param name="geometry">Where the entries are.</param>
    /// <param name="processor">The processor generation.</param>
    /// <exception cref="System.IO.IOException">The operating system refused the reservation.</exception>
    public ReverseMapTable(TGeometry geometry, ProcessorModel processor)
        : this(geometry, processor, ModelChoices.Default)
    {
    }

    /// <summary>Makes an empty table in storage of its own, reserved sparsely (<see cref="PinnedMemory.Reserve"/>). For
    /// pages of 2 MiB in a table of more than 256 GiB, make it over storage that was reserved with them.</summary>
    /// <param name="geometry">Where the entries are.</param>
    /// <param name="processor">The processor generation.</param>
    /// <param name="choices">The open points.</param>
    /// <exception cref="System.IO.IOException">The operating system refused the reservation.</exception>
    /// <remarks>Nobody else sees this storage, so that each thread counts pages for itself, in 17 KiB in which no other thread has a share:
    /// allocated here for the calling thread, for another one by its first RMPUPDATE in the table that assigns or releases a
    /// page.</remarks>
    public ReverseMapTable(TGeometry geometry, ProcessorModel processor, ModelChoices choices)
        : this(geometry, PinnedMemory.Reserve(RoundToPages(geometry.StorageBytes)), ownsStorage: true, processor, choices, isAlone: true)
    {
    }

    /// <summary>Makes a table over existing storage, such as a dump.</summary>
    /// <param name="geometry">Where the entries are.</param>
    /// <param name="storage">The bytes from RMP_BASE on; the caller disposes them after the table.</param>
    /// <param name="processor">The processor generation.</param>
    /// <param name="choices">The open points.</param>
    /// <exception cref="ArgumentOutOfRangeException">The storage is smaller than the geometry needs.</exception>
    /// <exception cref="InvalidOperationException">The storage is read-only.</exception>
    public ReverseMapTable(TGeometry geometry, PinnedMemory storage, ProcessorModel processor, ModelChoices choices)
        : this(geometry, storage, ownsStorage: false, processor, choices, isAlone: false)
    {
    }

    /// <summary>Makes a table over storage, with more said about it.</summary>
    /// <param name="geometry">Where the entries are.</param>
    /// <param name="storage">The bytes from RMP_BASE on.</param>
    /// <param name="ownsStorage">Whether the table disposes them.</param>
    /// <param name="processor">The processor generation.</param>
    /// <param name="choices">The open points.</param>
    /// <param name="isAlone">Whether nobody else reads or writes them, unless a forked child has them, too: then counters by ASID may be
    /// kept beside them.</param>
    internal ReverseMapTable(
        TGeometry geometry, PinnedMemory storage, bool ownsStorage, ProcessorModel processor, ModelChoices choices, bool isAlone)
    {
        ArgumentNullException.ThrowIfNull(storage);
        ArgumentNullException.ThrowIfNull(processor);
        ArgumentNullException.ThrowIfNull(choices);
        if (storage.IsReadOnly) Throw.ReadOnlyMemory();
        if (!processor.HasRmp) Throw.Geometry(nameof(processor), $"The processor {processor.Name} has no RMP.");
        if (geometry.StorageBytes < ContiguousGeometry.BookkeepingBytes
            || (geometry.StorageBytes - ContiguousGeometry.BookkeepingBytes) / RmpEntry.SizeInBytes < geometry.CoveredPages)
        {
            Throw.Geometry(
                nameof(geometry),
                $"0x{geometry.StorageBytes:x} bytes of storage have no room for the bookkeeping and {geometry.CoveredPages} entries.");
        }

        if (storage.Length < geometry.StorageBytes) Throw.RangeOutside(nameof(storage), 0, geometry.StorageBytes, storage.Length);
        if (processor.MaxAsid > RmpEntry.MaxAsid) Throw.AsidRange(nameof(processor), processor.MaxAsid, RmpEntry.MaxAsid);
        _geometry = geometry;
        _storage = storage;
        _ownsStorage = ownsStorage;
        _protocol = new RmpProtocol(new EntryStore(storage), processor, choices, hasOwnCounters: isAlone && !storage.IsSharedByFork);
        _reportsPlainly = (geometry.IsSegmented || choices.RmpOptOnContiguous) && !choices.RmpOptUnalignedFaults
            && !choices.RmpOptReservedFunctionFaults;
    }

    /// <summary>The processor generation.</summary>
    public ProcessorModel Processor => _protocol.Processor;

    /// <summary>The open points as decided for this table.</summary>
    public ModelChoices Choices => _protocol.Choices;

    /// <summary>Where the entries are.</summary>
    public TGeometry Geometry => _geometry;

    /// <summary>Which pages the storage asked for, and what it got: see <see cref="PinnedMemory.Backing"/>.</summary>
    /// <exception cref="ObjectDisposedException">The table or its storage was disposed.</exception>
    public MemoryBacking StorageBacking
    {
        get
        {
            if (_disposed) Throw.Disposed(nameof(ReverseMapTable<>));
            return _storage.Backing;
        }
    }

    /// <summary>The protocol over the entries, for callers that have an index of <see cref="TryGetIndex"/>.</summary>
    internal ref readonly RmpProtocol Protocol => ref _protocol;

    /// <summary>Finds the entry of a page.</summary>
    /// <returns>False if the page is not covered.</returns>
    /// <exception cref="ObjectDisposedException">The table was disposed.</exception>
    internal bool TryGetIndex(PhysicalAddress address, out nuint index) => _geometry.TryGetIndex(address, out index) || !IsUncovered();

    /// <summary>Whether a page has an entry.</summary>
    /// <param name="address">Any address in the page.</param>
    /// <returns>False if it is not covered.</returns>
    public bool IsCovered(PhysicalAddress address) => TryGetIndex(address, out _);

    /// <summary>Reads the raw entry of a page: two quadwords of one moment, unless another thread was changing the entry each time
    /// it was read.</summary>
    /// <param name="address">Any address in the page.</param>
    /// <param name="entry">The entry's own 16 bytes, zero if the page is not covered.</param>
    /// <returns>Whether the page is covered.</returns>
    /// <remarks>What the bytes mean depends on the region's base entry: use <see cref="Lookup(PhysicalAddress)"/> to decode.</remarks>
    public bool TryReadRaw(PhysicalAddress address, out RmpEntry entry)
    {
        entry = default;
        if (!_geometry.TryGetIndex(address, out nuint index) && IsUncovered()) return false;
        entry = _protocol.Read(index, address);
        return true;
    }

    /// <summary>Writes the raw entry of a page, as firmware or a loader of a dump does; no rule is checked and no counter moves. Afterwards
    /// the table does not track a mark of a save area in use that the entry has or had.</summary>
    /// <param name="address">Any address in the page.</param>
    /// <param name="entry">The 16 bytes.</param>
    /// <returns>False if the page is not covered.</returns>
    /// <remarks>The high quadword is written first, the low one published last. Not for use while instructions change the same region or
    /// RMPOPT verifies it.</remarks>
    public bool TryWriteRaw(PhysicalAddress address, RmpEntry entry)
    {
        if (!_geometry.TryGetIndex(address, out nuint index) && IsUncovered()) return false;
        ulong[]? begun = BeginChange(address, out uint stamp);
        _protocol.EndOptimization(address, assigns: true);
        _protocol.BeginWrite(index);
        Volatile.Write(ref _protocol.Entries.High(index), entry.High);
        Volatile.Write(ref _protocol.Entries.Low(index), entry.Low);
        _protocol.InUse.ForgetOwner(address);
        _protocol.EndOptimization(address, assigns: true); // once more: a verification in between is invalid
        EntryChanges.End(begun, stamp);
        return true;
    }

    /// <summary>The entry that holds a page's attributes, with the size of the RMP page.</summary>
    /// <param name="address">Any address in the page.</param>
    /// <returns>Entry and size, consistent with each other unless <see cref="RmpLookup.IsSettled"/> is false.</returns>
    public RmpLookup Lookup(PhysicalAddress address)
    {
        if (!_geometry.TryGetIndex(address, out nuint index) && IsUncovered())
        {
            return new RmpLookup(false, false, PageSize.Size4K, default, IsSettled: true);
        }

        bool settled = _protocol.TryReadPair(index, address, out RmpEntry top, out RmpEntry own);
        return new RmpLookup(IsCovered: true, own.Assigned, top.PageSize, top.PageSize == PageSize.Size2M ? top : own, settled);
    }

    /// <summary>The state of a page.</summary>
    /// <param name="address">Any address in the page.</param>
    /// <returns>The state; Default for a page without an entry. If other threads were changing the entry each time it was read, the
    /// state of the last value read.</returns>
    public PageState StateOf(PhysicalAddress address)
    {
        // Nothing but tail calls, so that the common case saves no registers.
        if (!_geometry.TryGetIndex(address, out nuint index)) return StateOfUncovered();
        return _protocol.TryReadPairOnce(index, out RmpEntry top, out RmpEntry own)
            ? (top.PageSize == PageSize.Size2M ? top with { Assigned = own.Assigned } : own).State
            : StateOfMoving(index, address);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private PageState StateOfUncovered()
    {
        _ = IsUncovered();
        return PageState.Default;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private PageState StateOfMoving(nuint index, PhysicalAddress address)
    {
        _ = _protocol.TryReadPair(index, address, out RmpEntry top, out RmpEntry own);
        return (top.PageSize == PageSize.Size2M ? top with { Assigned = own.Assigned } : own).State;
    }

    /// <summary>Makes the RMP's own pages Firmware, as they are from SNP_INIT on, so that only firmware may write the
    /// table.</summary>
    /// <remarks>Source: AMD SEV firmware, sev_rmp.c. For a table whose entries are all zero, before any instruction runs. Pages of the RMP
    /// that it does not cover stay the hypervisor's. Writes one entry for each 4 KiB of RMP that is covered: 1/256 of what the table
    /// occupies.</remarks>
    public void ClaimOwnPages()
    {
        for (int i = 0; i < _geometry.OwnRanges; i++)
        {
            PhysicalRange range = _geometry.OwnRange(i);
            for (ulong offset = 0; offset < range.Length; offset += PageSize.Size4K.Bytes())
            {
                if (_geometry.TryGetIndex(range.Start + offset, out nuint index)) FirmwareTransitions.Claim(_protocol, index);
            }
        }

        _protocol.Changes.ChangeAll();
    }

    /// <summary>Whether the hypervisor may write through a mapping: the manual's Hypervisor-Owned check.</summary>
    /// <param name="address">The address written.</param>
    /// <param name="mapping">Size of the mapping; 1 GiB is treated as the 2 MiB region that is written.</param>
    /// <returns>True if the page is not covered, or nothing that the mapping reaches is assigned.</returns>
    /// <remarks>One read: for a large mapping, Subpage_Count of the base entry covers the 511 others. Exact for a region at rest; while an
    /// instruction is changing the region, the result may be false for an instant. Any threads; allocates nothing.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsHypervisorOwned(PhysicalAddress address, PageSize mapping) =>
        _geometry.TryGetIndex(address, out nuint index) ? RmpProtocol.IsUnassigned(_protocol.Entries, index, mapping) : IsUncovered();

    /// <summary>Lists the pages that are assigned to an ASID, in the order of their addresses; a 2 MiB page once.</summary>
    /// <param name="asid">0 to 0x3FE.</param>
    /// <returns>The pages, for <c>foreach</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The ASID is larger.</exception>
    /// <remarks>
    /// <para>An ASID of 1 to 0x3FD is a guest; 0 lists the assigned pages that belong to no guest: firmware's. The entry of a VM save area
    /// in use does not show its owner: the page is listed under its owner if the table knows it, else, as in a dump, under 0x3FE
    /// (<see cref="RmpEntry.InUseAsid"/>). So each assigned page is listed under exactly one ASID, except those that another thread holds
    /// frozen (0x3FF).</para>
    /// <para>Every entry is read; where few pages belong to the ASID, the speed is the bandwidth of memory. Nothing is allocated.</para>
    /// </remarks>
    public OwnedPageEnumerator<TGeometry> PagesOf(uint asid) => new(this, asid);

    /// <summary>The 512 entries of a 2 MiB region, for <see cref="AssignedScan"/>.</summary>
    /// <param name="address">Any address in the region.</param>
    /// <returns>The entries, live; empty if the region is not covered. Valid while the table is.</returns>
    public ReadOnlySpan<RmpEntry> Region(PhysicalAddress address) =>
        _geometry.TryGetIndex(address.AlignDown(PageSize.Size2M), out nuint index)
            ? _protocol.Entries.Entries(index, (int)PageSize.Size2M.Pages())
            : IsUncovered() ? [] : default;

    /// <summary>How many 4 KiB pages are assigned to an ASID: the bookkeeping counter that firmware reads.</summary>
    /// <param name="asid">The ASID, below 2048.</param>
    /// <returns>4 KiB pages.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such counter.</exception>
    /// <remarks>
    /// <para>The count of a moment; never less than the pages that were assigned then, and zero only if none was. While an instruction
    /// runs, pages are counted before they are assigned and until after they are released.</para>
    /// <para>In a table in storage of its own each thread counts for itself, beside the bookkeeping, which stays zero. There the result may
    /// be more than the count of any moment, if other threads changed the counter all the while it was read. A table over existing storage
    /// counts in the bookkeeping, as hardware does.</para>
    /// </remarks>
    public ulong AssignedPages(uint asid)
    {
        if (asid >= ContiguousGeometry.AsidCounters) Throw.AsidRange(nameof(asid), asid, ContiguousGeometry.AsidCounters - 1);
        if (_disposed) Throw.Disposed(nameof(ReverseMapTable<>));
        return _protocol.AssignedPages(asid);
    }

    /// <summary>Releases the storage if the table reserved it itself. No other thread may be using the table; afterwards every call
    /// throws <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        _disposed = true;
        _reportsPlainly = false;
        _geometry = default; // covers nothing: no call accesses the storage any more
        _protocol.Changes.ChangeAll();
        if (_ownsStorage) _storage.Dispose();
    }

    /// <summary>The stamp that changes of a page's region move.</summary>
    internal uint ChangeStampOf(PhysicalAddress page) =>
        _geometry.TryGetIndex(page, out nuint index) ? EntryChanges.StampOf(index) : EntryChanges.StampOf(page);

    /// <summary>Before the first write of an instruction to an entry of a page's region; <see cref="EntryChanges.End"/> comes after the
    /// last one.</summary>
    private ulong[]? BeginChange(PhysicalAddress page, out uint stamp)
    {
        stamp = 0;
        if (!_protocol.Changes.IsWatched) return null;
        stamp = ChangeStampOf(page);
        return _protocol.Changes.Begin(stamp);
    }

    /// <summary>The cold path of a lookup that found no entry.</summary>
    /// <returns>True: the page is not covered. Throws if the reason is that the table was disposed.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsUncovered()
    {
        if (_disposed) Throw.Disposed(nameof(ReverseMapTable<>));
        return true;
    }

    private static ulong RoundToPages(ulong bytes) => (bytes + PageSize.Size4K.OffsetMask()) & ~PageSize.Size4K.OffsetMask();
}
