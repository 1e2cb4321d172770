using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using System.Threading;

namespace FastRmp;

/// <summary>Pinned memory seen as one range of physical memory: O(1) lookup, reads and compare-exchange.</summary>
/// <remarks>
/// <para>A plain value that can be kept in a field. It keeps its <see cref="PinnedMemory"/> reachable and is valid
/// until that is disposed, which it does not notice. The default value holds nothing.</para>
/// <para>Any threads may use views of the same memory. Nothing is allocated.</para>
/// </remarks>
public readonly unsafe struct PinnedMemoryView : IMutablePhysicalMemory, IPrefetchableMemory, IEquatable<PinnedMemoryView>
{
    // where physical address 0 would be: an entry is found without waiting for the subtraction that checks it
    private readonly byte* _zero;
    private readonly ulong _start;
    private readonly ulong _ends; // offsets below it have eight bytes
    private readonly PinnedMemory? _owner;

    internal PinnedMemoryView(PinnedMemory owner, ulong start)
    {
        _zero = owner.Pointer - start;
        _start = start;
        _ends = owner.Length < sizeof(ulong) ? 0 : owner.Length - (sizeof(ulong) - 1);
        _owner = owner;
    }

    /// <summary>The physical address of the first byte.</summary>
    public PhysicalAddress Start => PhysicalAddress.CreateUnchecked(_start);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(PhysicalAddress address, out ulong value)
    {
        ulong offset = address.Value - _start;
        if (offset >= _ends)
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
        if (Sse.IsSupported && address.Value - _start < _ends) Sse.Prefetch0(_zero + address.Value); // Safety: a hint; nothing is accessed.
    }

    /// <inheritdoc/>
    public bool TryCompareExchange(PhysicalAddress address, ulong value, ulong comparand, out ulong prior)
    {
        ulong offset = address.Value - _start;
        if (offset >= _ends || (offset & 7) != 0)
        {
            prior = 0;
            return false;
        }

        // Safety: all eight bytes lie inside the owner's block, which the owner keeps writable.
        prior = Interlocked.CompareExchange(ref *(ulong*)(_zero + address.Value), value, comparand);
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(PinnedMemoryView other) => ReferenceEquals(_owner, other._owner) && _start == other._start;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PinnedMemoryView other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_owner, _start);

    /// <summary>Equality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether both show the same block at the same address.</returns>
    public static bool operator ==(PinnedMemoryView left, PinnedMemoryView right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether they differ.</returns>
    public static bool operator !=(PinnedMemoryView left, PinnedMemoryView right) => !left.Equals(right);
}
