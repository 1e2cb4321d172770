using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using FastRmp.Internals;

namespace FastRmp;

/// <summary>Pinned memory seen as pages of 512 paging entries, handed out by reference so that callers use volatile and interlocked
/// accesses on them.</summary>
/// <remarks>Every access is checked against the block: an address comes out of an entry. The default value holds nothing and refuses
/// everything.</remarks>
internal readonly unsafe struct TableStore
{
    private readonly byte* _zero; // where physical address 0 would be
    private readonly ulong _start;
    private readonly ulong _length;

    internal TableStore(PinnedMemory memory, PhysicalAddress start)
    {
        _zero = memory.Pointer - start.Value;
        _start = start.Value;
        _length = memory.Length;
    }

    /// <summary>One entry.</summary>
    /// <param name="address">Its address, a multiple of 8.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref ulong Entry(PhysicalAddress address)
    {
        if (address.Value - _start >= _length) Refuse(address);
        // Safety: inside the owner's block, of whole pages, so that an aligned entry is inside as a whole.
        return ref *(ulong*)(_zero + address.Value);
    }

    /// <summary>The 512 entries of a page.</summary>
    /// <param name="page">Its address, a multiple of 4096.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    // Safety: as Entry; pages are inside as a whole.
    internal Span<ulong> Entries(PhysicalAddress page) => new(Unsafe.AsPointer(ref Entry(page)), PageArithmetic.EntriesPerTable);

    [DoesNotReturn]
    private void Refuse(PhysicalAddress address)
    {
        if (_length == 0) Throw.Disposed(nameof(PinnedMemory));
        Throw.RangeOutside(nameof(address), address.Value - _start, PagingEntry.SizeInBytes, _length);
    }
}
