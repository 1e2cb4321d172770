using System;
using System.Collections.Generic;
using System.Globalization;
using FastRmp.Addressing;
using FastRmp.Memory;

namespace FastRmp.Images.Elf;

/// <summary>Turns PT_LOAD headers into segments of physical memory that lie inside the file and do not contradict each other.</summary>
internal sealed class SegmentCollector
{
    // Cores of non-physical mappings (as /proc/kcore) give this as the physical address.
    private const ulong NoPhysicalAddress = ulong.MaxValue;
    private const ulong AddressLimit = PhysicalAddress.ValidMask + 1;

    private readonly ImageFile _image;
    private readonly InputProblems _problems;
    private readonly List<(MemorySegment Segment, ulong Header)> _segments = [];

    internal SegmentCollector(ImageFile image, InputProblems problems)
    {
        _image = image;
        _problems = problems;
    }

    /// <summary>Takes what the file really holds of a segment; memory beyond the segment's file size is absent.</summary>
    internal void Add(in ElfProgramHeader header)
    {
        if (header.PhysicalAddress == NoPhysicalAddress || header.FileSize == 0) return;
        ulong length = header.FileSize;
        if (length > header.MemorySize) Report(header.At, string.Create(CultureInfo.InvariantCulture, $"PT_LOAD at 0x{header.PhysicalAddress:x} has 0x{length:x} bytes in the file and only 0x{header.MemorySize:x} in memory"));
        if (header.PhysicalAddress >= AddressLimit || length > AddressLimit - header.PhysicalAddress)
        {
            Report(header.At, string.Create(CultureInfo.InvariantCulture, $"PT_LOAD at 0x{header.PhysicalAddress:x} with 0x{length:x} bytes passes the end of the 52-bit physical address space; it is left out"));
            return;
        }

        if (!_image.Contains(header.Offset, length))
        {
            Report(header.At, string.Create(CultureInfo.InvariantCulture, $"PT_LOAD at 0x{header.PhysicalAddress:x} wants 0x{length:x} bytes at 0x{header.Offset:x}, and the file ends at 0x{_image.Length:x}"));
            if (header.Offset >= _image.Length) return;
            length = _image.Length - header.Offset;
        }

        _segments.Add((new MemorySegment(PhysicalAddress.Truncate(header.PhysicalAddress), header.Offset, length), header.At));
    }

    /// <summary>The segments in order of address, without any byte twice.</summary>
    /// <remarks>A dump of virtual mappings names a page once for each mapping, always with the same file offset: no contradiction. Where two segments put different bytes at one address, the lower one keeps it.</remarks>
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
            if (segment.Start.Value >= end)
            {
                result.Add(segment);
                continue;
            }

            MemorySegment before = result[^1];
            ulong covered = Math.Min(end - segment.Start.Value, segment.Length);
            if (segment.Offset - before.Offset != segment.Start - before.Start)
            {
                Report(header, string.Create(CultureInfo.InvariantCulture, $"PT_LOAD at 0x{segment.Start.Value:x} overlaps the one at 0x{before.Start.Value:x} with other bytes; 0x{covered:x} of its bytes are left out"));
            }

            if (covered < segment.Length) result.Add(new MemorySegment(segment.Start + covered, segment.Offset + covered, segment.Length - covered));
        }

        return [.. result];
    }

    private void Report(ulong offset, string reason) => _problems.Add(InputProblem.AtOffset(_image.Name, offset, reason));
}
