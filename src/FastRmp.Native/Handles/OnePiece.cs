using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using System.Threading;

namespace FastRmp.Native;

/// <summary>The caller's RAM where it is one piece: <see cref="CallerMemory"/> without a search.</summary>
internal readonly unsafe struct OnePiece : IPrefetchableMemory
{
    private readonly byte* _zero; // where physical address 0 would be
    private readonly ulong _start;
    private readonly ulong _ends; // offsets below it have eight bytes

    internal OnePiece(in MemoryPiece piece)
    {
        _zero = piece.Pointer - piece.Start;
        _start = piece.Start;
        _ends = piece.Length - (sizeof(ulong) - 1);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(PhysicalAddress address, out ulong value)
    {
        if (address.Value - _start >= _ends)
        {
            value = 0;
            return false;
        }

        value = Volatile.Read(ref *(ulong*)(_zero + address.Value)); // Safety: all eight bytes lie inside the piece.
        return true;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(PhysicalAddress address)
    {
        // Safety: a hint; nothing is accessed.
        if (Sse.IsSupported && address.Value - _start < _ends) Sse.Prefetch0(_zero + address.Value);
    }
}
