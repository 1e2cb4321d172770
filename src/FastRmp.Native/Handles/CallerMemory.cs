using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using System.Threading;

namespace FastRmp.Native;

/// <summary>The caller's RAM as walks see it: O(1) in the piece that was hit last, O(pieces) otherwise; no allocation.</summary>
/// <remarks>For one thread and one call. Every access is checked against the pieces; what is behind them is the caller's word.</remarks>
internal unsafe ref struct CallerMemory : IMutablePhysicalMemory, IPrefetchableMemory
{
    private readonly ReadOnlySpan<MemoryPiece> _pieces;
    private byte* _zero; // where physical address 0 would be in the piece
    private ulong _start;
    private ulong _ends; // offsets below it have eight bytes

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal CallerMemory(MemoryPiece[] pieces)
    {
        _pieces = pieces;
        ref readonly MemoryPiece first = ref pieces[0]; // there is at least one, of at least a page
        _start = first.Start;
        _zero = first.Pointer - first.Start;
        _ends = first.Length - (sizeof(ulong) - 1);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(PhysicalAddress address, out ulong value)
    {
        if (address.Value - _start >= _ends && !TryMove(address.Value))
        {
            value = 0;
            return false;
        }

        value = Volatile.Read(ref *(ulong*)(_zero + address.Value)); // Safety: all eight bytes lie inside the piece.
        return true;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Prefetch(PhysicalAddress address)
    {
        // Safety: a hint; nothing is accessed.
        if (Sse.IsSupported && address.Value - _start < _ends) Sse.Prefetch0(_zero + address.Value);
    }

    /// <inheritdoc/>
    public bool TryCompareExchange(PhysicalAddress address, ulong value, ulong comparand, out ulong prior)
    {
        prior = 0;
        if ((address.Value & (sizeof(ulong) - 1)) != 0) return false;
        if (address.Value - _start >= _ends && !TryMove(address.Value)) return false;
        // Safety: as TryRead; the piece is writable, as the header demands.
        prior = Interlocked.CompareExchange(ref *(ulong*)(_zero + address.Value), value, comparand);
        return true;
    }

    /// <summary>Looks for the piece that holds eight bytes. Pieces are whole pages, so that an aligned quadword is in one of
    /// them.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryMove(ulong address)
    {
        foreach (ref readonly MemoryPiece piece in _pieces)
        {
            ulong ends = piece.Length - (sizeof(ulong) - 1);
            if (address - piece.Start >= ends) continue;
            _start = piece.Start;
            _zero = piece.Pointer - piece.Start;
            _ends = ends;
            return true;
        }

        return false;
    }
}
