using System;
using FastRmp.Internals;

namespace FastRmp;

/// <summary>The pages of an ASID among entries that no other thread changes: see <see cref="OwnedPage.Among"/>.</summary>
/// <remarks>For one thread.</remarks>
public ref struct OwnedEntryEnumerator
{
    private const int PagesPerRegion = PageArithmetic.EntriesPerTable;

    private readonly ReadOnlySpan<RmpEntry> _entries;
    private readonly PhysicalAddress _start;
    private readonly uint _asid;
    private int _next;

    internal OwnedEntryEnumerator(PhysicalAddress start, ReadOnlySpan<RmpEntry> entries, uint asid)
    {
        if (!start.IsAligned(PageSize.Size2M)) Throw.Misaligned(nameof(start), start.Value, PageSize.Size2M.Bytes());
        if (entries.Length % PagesPerRegion != 0) Throw.Misaligned(nameof(entries), (ulong)entries.Length, PagesPerRegion);
        OwnedPage.RequireOwner(asid);
        _start = start;
        _entries = entries;
        _asid = asid;
    }

    /// <summary>The page that was found last.</summary>
    public OwnedPage Current { get; private set; }

    /// <summary>The enumerator itself.</summary>
    /// <returns>A copy.</returns>
    public readonly OwnedEntryEnumerator GetEnumerator() => this;

    /// <summary>Goes to the next page.</summary>
    /// <returns>False at the end.</returns>
    public bool MoveNext()
    {
        while (_next < _entries.Length)
        {
            int found = OwnerScan.IndexOfFirst(_entries[_next..], _asid);
            if (found < 0) break;
            int index = _next + found;
            int top = index - (index % PagesPerRegion);
            bool isLarge = _entries[top].PageSize == PageSize.Size2M;
            _next = isLarge ? top + PagesPerRegion : index + 1;
            RmpEntry entry = _entries[index];
            if ((isLarge && index != top) || entry.Asid != _asid) continue;
            Current = new OwnedPage(_start + ((ulong)index << PageSize.Size4K.Shift()), isLarge ? PageSize.Size2M : PageSize.Size4K, entry);
            return true;
        }

        _next = _entries.Length;
        return false;
    }
}
