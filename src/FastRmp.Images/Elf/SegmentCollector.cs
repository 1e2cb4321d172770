using System;
using System.Collections.Generic;
using System.Globalization;

namespace FastRmp.Images;

/// <summary>Turns PT_LOAD headers into segments of physical memory that lie inside the file and are consistent with each other.</summary>
internal sealed class SegmentCollector
{
    // Cores of non-physical mappings (as /proc/kcore) give this as the physical address.
    private const ulong NoPhysicalAddress = ulong.MaxValue;
    private const ulong AddressLimit = PhysicalAddress.ValidMask + 1;

    private readonly ImageFile _image;
    private readonly InputProblems _problems;
    private readonly List<(MemorySegment Segment, ulong Header)> _segments = [];

    // Many headers over the same large segments would make a small file cost unbounded time.
    private ulong _comparable;

    internal SegmentCollector(ImageFile image, InputProblems problems)
    {
        _image = image;
        _problems = problems;
        _comparable = image.Length;
    }

    /// <summary>The segments that say where the kernel's image lies: its virtual addresses begin at 0xFFFF_FFFF_8000_0000.</summary>
    internal List<KernelImageSegment> KernelImage { get; } = [];

    /// <summary>Takes what the file really holds of a segment; memory beyond the segment's file size is absent.</summary>
    internal void Add(in ElfProgramHeader header)
    {
        if (header.PhysicalAddress == NoPhysicalAddress) return;
        if (KernelImageSegment.IsInImage(header.VirtualAddress))
        {
            KernelImage.Add(new KernelImageSegment(header.VirtualAddress, header.PhysicalAddress, header.MemorySize));
        }

        if (header.FileSize == 0) return;
        ulong length = header.FileSize;
        if (length > header.MemorySize)
        {
            Report(
                header.At,
                string.Create(CultureInfo.InvariantCulture,
                $"PT_LOAD at 0x{header.PhysicalAddress:x} has 0x{length:x} bytes in the file and only 0x{header.MemorySize:x} in memory"));
        }

        if (header.PhysicalAddress >= AddressLimit || length > AddressLimit - header.PhysicalAddress)
        {
            Report(
                header.At,
                string.Create(CultureInfo.InvariantCulture,
                $"PT_LOAD at 0x{header.PhysicalAddress:x} with 0x{length:x} bytes passes the end of the 52-bit physical address space; it is left out"));
            return;
        }

        if (!_image.Contains(header.Offset, length))
        {
            Report(
                header.At,
                string.Create(CultureInfo.InvariantCulture,
                $"PT_LOAD at 0x{header.PhysicalAddress:x} needs 0x{length:x} bytes at 0x{header.Offset:x}, and the file ends at 0x{_image.Length:x}"));
            if (header.Offset >= _image.Length) return;
            length = _image.Length - header.Offset;
        }

        _segments.Add((new MemorySegment(PhysicalAddress.Truncate(header.PhysicalAddress), header.Offset, length), header.At));
    }

    /// <summary>The segments in order of address, without any byte twice.</summary>
    /// <remarks>
    /// A dump of virtual mappings names a page once for each mapping, with the same file offset, and a kdump core has the kernel's text in
    /// a segment of its own and again in the range of RAM that holds it, at another offset: no contradiction as long as the bytes are the
    /// same. Where they differ, the segment that begins lower keeps the address.
    /// </remarks>
    internal MemorySegment[] Take()
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
            if (segment.Start.Value < end) Compare(result, segment, header);
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
                    $"PT_LOAD at 0x{segment.Start.Value:x} overlaps others, and all overlaps together are longer than the file: from 0x{first:x} on its bytes are not compared with theirs, and not used"));
                return;
            }

            _comparable -= length;
            ulong equal = EqualBytes(piece.Offset + (first - piece.Start.Value), segment.Offset + (first - segment.Start.Value), length);
            if (equal == length) continue;
            Report(
                header,
                string.Create(CultureInfo.InvariantCulture,
                $"PT_LOAD at 0x{segment.Start.Value:x} overlaps the one at 0x{piece.Start.Value:x} with other bytes, the first at 0x{first + equal:x}; those of the lower one are used"));
            return;
        }
    }

    private ulong EqualBytes(ulong left, ulong right, ulong length)
    {
        const int Chunk = 1 << 20;
        for (ulong done = 0; done < length; done += Chunk)
        {
            int count = (int)Math.Min(length - done, Chunk);
            int equal = _image.Bytes(left + done, count).CommonPrefixLength(_image.Bytes(right + done, count));
            if (equal != count) return done + (ulong)equal;
        }

        return length;
    }

    private void Report(ulong offset, string reason) => _problems.Add(InputProblem.AtOffset(_image.Name, offset, reason));
}
