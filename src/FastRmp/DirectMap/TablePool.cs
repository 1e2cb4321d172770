using System;

namespace FastRmp.DirectMap;

/// <summary>The 4 KiB pages for paging structures. Unused pages are taken in order; returned pages form a linked list, whose links are in
/// the pages themselves.</summary>
internal sealed class TablePool : IDisposable
{
    private const ulong NoPage = ulong.MaxValue;

    // A bit for each entry of each page.
    private const int FlagBytes = PageArithmetic.EntriesPerTable / 8;

    private readonly PinnedMemory _memory;
    private readonly PinnedMemory _ownKernel4K;
    private readonly long _capacity;
    private TableStore _tables;
    private ulong _free = NoPage;
    private long _untouched;

    internal TablePool(PhysicalAddress start, long pages)
    {
        Start = start;
        _capacity = pages;
        _memory = PinnedMemory.Reserve((ulong)pages * PageSize.Size4K.Bytes());
        _ownKernel4K = PinnedMemory.Reserve((((ulong)pages * FlagBytes) + PageSize.Size4K.OffsetMask()) & ~PageSize.Size4K.OffsetMask());
        _tables = new TableStore(_memory, start);
    }

    internal PhysicalAddress Start { get; }

    internal long Taken { get; private set; }

    internal long Available => _capacity - Taken;

    /// <summary>Takes a page. The caller has looked at <see cref="Available"/>, and fills all of a page that may have been used
    /// before.</summary>
    internal PhysicalAddress Take()
    {
        Taken++;
        if (_free == NoPage) return Start + ((ulong)_untouched++ * PageSize.Size4K.Bytes());
        PhysicalAddress page = Start + _free;
        _free = Words(page)[0];
        return page;
    }

    internal void Return(PhysicalAddress page)
    {
        Words(page)[0] = _free;
        _free = page - Start;
        Taken--;
    }

    internal Span<ulong> Words(PhysicalAddress page) => _tables.Entries(page);

    internal ref ulong Entry(PhysicalAddress address) => ref _tables.Entry(address);

    /// <summary>Records that the model set KERNEL_4K in an entry.</summary>
    internal void SetOwnKernel4K(PhysicalAddress entry)
    {
        int index = IndexOf(entry);
        OwnKernel4K(entry)[index / 8] |= (byte)(1 << (index % 8));
    }

    /// <summary>Deletes the record of an entry.</summary>
    internal void ClearOwnKernel4K(PhysicalAddress entry)
    {
        int index = IndexOf(entry);
        OwnKernel4K(entry)[index / 8] &= (byte)~(1 << (index % 8));
    }

    /// <summary>The records of a page's 512 entries, one bit each.</summary>
    internal Span<byte> OwnKernel4K(PhysicalAddress page) =>
        _ownKernel4K.Span((page - Start) / PageSize.Size4K.Bytes() * FlagBytes, FlagBytes);

    internal MemoryBacking Backing => _memory.Backing;

    internal PinnedMemoryView View() => _memory.View(Start);

    public void Dispose()
    {
        _tables = default; // from now on every access is refused
        _memory.Dispose();
        _ownKernel4K.Dispose();
    }

    private static int IndexOf(PhysicalAddress entry) => (int)((entry.Value & PageSize.Size4K.OffsetMask()) / sizeof(ulong));
}
