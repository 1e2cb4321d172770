using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace FastRmp;

/// <summary>A reader of <see cref="SparsePhysicalMemory"/>: O(1) in the segment that was hit last, O(log segments) otherwise; no
/// allocation.</summary>
/// <remarks>For one thread: it updates its own record of the last hit. Pass it by reference.</remarks>
public unsafe ref struct SparseMemoryView : IPrefetchableMemory
{
    private readonly byte* _origin;
    private readonly ReadOnlySpan<MemorySegment> _segments;
    private ulong _start;
    private ulong _length;
    private ulong _offset;

    internal SparseMemoryView(PinnedMemory block, ReadOnlySpan<MemorySegment> segments)
    {
        _origin = block.Pointer;
        _segments = segments;
        _start = 0;
        _length = 0;
        _offset = 0;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(PhysicalAddress address, out ulong value)
    {
        ulong offset = address.Value - _start;
        if (offset < _length || TryMove(address.Value, out offset))
        {
            return TryReadHere(offset, out value) || TryReadAcross(address.Value, out value);
        }

        value = 0;
        return false;
    }

    /// <inheritdoc/>
    /// <remarks>In the segment that was hit last only: to look for another would cost more than the hint gains.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Prefetch(PhysicalAddress address)
    {
        ulong offset = address.Value - _start;
        if (Sse.IsSupported && offset < _length) Sse.Prefetch0(_origin + _offset + offset); // Safety: a hint; nothing is accessed.
    }

    /// <summary>The index of the segment that holds a byte address, or −1.</summary>
    internal static int Find(ReadOnlySpan<MemorySegment> segments, ulong address)
    {
        int low = 0;
        int high = segments.Length - 1;
        while (low <= high)
        {
            int middle = (int)(((uint)low + (uint)high) >> 1);
            ref readonly MemorySegment segment = ref segments[middle];
            if (address < segment.Start.Value)
            {
                high = middle - 1;
            }
            else if (address >= segment.End)
            {
                low = middle + 1;
            }
            else
            {
                return middle;
            }
        }

        return -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly bool TryReadHere(ulong offset, out ulong value)
    {
        if (_length < sizeof(ulong) || offset > _length - sizeof(ulong))
        {
            value = 0;
            return false;
        }

        // Safety: segments were checked against the block's length when the memory was assembled.
        value = Unsafe.ReadUnaligned<ulong>(_origin + _offset + offset);
        return true;
    }

    /// <summary>Reads a quadword that crosses the end of the segment: the next one may hold the rest, somewhere else in the
    /// block.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly bool TryReadAcross(ulong address, out ulong value)
    {
        value = 0;
        ulong gathered = 0;
        for (int i = 0; i < sizeof(ulong); i++)
        {
            int index = Find(_segments, address + (ulong)i);
            if (index < 0) return false;
            ref readonly MemorySegment segment = ref _segments[index];
            byte part = _origin[segment.Offset + (address + (ulong)i - segment.Start.Value)]; // Safety: as TryReadHere.
            gathered |= (ulong)part << (8 * i);
        }

        value = gathered;
        return true;
    }

    private bool TryMove(ulong address, out ulong offset)
    {
        offset = 0;
        int index = Find(_segments, address);
        if (index < 0) return false;
        ref readonly MemorySegment segment = ref _segments[index];
        _start = segment.Start.Value;
        _length = segment.Length;
        _offset = segment.Offset;
        offset = address - _start;
        return true;
    }
}
