using System;
using System.Threading;
using FastRmp.Internals;
using FastRmp.Paging;

namespace FastRmp.DirectMap;

/// <summary>The host kernel's direct map (physmap): all RAM at a constant offset, in real paging structures that the walker
/// walks.</summary>
/// <remarks>
/// <para>Linux: arch/x86/mm/pat/set_memory.c. RAM is mapped read-write, no-execute and global, with the largest pages that alignment and
/// length allow.</para>
/// <para>Thread-safety: one thread at a time may split and rejoin (the kernel holds pgd_lock). Walks may run during splits. During a
/// rejoin, which frees table pages, those of translation caches in <see cref="DirectMapOptions.Processors"/> may, since the flush makes
/// them begin again; others may not.</para>
/// </remarks>
public sealed partial class HostDirectMap : IDisposable
{
    private const ulong FourLevelBase = 0xFFFF_8880_0000_0000UL;
    private const ulong FiveLevelBase = 0xFF11_0000_0000_0000UL;

    // What Linux writes: 0x8000_0000_0000_0163 in a leaf (and PS in a large one), 0x067 in a table entry at boot, 0x063 after a
    // split.
    private const ulong LeafFlags = PagingEntry.PresentMask | PagingEntry.WritableMask | PagingEntry.AccessedMask | PagingEntry.DirtyMask
        | PagingEntry.GlobalMask | PagingEntry.NoExecuteMask;

    private const ulong SplitTableFlags =
        PagingEntry.PresentMask | PagingEntry.WritableMask | PagingEntry.AccessedMask | PagingEntry.DirtyMask;
    private const ulong BootTableFlags = SplitTableFlags | PagingEntry.UserMask;

    private readonly TablePool _tables;
    private readonly ModelChoices _choices;
    private readonly TlbDomain? _processors;
    private readonly PhysicalRange[] _ram;
    private readonly bool _gigabytePages;
    private long _leaves4K;
    private long _leaves2M;
    private long _leaves1G;
    private long _peak4K;
    private long _splits2M;
    private long _splits1G;
    private long _rejoins2M;
    private long _rejoins1G;
    private long _peakTablePages;
    private long _globalFlushes;
    private long _rangedFlushes;

    /// <summary>Builds the map as the kernel does at boot.</summary>
    /// <param name="ram">Ranges of RAM in bytes, in any order, not overlapping. Adjacent ranges are joined, also inside a page; then
    /// only whole 4 KiB pages are mapped.</param>
    /// <param name="options">Where map and paging structures lie.</param>
    /// <exception cref="ArgumentException">There is no RAM, ranges overlap each other or the paging structures, RAM does not fit into the
    /// address window, or the table pages do not suffice.</exception>
    public HostDirectMap(ReadOnlySpan<PhysicalRange> ram, DirectMapOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(options.Choices, nameof(options));
        _choices = options.Choices;
        _processors = options.Processors;
        _ram = DirectMapRanges.Normalise(ram);
        ulong top = _ram[^1].End;
        _gigabytePages = options.Processor.HasGigabytePages;
        VirtualBase = options.VirtualBase.Value != 0 ? options.VirtualBase
            : new VirtualAddress(options.Mode.IsFiveLevel() ? FiveLevelBase : FourLevelBase);
        DirectMapRanges.RequireWindow(VirtualBase, top, options.Mode);
        PhysicalAddress tableBase = options.TableBase ?? DirectMapRanges.AboveRam(top);
        long pages = options.MaxTablePages ?? DirectMapRanges.TablePagesForAll(top);
        DirectMapRanges.RequireTablesOutside(_ram, tableBase, pages);
        DirectMapRanges.RequireWidth(top, options.Processor.PhysicalAddressWidth);
        DirectMapRanges.RequireWidth(tableBase.Value + ((ulong)pages * PageSize.Size4K.Bytes()), options.Processor.PhysicalAddressWidth);
        _tables = new TablePool(tableBase, pages);
        State = new PagingState(TakeTable(), options.Mode, options.Processor, choices: options.Choices);
        foreach (PhysicalRange range in _ram)
        {
            MapRange(range);
        }

        _peak4K = _leaves4K;
    }

    /// <summary>Virtual address of physical address 0.</summary>
    public VirtualAddress VirtualBase { get; }

    /// <summary>What a walk of the map starts from.</summary>
    public PagingState State { get; }

    /// <summary>The mapped RAM: whole pages, sorted, with a hole between any two ranges.</summary>
    public ReadOnlySpan<PhysicalRange> Ram => _ram;

    /// <summary>The physical range that the paging structures may take.</summary>
    public PhysicalRange Tables => new(_tables.Start, (ulong)(_tables.Taken + _tables.Available) * PageSize.Size4K.Bytes());

    /// <summary>Leaves now, and the work done since the map was built.</summary>
    public DirectMapStatistics Statistics => new(
        _leaves4K, _leaves2M, _leaves1G, _peak4K, _splits2M, _splits1G, _rejoins2M, _rejoins1G, _tables.Taken, _peakTablePages,
        _globalFlushes, _rangedFlushes);

    /// <summary>Which pages of this process the paging structures are in: see <see cref="PinnedMemory.Backing"/>.</summary>
    /// <exception cref="ObjectDisposedException">The map was disposed.</exception>
    public MemoryBacking TablesBacking => _tables.Backing;

    /// <summary>The paging structures as memory for a walker.</summary>
    /// <returns>A view; valid while the map is.</returns>
    public PinnedMemoryView View() => _tables.View();

    /// <summary>The virtual address at which the map has a physical address.</summary>
    /// <param name="address">The physical address.</param>
    /// <returns>The virtual address; mapped only if the address is RAM.</returns>
    public VirtualAddress ToVirtual(PhysicalAddress address) => VirtualBase + address.Value;

    /// <summary>Translates a virtual address of the map.</summary>
    /// <param name="address">The virtual address.</param>
    /// <param name="physical">The physical address.</param>
    /// <returns>False if no RAM is mapped there.</returns>
    public bool TryToPhysical(VirtualAddress address, out PhysicalAddress physical)
    {
        ulong offset = address.Value - VirtualBase.Value;
        if (!PhysicalAddress.TryCreate(offset, out physical)) return false;
        return DirectMapRanges.Find(_ram, physical, 1) >= 0;
    }

    /// <summary>The size of the leaf that maps an address.</summary>
    /// <param name="address">The physical address.</param>
    /// <param name="size">The size.</param>
    /// <returns>False if it is not mapped.</returns>
    public bool TryGetMapping(PhysicalAddress address, out PageSize size)
    {
        size = default;
        if (DirectMapRanges.Find(_ram, address, 1) < 0) return false; // beyond the window an address has the indices of another one
        bool mapped = TryFindLeaf(address, out PagingLevel level, out _);
        if (mapped) size = level.LeafSize();
        return mapped;
    }

    /// <summary>Whether a page of an RMPUPDATE is what Linux calls valid: RAM, a 2 MiB page aligned and with RAM at its end.</summary>
    internal bool IsValid(PhysicalAddress page, PageSize size) =>
        DirectMapRanges.Find(_ram, page, 1) >= 0
        && (size == PageSize.Size4K
        || (page.AlignDown(size).Value >> PageSize.Size4K.Shift() == page.Value >> PageSize.Size4K.Shift()
        && DirectMapRanges.Find(_ram, page.AlignDown(size) + size.OffsetMask(), 1) >= 0));

    /// <summary>The open points as decided for this map.</summary>
    internal ModelChoices Choices => _choices;

    /// <summary>Releases the paging structures.</summary>
    public void Dispose() => _tables.Dispose();

    private static ulong LeafFlagsOf(PageSize size) => size == PageSize.Size4K ? LeafFlags : LeafFlags | PagingEntry.LargePageMask;

    private void MapRange(PhysicalRange range)
    {
        PhysicalAddress position = range.Start;
        ulong left = range.Length;
        while (left > 0)
        {
            PageSize size = DirectMapRanges.LargestLeaf(position, left, _gigabytePages);
            MapLeaf(position, size);
            position += size.Bytes();
            left -= size.Bytes();
        }
    }

    private void MapLeaf(PhysicalAddress page, PageSize size)
    {
        VirtualAddress address = ToVirtual(page);
        PhysicalAddress table = State.Root;
        PagingLevel leafLevel = (PagingLevel)((int)PagingLevel.PageTable + (int)size);
        for (PagingLevel level = State.TopLevel; level > leafLevel; level--)
        {
            ref ulong entry = ref _tables.Entry(LongModeTable.EntryAddress(table, address, level));
            if ((entry & PagingEntry.PresentMask) == 0)
            {
                entry = TakeTable().Value | (_choices.BootTablesAreSupervisor ? SplitTableFlags : BootTableFlags);
            }

            table = new PagingEntry(entry).Address;
        }

        _tables.Entry(LongModeTable.EntryAddress(table, address, leafLevel)) = page.Value | LeafFlagsOf(size);
        CountLeaves(size, 1);
    }

    private PhysicalAddress TakeTable()
    {
        if (_tables.Available == 0) Throw.Geometry("options", $"{_tables.Taken} table pages do not suffice to build the map.");
        PhysicalAddress table = _tables.Take();
        _peakTablePages = Math.Max(_peakTablePages, _tables.Taken);
        return table;
    }

    private bool TryFindLeaf(PhysicalAddress page, out PagingLevel level, out PhysicalAddress entryAddress)
    {
        VirtualAddress address = ToVirtual(page);
        PhysicalAddress table = State.Root;
        for (level = State.TopLevel; ; level--)
        {
            entryAddress = LongModeTable.EntryAddress(table, address, level);
            ulong entry = Volatile.Read(ref _tables.Entry(entryAddress));
            if ((entry & PagingEntry.PresentMask) == 0) return false;
            if (LongModeTable.IsLeaf(entry, level)) return true;
            table = new PagingEntry(entry).Address;
        }
    }

    /// <summary>flush_tlb_all: after the entry was written, and before the caller does what relies on it. Of the host alone, since no
    /// guest's translation goes through its map.</summary>
    private void FlushAll()
    {
        _globalFlushes++;
        _processors?.Invalidate(TlbInvalidation.OfAsid(0));
    }

    private void FlushRange(ulong start, ulong end)
    {
        _rangedFlushes++;
        ulong first = start & ~PageSize.Size4K.OffsetMask();
        ulong pages = (end - first + PageSize.Size4K.OffsetMask()) >> PageSize.Size4K.Shift();
        _processors?.Invalidate(TlbInvalidation.OfHostPages(ToVirtual(PhysicalAddress.CreateUnchecked(first)), pages));
    }

    private void CountLeaves(PageSize size, long delta)
    {
        switch (size)
        {
            case PageSize.Size4K:
                _leaves4K += delta;
                _peak4K = Math.Max(_peak4K, _leaves4K);
                break;
            case PageSize.Size2M:
                _leaves2M += delta;
                break;
            default:
                _leaves1G += delta;
                break;
        }
    }
}
