using System;
using FastRmp.Internals;

namespace FastRmp;

/// <summary>Physical memory assembled from segments of one pinned block: a memory image, where most pages are absent. Read-only.</summary>
/// <remarks>Immutable after construction; any threads may take views. Does not own the block.</remarks>
public sealed class SparsePhysicalMemory
{
    private readonly PinnedMemory _block;
    private readonly MemorySegment[] _segments;

    /// <summary>Assembles the memory.</summary>
    /// <param name="block">The bytes; the caller disposes them after the last use.</param>
    /// <param name="segments">The physical address of each part of the block, in any order; empty segments are dropped, adjacent ones
    /// joined.</param>
    /// <exception cref="ArgumentOutOfRangeException">A segment does not lie inside the block, or ends above 2^52.</exception>
    /// <exception cref="ArgumentException">Two segments hold the same physical address.</exception>
    public SparsePhysicalMemory(PinnedMemory block, ReadOnlySpan<MemorySegment> segments)
    {
        ArgumentNullException.ThrowIfNull(block);
        _block = block;
        _segments = Normalise(block.Length, segments);
    }

    /// <summary>The segments, sorted by address, none adjacent to the next in both memory and block.</summary>
    public ReadOnlySpan<MemorySegment> Segments => _segments;

    /// <summary>A view for the walks of one thread: it caches the last segment used.</summary>
    /// <returns>The view; valid while the block is.</returns>
    public SparseMemoryView View() => new(_block, _segments);

    /// <summary>Copies bytes out of the image.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="destination">Receives the bytes.</param>
    /// <returns>How many bytes were copied before the first absent one; the rest of the destination is untouched.</returns>
    public int Read(PhysicalAddress address, Span<byte> destination)
    {
        int done = 0;
        ulong position = address.Value;
        while (done < destination.Length)
        {
            int index = SparseMemoryView.Find(_segments, position);
            if (index < 0) break;
            ref readonly MemorySegment segment = ref _segments[index];
            int count = (int)Math.Min((ulong)(destination.Length - done), segment.End - position);
            _block.ReadOnlySpan(segment.Offset + (position - segment.Start.Value), count).CopyTo(destination[done..]);
            done += count;
            position += (ulong)count;
        }

        return done;
    }

    private static MemorySegment[] Normalise(ulong blockLength, ReadOnlySpan<MemorySegment> segments)
    {
        MemorySegment[] sorted = segments.ToArray();
        Array.Sort(sorted, static (left, right) => left.Start.CompareTo(right.Start));
        int count = 0;
        foreach (MemorySegment segment in sorted)
        {
            if (segment.Length == 0) continue;
            if (segment.Offset > blockLength || segment.Length > blockLength - segment.Offset)
            {
                Throw.RangeOutside(nameof(segments), segment.Offset, segment.Length, blockLength);
            }

            if (segment.Length > PhysicalAddress.ValidMask + 1 - segment.Start.Value)
            {
                Throw.AddressOutOfRange(nameof(segments), segment.Start.Value + segment.Length - 1, PhysicalAddress.ValidMask);
            }

            if (count > 0 && sorted[count - 1].End > segment.Start.Value)
            {
                Throw.SegmentsOverlap(
                    nameof(segments), segment.Start.Value, segment.End, sorted[count - 1].Start.Value, sorted[count - 1].End);
            }

            if (count > 0 && sorted[count - 1].End == segment.Start.Value
                && sorted[count - 1].Offset + sorted[count - 1].Length == segment.Offset)
            {
                sorted[count - 1] = sorted[count - 1] with { Length = sorted[count - 1].Length + segment.Length };
            }
            else
            {
                sorted[count++] = segment;
            }
        }

        return sorted.AsSpan(0, count).ToArray();
    }
}
