using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using System.Threading;

namespace FastRmp;

/// <summary>Pinned memory seen as one range of physical memory: O(1) lookup, reads and compare-exchange.</summary>
/// <remarks>Valid while its <see cref="PinnedMemory"/> is. Any threads may use views of the same memory.</remarks>
public readonly unsafe ref struct PinnedMemoryView : IMutablePhysicalMemory, IPrefetchableMemory
{
    private readonly byte* _zero; // where physical address 0 would stand: an entry is found without waiting for the subtraction that checks it
    private readonly ulong _start;
    private readonly ulong _lastQword;

    internal PinnedMemoryView(byte* origin, ulong start, ulong length)
    {
        _zero = origin - start;
        _start = start;
        _lastQword = length - sizeof(ulong);
    }

    /// <summary>The physical address of the first byte.</summary>
    public PhysicalAddress Start => PhysicalAddress.CreateUnchecked(_start);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(PhysicalAddress address, out ulong value)
    {
        ulong offset = address.Value - _start;
        if (offset > _lastQword)
        {
            value = 0;
            return false;
        }

        Debug.Assert((offset & 7) == 0, "A walker reads whole entries.");
        value = Volatile.Read(ref *(ulong*)(_zero + address.Value)); // Safety: all eight bytes lie inside the owner's block.
        return true;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(PhysicalAddress address)
    {
        if (Sse.IsSupported && address.Value - _start <= _lastQword) Sse.Prefetch0(_zero + address.Value); // Safety: a hint; nothing is accessed.
    }

    /// <inheritdoc/>
    public bool TryCompareExchange(PhysicalAddress address, ulong value, ulong comparand, out ulong prior)
    {
        ulong offset = address.Value - _start;
        if (offset > _lastQword || (offset & 7) != 0)
        {
            prior = 0;
            return false;
        }

        // Safety: all eight bytes lie inside the owner's block, which the owner keeps writable.
        prior = Interlocked.CompareExchange(ref *(ulong*)(_zero + address.Value), value, comparand);
        return true;
    }
}
