using System;
using System.Collections.Generic;

namespace FastRmp.Images;

/// <summary>Which ranges of physical memory a file of segments holds, and which it names without holding them.</summary>
internal sealed class HeldSegments
{
    private readonly MemorySegment[] _held;
    private readonly ImageHole[] _holes;
    private readonly uint[] _firsts; // the first segment that ends above the beginning of each stretch, and one more
    private readonly int _shift;

    /// <summary>Takes segments in order of address, none over another, and holes in any order.</summary>
    internal HeldSegments(MemorySegment[] held, ImageHole[] holes)
    {
        _held = Join(held);
        _holes = Separate(holes);
        _firsts = Firsts(_held, out _shift);
    }

    internal ReadOnlySpan<MemorySegment> Held => _held;

    /// <summary>Whether each segment begins and ends between pages of 4 KiB.</summary>
    internal bool AreWholePages => Array.TrueForAll(_held, static segment => ((segment.Start.Value | segment.Length) & 0xFFF) == 0);

    /// <summary>Into how many stretches of equal size the physical memory up to the last segment is divided.</summary>
    internal int Stretches => _firsts.Length - 1;

    /// <summary>The base-2 logarithm of a stretch.</summary>
    internal int StretchShift => _shift;

    /// <summary>The index of the segment that holds an address, or −1.</summary>
    internal int Find(ulong address)
    {
        int index = FirstEndingAbove(address);
        return index < _held.Length && _held[index].Start.Value <= address ? index : -1;
    }

    internal ImagePageStatus StatusOf(ulong address)
    {
        if (Find(address) >= 0) return ImagePageStatus.Present;
        int hole = FirstHoleEndingAbove(address);
        return hole < _holes.Length && _holes[hole].Start <= address ? _holes[hole].Status : ImagePageStatus.Absent;
    }

    /// <summary>The first address at or above one, in the same segment or at its end, where the file may have other bytes than
    /// zeros.</summary>
    internal ulong NextData(ByteSource bytes, ulong address)
    {
        int index = Find(address);
        if (index < 0) return address;
        MemorySegment segment = Held[index];
        ulong offset = segment.Offset + (address - segment.Start.Value);
        ulong next = bytes.NextData(offset) - offset;
        return next < segment.End - address ? address + next : segment.End;
    }

    internal bool TryNextHeld(ulong address, out ulong start, out ulong end)
    {
        int index = FirstEndingAbove(address);
        start = 0;
        end = 0;
        if (index == _held.Length) return false;
        start = Math.Max(address, _held[index].Start.Value);
        end = _held[index].End;
        while (++index < _held.Length && _held[index].Start.Value == end)
        {
            end = _held[index].End;
        }

        return true;
    }

    /// <summary>Held ranges and holes together.</summary>
    internal bool TryNextKnown(ulong address, out ulong start, out ulong end)
    {
        bool found = TryNextPiece(address, out start, out end);
        while (found && TryNextPiece(end, out ulong next, out ulong last) && next == end)
        {
            end = last;
        }

        return found;
    }

    /// <summary>How many bytes there are, and of those that are not, how many were left out and how many are lost.</summary>
    internal ImageByteCounts Count()
    {
        ulong held = 0;
        ulong excluded = 0;
        ulong lost = 0;
        foreach (MemorySegment segment in _held)
        {
            held += segment.Length;
        }

        foreach (ImageHole hole in _holes)
        {
            ulong missing = hole.Length;
            // Another segment may have what this one has not.
            for (ulong at = hole.Start; TryNextHeld(at, out ulong start, out ulong end) && start < hole.End; at = end)
            {
                missing -= Math.Min(end, hole.End) - start;
            }

            if (hole.Status == ImagePageStatus.Lost) lost += missing;
            else excluded += missing;
        }

        return new ImageByteCounts(held, excluded, lost, 0);
    }

    private bool TryNextPiece(ulong address, out ulong start, out ulong end)
    {
        bool found = TryNextHeld(address, out start, out end);
        int index = FirstHoleEndingAbove(address);
        if (index == _holes.Length || (found && _holes[index].Start >= start)) return found;
        start = Math.Max(_holes[index].Start, address);
        end = _holes[index].End;
        return true;
    }

    private int FirstHoleEndingAbove(ulong address)
    {
        int low = 0;
        int high = _holes.Length;
        while (low < high)
        {
            int middle = (int)(((uint)low + (uint)high) >> 1);
            if (_holes[middle].End > address) high = middle;
            else low = middle + 1;
        }

        return low;
    }

    // The stretch of an address leaves few segments to look at, unless very many lie close together.
    private int FirstEndingAbove(ulong address)
    {
        ulong stretch = address >> _shift;
        if (stretch + 1 >= (ulong)_firsts.Length) return _held.Length;
        uint low = _firsts[stretch];
        uint high = _firsts[stretch + 1];
        while (low < high)
        {
            uint middle = (low + high) >> 1;
            if (_held[middle].End > address) high = middle;
            else low = middle + 1;
        }

        return (int)low;
    }

    private static uint[] Firsts(MemorySegment[] held, out int shift)
    {
        const int Least = 4096; // 16 MiB of a machine with 64 GiB: its first segments are told apart
        const int Most = 1 << 20;
        ulong last = held.Length == 0 ? 0 : held[^1].End - 1;
        ulong wanted = held.Length < 2 ? 1 : Math.Clamp((ulong)held.Length * 4, Least, Most);
        shift = 0;
        while (last >> shift >= wanted)
        {
            shift++;
        }

        uint[] firsts = new uint[(int)(last >> shift) + 2];
        int index = 0;
        for (int stretch = 0; stretch < firsts.Length; stretch++)
        {
            while (index < held.Length && held[index].End <= (ulong)stretch << shift)
            {
                index++;
            }

            firsts[stretch] = (uint)index;
        }

        return firsts;
    }

    // A dump by virtual address may name a hole once for each mapping: of two that overlap, the lower one counts.
    private static ImageHole[] Separate(ImageHole[] holes)
    {
        Array.Sort(holes, static (left, right) => left.Start.CompareTo(right.Start));
        List<ImageHole> apart = new(holes.Length);
        ulong end = 0;
        foreach (ImageHole hole in holes)
        {
            if (hole.End <= end) continue;
            ulong start = Math.Max(hole.Start, end);
            end = hole.End;
            apart.Add(hole with { Start = start, Length = end - start });
        }

        return [.. apart];
    }

    private static MemorySegment[] Join(MemorySegment[] segments)
    {
        List<MemorySegment> joined = new(segments.Length);
        foreach (MemorySegment segment in segments)
        {
            if (joined.Count != 0 && joined[^1] is { } last && last.End == segment.Start.Value
                && last.Offset + last.Length == segment.Offset)
            {
                joined[^1] = last with { Length = last.Length + segment.Length };
            }
            else
            {
                joined.Add(segment);
            }
        }

        return [.. joined];
    }
}
