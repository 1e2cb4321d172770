using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using FastRmp.Internals;

namespace FastRmp.Paging;

/// <summary>A cache of upper paging-structure entries, as processors have: a walk that hits begins at the page table or the page
/// directory.</summary>
/// <remarks>
/// <para>It belongs to one <see cref="PagingState"/>, so that no other state can hit, and to one memory. It holds entries that lead to
/// tables, never leaves or faults, each with the rights of the levels above.</para>
/// <para>As hardware's, it does not notice changes of the tables: results may be those of the old entries until the address is invalidated.
/// While no entry that leads to a table has changed, or after an invalidation, every result is that of a walk from the root. A check
/// (<see cref="IWalkCheck.MayUseEntry"/>) is not asked again about entries that it allowed before; so one cache goes with one check, and is
/// invalidated when the check's answers change.</para>
/// <para>Two direct-mapped arrays, allocated once. For one thread at a time.</para>
/// <para>Source: AMD64 APM vol. 2, 5.5, translation caching, and EFER.TCE.</para>
/// </remarks>
public sealed class PagingStructureCache
{
    private const int SmallestSize = 16;
    private const int LargestSize = 1 << 20;

    private readonly Entry[] _pageTables;
    private readonly Entry[] _pageDirectories;
    private readonly int _indexShift;
    private PagingState _state;
    private ulong _generation = 1; // part of every tag: all entries of older ones are void

    /// <summary>Makes an empty cache.</summary>
    /// <param name="state">The state whose walks use it.</param>
    /// <param name="entries">How many 2 MiB regions, and how many 1 GiB regions, it can hold at once: a power of two from 16 to 1,048,576.
    /// Each takes 64 bytes.</param>
    /// <param name="translationCacheExtension">EFER.TCE: what <see cref="Invalidate"/> leaves alone.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is no such power of two.</exception>
    public PagingStructureCache(in PagingState state, int entries = 1024, bool translationCacheExtension = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(entries, SmallestSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(entries, LargestSize);
        if (!BitOperations.IsPow2(entries)) Throw.NoPowerOfTwo(nameof(entries), entries);
        _state = state;
        TranslationCacheExtension = translationCacheExtension;
        _indexShift = (8 * sizeof(ulong)) - BitOperations.Log2((uint)entries);
        _pageTables = new Entry[entries];
        _pageDirectories = new Entry[entries];
    }

    /// <summary>The state whose walks use the cache.</summary>
    public ref readonly PagingState State => ref _state;

    /// <summary>EFER.TCE.</summary>
    public bool TranslationCacheExtension { get; }

    /// <summary>Forgets what an address needs, as INVLPG: all entries, or, with <see cref="TranslationCacheExtension"/>, only those on the
    /// way to the address.</summary>
    /// <param name="address">Any address.</param>
    public void Invalidate(VirtualAddress address)
    {
        if (!TranslationCacheExtension)
        {
            InvalidateAll();
            return;
        }

        Forget(_pageTables, address, PagingLevel.PageDirectory);
        Forget(_pageDirectories, address, PagingLevel.PageDirectoryPointer);
    }

    /// <summary>Forgets everything, as a write of CR3 does. Takes the same time whatever the cache holds.</summary>
    public void InvalidateAll()
    {
        // After 2^28 generations a tag could come again.
        if (++_generation < Entry.Generations) return;
        _generation = 1;
        Array.Clear(_pageTables);
        Array.Clear(_pageDirectories);
    }

    /// <summary>Goes over to another state, as a write of CR3, CR0, CR4 or EFER does: forgets everything.</summary>
    /// <param name="state">The state whose walks use the cache from now on.</param>
    public void Load(in PagingState state)
    {
        _state = state;
        InvalidateAll();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal PagingLevel Find(VirtualAddress address, ref WalkProgress walk) =>
        TryFind(_pageTables, address, PagingLevel.PageDirectory, ref walk) ? PagingLevel.PageTable
        : TryFind(_pageDirectories, address, PagingLevel.PageDirectoryPointer, ref walk) ? PagingLevel.PageDirectory
        : PagingLevel.None;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(VirtualAddress address, in WalkProgress walk, PagingLevel level)
    {
        PagingLevel above = level + 1;
        Entry[] entries = level == PagingLevel.PageTable ? _pageTables : _pageDirectories;
        entries[IndexOf(address, above)] = new Entry { Tag = TagOf(address, above), Table = walk.Table, All = walk.All, Any = walk.Any };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryFind(Entry[] entries, VirtualAddress address, PagingLevel above, ref WalkProgress walk)
    {
        ref readonly Entry entry = ref entries[IndexOf(address, above)];
        if (entry.Tag != TagOf(address, above)) return false;
        walk.Table = entry.Table;
        walk.All = entry.All;
        walk.Any = entry.Any;
        return true;
    }

    private void Forget(Entry[] entries, VirtualAddress address, PagingLevel above)
    {
        ref Entry entry = ref entries[IndexOf(address, above)];
        if (entry.Tag == TagOf(address, above)) entry = default;
    }

    /// <summary>Multiplicative hashing: neighbours spread evenly, and regions that are powers of two apart seldom meet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int IndexOf(VirtualAddress address, PagingLevel above)
    {
        const ulong GoldenRatio = 0x9E37_79B9_7F4A_7C15UL; // 2^64 by the golden ratio
        return (int)(((address.Value >> above.ShiftUnchecked()) * GoldenRatio) >> _indexShift);
    }

    /// <summary>The region, unsigned, and the generation: 36 and 28 bits. Canonical addresses differ in their low 57 bits
    /// already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong TagOf(VirtualAddress address, PagingLevel above) =>
        ((address.Value >> above.ShiftUnchecked()) & Entry.RegionMask) | (_generation << Entry.RegionBits);

    private struct Entry
    {
        internal const int RegionBits = 36;
        internal const ulong RegionMask = (1UL << RegionBits) - 1;
        internal const ulong Generations = 1UL << (64 - RegionBits);

        internal ulong Tag; // 0: never written, or forgotten
        internal PhysicalAddress Table;
        internal ulong All;
        internal ulong Any;
    }
}
