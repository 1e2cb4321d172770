using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;

namespace FastRmp.Images;

/// <summary>Reads AVML images of version 2: ranges as in LiME, each as one Snappy stream with its compressed length behind it.</summary>
/// <remarks>From the lengths the ranges are found from the end of the file to its beginning, without touching what lies between; a file
/// that was cut is walked from the beginning, chunk by chunk. Source: AVML src/image.rs.</remarks>
internal static class AvmlReader
{
    private const int TrailerBytes = sizeof(ulong);

    internal static ImageContents Read(string name, ByteSource source, InputProblems problems)
    {
        List<(ulong At, LimeHeader Header, ulong End, ulong Held)> ranges = FromEnd(source) ?? FromStart(name, source, problems);
        ranges.Sort(static (left, right) => left.Header.Start.CompareTo(right.Header.Start));
        List<AvmlBlock> blocks = new(ranges.Count);
        foreach ((ulong at, LimeHeader header, ulong end, ulong held) in ranges)
        {
            if (blocks.Count != 0 && header.Start < blocks[^1].End)
            {
                problems.Add(InputProblem.AtOffset(name, at, string.Create(
                    CultureInfo.InvariantCulture,
                    $"the range at 0x{header.Start:x} overlaps the one that ends at 0x{blocks[^1].End:x}; it is left out")));
                continue;
            }

            blocks.Add(new AvmlBlock(source, at + LimeHeader.Bytes, end, header.Start, header.Length, held));
        }

        return new ImageContents(new AvmlPages(source, [.. blocks]), [], null, [], problems)
        {
            Description = new ImageDescription { Format = MemoryImageFormat.Avml, Writer = "AVML", Compression = "snappy" },
        };
    }

    /// <summary>Follows the lengths from the end; null if they do not lead to the beginning.</summary>
    private static List<(ulong At, LimeHeader Header, ulong End, ulong Held)>? FromEnd(ByteSource source)
    {
        List<(ulong At, LimeHeader Header, ulong End, ulong Held)> ranges = [];
        Span<byte> bytes = stackalloc byte[LimeHeader.Bytes];
        ulong end = source.Length;
        while (end != 0)
        {
            const ulong Least = LimeHeader.Bytes + TrailerBytes;
            if (end < Least || !source.TryRead(end - TrailerBytes, bytes[..TrailerBytes])) return null;
            ulong length = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            if (length > end - Least) return null;
            ulong at = end - Least - length;
            if (!source.TryRead(at, bytes) || LimeHeader.TryRead(bytes, out LimeHeader header) is not null) return null;
            if (!header.IsCompressed) return null;
            ranges.Add((at, header, end - TrailerBytes, header.Length));
            end = at;
        }

        return ranges.Count == 0 ? null : ranges;
    }

    private static List<(ulong At, LimeHeader Header, ulong End, ulong Held)> FromStart(
        string name, ByteSource source, InputProblems problems)
    {
        List<(ulong At, LimeHeader Header, ulong End, ulong Held)> ranges = [];
        Span<byte> bytes = stackalloc byte[LimeHeader.Bytes];
        ulong at = 0;
        while (at < source.Length)
        {
            LimeHeader header = default;
            string? problem = !source.TryRead(at, bytes)
                ? "the file ends inside the header of a range" : LimeHeader.TryRead(bytes, out header);
            if (problem is null && !header.IsCompressed) problem = "a range that is not compressed stands among compressed ones";
            if (problem is not null)
            {
                if (at == 0) throw new MalformedInputException(InputProblem.AtOffset(name, at, problem));
                problems.Add(InputProblem.AtOffset(name, at, problem));
                break;
            }

            ulong first = at + LimeHeader.Bytes;
            ulong held = SnappyFrames.Walk(source, first, source.Length, header.Start, header.Length, chunks: null, out ulong next);
            ranges.Add((at, header, next, held));
            if (held != header.Length)
            {
                problems.Add(InputProblem.AtOffset(name, next, string.Create(
                    CultureInfo.InvariantCulture,
                    $"the AVML range at 0x{header.Start:x} has 0x{header.Length:x} bytes, and its compressed data ends or is damaged after 0x{held:x}")));
                break;
            }

            // Behind the data stands its length; a writer that leaves it out is understood, too.
            bool hasTrailer = source.TryRead(next, bytes[..TrailerBytes])
                && BinaryPrimitives.ReadUInt64LittleEndian(bytes) == next - first;
            at = hasTrailer ? next + TrailerBytes : next;
        }

        return ranges;
    }
}
