using System;
using System.Collections.Generic;
using System.Globalization;

namespace FastRmp.Images;

/// <summary>Turns what a file says of its ranges into segments of physical memory that lie inside the file and do not contradict each
/// other.</summary>
internal sealed class SegmentCollector
{
    private const ulong AddressLimit = PhysicalAddress.ValidMask + 1;

    private readonly string _name;
    private readonly ByteSource _source;
    private readonly InputProblems _problems;
    private readonly string _noun;
    private readonly List<(MemorySegment Segment, ulong Header)> _segments = [];
    private readonly List<ImageHole> _holes = [];

    // Many headers over the same large segments would make a small file cost unbounded time.
    private ulong _comparable;

    /// <summary>Makes a collector.</summary>
    /// <param name="name">The input's name.</param>
    /// <param name="source">The file.</param>
    /// <param name="problems">Receives what is wrong.</param>
    /// <param name="noun">What messages call a range.</param>
    internal SegmentCollector(string name, ByteSource source, InputProblems problems, string noun)
    {
        _name = name;
        _source = source;
        _problems = problems;
        _noun = noun;
        _comparable = source.HeldBytes;
    }

    /// <summary>Whether ranges that overlap are compared: not if they were read at different moments.</summary>
    internal bool ComparesOverlaps { get; set; } = true;

    /// <summary>Whether a range was left out, in part or whole, by the writer.</summary>
    internal bool HasExcluded { get; private set; }

    /// <summary>Takes what the file really holds of a range.</summary>
    /// <param name="header">Where the file says it, for messages.</param>
    /// <param name="physical">First physical address.</param>
    /// <param name="offset">Where its bytes begin in the file.</param>
    /// <param name="length">How many bytes the file has.</param>
    /// <param name="memory">How many the range has: those beyond were excluded.</param>
    internal void Add(ulong header, ulong physical, ulong offset, ulong length, ulong memory)
    {
        if (length > memory)
        {
            Report(
                header,
                string.Create(CultureInfo.InvariantCulture,
                $"{_noun} at 0x{physical:x} has 0x{length:x} bytes in the file and only 0x{memory:x} in memory"));
        }

        if (physical >= AddressLimit || Math.Max(length, memory) > AddressLimit - physical)
        {
            if (length == 0) return;
            Report(
                header,
                string.Create(CultureInfo.InvariantCulture,
                $"{_noun} at 0x{physical:x} with 0x{length:x} bytes passes the end of the 52-bit physical address space; it is left out"));
            return;
        }

        if (memory > length)
        {
            HasExcluded = true;
            _holes.Add(new ImageHole(physical + length, memory - length, ImagePageStatus.Excluded));
        }

        if (length == 0) return;
        ulong held = offset >= _source.Length ? 0 : Math.Min(length, _source.Length - offset);
        if (held != length)
        {
            Report(
                header,
                string.Create(CultureInfo.InvariantCulture,
                $"{_noun} at 0x{physical:x} needs 0x{length:x} bytes at 0x{offset:x}, and the file ends at 0x{_source.Length:x}"));
            _holes.Add(new ImageHole(physical + held, length - held, ImagePageStatus.Lost));
            if (held == 0) return;
        }

        _segments.Add((new MemorySegment(PhysicalAddress.Truncate(physical), offset, held), header));
    }

    /// <summary>The memory of all ranges: in place if the file lies in memory.</summary>
    /// <param name="isEmpty">Whether there is none.</param>
    internal PageSource TakePages(out bool isEmpty)
    {
        MemorySegment[] segments = Take();
        isEmpty = segments.Length == 0;
        HeldSegments table = new(segments, [.. _holes]);
        return _source is PinnedBytes pinned ? new MappedSegments(pinned, table) : new CopiedSegments(_source, table);
    }

    /// <summary>The segments in order of address, without any byte twice.</summary>
    /// <remarks>
    /// A dump of virtual mappings names a page once for each mapping, with the same file offset, and a kdump core has the kernel's text in
    /// a segment of its own and again in the range of RAM that holds it, at another offset: no contradiction as long as the bytes are the
    /// same. Where they differ, the segment that begins lower keeps the address.
    /// </remarks>
    private MemorySegment[] Take()
    {
        _segments.Sort(static (left, right) =>
        {
            int order = left.Segment.Start.CompareTo(right.Segment.Start);
            return order != 0 ? order : left.Header.CompareTo(right.Header);
        });
        List<MemorySegment> result = new(_segments.Count);
        foreach ((MemorySegment segment, ulong header) in _segments)
        {
            ulong end = result.Count == 0 ? 0 : result[^1].End;
            if (segment.Start.Value < end && ComparesOverlaps) Compare(result, segment, header);
            ulong covered = segment.Start.Value < end ? Math.Min(end - segment.Start.Value, segment.Length) : 0;
            if (covered < segment.Length)
            {
                result.Add(new MemorySegment(segment.Start + covered, segment.Offset + covered, segment.Length - covered));
            }
        }

        return [.. result];
    }

    // The pieces so far are in order and apart, so that those under a segment are the last ones.
    private void Compare(List<MemorySegment> pieces, MemorySegment segment, ulong header)
    {
        int index = pieces.Count - 1;
        while (index > 0 && pieces[index - 1].End > segment.Start.Value)
        {
            index--;
        }

        for (; index < pieces.Count && pieces[index].Start.Value < segment.End; index++)
        {
            MemorySegment piece = pieces[index];
            if (segment.Offset - piece.Offset == segment.Start - piece.Start) continue;
            ulong first = Math.Max(piece.Start.Value, segment.Start.Value);
            ulong length = Math.Min(piece.End, segment.End) - first;
            if (length > _comparable)
            {
                Report(
                    header,
                    string.Create(CultureInfo.InvariantCulture,
                    $"{_noun} at 0x{segment.Start.Value:x} overlaps others, and all overlaps together are longer than the file: from 0x{first:x} on its bytes are not compared with theirs, and not used"));
                return;
            }

            _comparable -= length;
            ulong equal = EqualBytes(piece.Offset + (first - piece.Start.Value), segment.Offset + (first - segment.Start.Value), length);
            if (equal == length) continue;
            Report(
                header,
                string.Create(CultureInfo.InvariantCulture,
                $"{_noun} at 0x{segment.Start.Value:x} overlaps the one at 0x{piece.Start.Value:x} with other bytes, the first at 0x{first + equal:x}; those of the lower one are used"));
            return;
        }
    }

    private ulong EqualBytes(ulong left, ulong right, ulong length)
    {
        const int Chunk = 64 << 10;
        using PooledArray<byte> first = new(Chunk);
        using PooledArray<byte> second = new(Chunk);
        for (ulong done = 0; done < length; done += Chunk)
        {
            int count = (int)Math.Min(length - done, Chunk);
            int equal = Bytes(left + done, first.Span[..count]).CommonPrefixLength(Bytes(right + done, second.Span[..count]));
            if (equal != count) return done + (ulong)equal;
        }

        return length;
    }

    private ReadOnlySpan<byte> Bytes(ulong offset, Span<byte> buffer) =>
        _source.TrySpan(offset, buffer.Length, out ReadOnlySpan<byte> bytes) ? bytes : buffer[.._source.Read(offset, buffer)];

    private void Report(ulong offset, string reason) => _problems.Add(InputProblem.AtOffset(_name, offset, reason));
}
