using System.Threading;

namespace FastRmp.Native;

/// <summary>A table over the caller's storage.</summary>
internal sealed unsafe class TableHandle : LiveHandle
{
    private const ulong OneChange = 1UL << 32;

    private const ulong Group = 1024;
    private const int PageShift = 12;

    private readonly PinnedMemory _storage;
    private readonly ulong* _entries; // of the page at address 0
    private readonly ulong _pages; // covered, if the entries are in one piece; else 0

    internal TableHandle(ReverseMapTable<RmpGeometry> table, PinnedMemory storage)
    {
        Table = table;
        _storage = storage;
        _entries = (ulong*)(storage.Pointer + ContiguousGeometry.BookkeepingBytes);
        _pages = table.Geometry.TryGetContiguous(out ContiguousGeometry geometry) ? geometry.CoveredPages : 0;
    }

    /// <inheritdoc/>
    internal override byte Kind => 0xA1;

    /// <summary>The table.</summary>
    internal ReverseMapTable<RmpGeometry> Table { get; }

    /// <summary>How many in-use marks there are in [31:0], and how often that changed in [63:32], for the check in the
    /// header.</summary>
    internal ulong* InUse { get; private set; }

    /// <summary>The caller's storage.</summary>
    internal byte* Storage => _storage.Pointer;

    /// <summary>What the check in the header needs.</summary>
    internal TableView View => new(_pages == 0 ? 0 : (nint)_entries, _pages, (nint)InUse, Value);

    /// <summary>The host's check of many addresses.</summary>
    /// <param name="addresses">The addresses.</param>
    /// <param name="count">How many.</param>
    /// <param name="kind">A <see cref="AccessKind"/>.</param>
    /// <param name="mapping">The size of the mapping.</param>
    /// <param name="isUser">Whether in user mode.</param>
    /// <param name="codes">Receives the error codes.</param>
    /// <returns>False if an address is beyond bit 51; those before it are checked.</returns>
    /// <remarks>Groups in which no page was in use from the first entry to the last are decided by the entries alone.</remarks>
    internal bool CheckWrites(ulong* addresses, ulong count, uint kind, PageSize mapping, bool isUser, uint* codes)
    {
        uint code = kind == (uint)AccessKind.Write ? (uint)FaultCodes.OfHostWrite(isUser).Value : 0;
        for (ulong first = 0; first < count; first += Group)
        {
            ulong size = ulong.Min(Group, count - first);
            if (!CheckGroup(addresses + first, size, code, mapping, codes + first)
                && !CheckEach(addresses + first, size, (AccessKind)kind, mapping, isUser, codes + first))
            {
                return false;
            }
        }

        return true;
    }

    /// <returns>False if an entry alone does not decide.</returns>
    private bool CheckGroup(ulong* addresses, ulong count, uint code, PageSize mapping, uint* codes)
    {
        ulong uses = Volatile.Read(ref *InUse);
        ulong pages = _pages;
        ulong* entries = _entries;
        ulong beside = mapping == PageSize.Size4K ? 0 : PageSize.Size2M.Pages() - 1;
        ulong reach = RmpEntry.AssignedMask | (mapping == PageSize.Size4K ? 0 : RmpEntry.SubpageCountMask);
        for (ulong i = 0; i < count; i++)
        {
            ulong page = addresses[i] >> PageShift;
            if (page >= pages) return false;
            ulong low = Volatile.Read(ref entries[2 * (page & ~beside)]); // Safety: the page is covered by the caller's storage.
            codes[i] = (low & reach) == 0 ? 0 : code;
        }

        return (uint)uses == 0 && Volatile.Read(ref *InUse) == uses;
    }

    private bool CheckEach(ulong* addresses, ulong count, AccessKind kind, PageSize mapping, bool isUser, uint* codes)
    {
        for (ulong i = 0; i < count; i++)
        {
            ulong address = addresses[i];
            if (address > PhysicalAddress.ValidMask) return false;
            codes[i] = (uint)RmpCheck.Host(Table, kind, PhysicalAddress.CreateUnchecked(address), mapping, isUser).Value;
        }

        return true;
    }

    /// <summary>Counts a mark: to be called before it is set.</summary>
    internal void CountMark() => Interlocked.Add(ref *InUse, OneChange + 1);

    /// <summary>Takes a mark off the count: to be called after it was removed.</summary>
    internal void CountUnmark() => Interlocked.Add(ref *InUse, OneChange - 1);

    /// <inheritdoc/>
    internal override void Begin(int slot)
    {
        InUse = UseWords.Of(slot);
        *InUse = (*InUse | (OneChange - 1)) + 1; // none, and not what a table before had
    }

    /// <inheritdoc/>
    internal override void End() => Table.Dispose();
}
