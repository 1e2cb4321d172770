using System;

namespace FastRmp.Images;

/// <summary>Reads LiME images of version 1, as LiME and AVML write them.</summary>
internal static class LimeReader
{
    /// <summary>Reads the headers of all ranges.</summary>
    internal static ImageContents Read(string name, ByteSource source, InputProblems problems)
    {
        SegmentCollector segments = new(name, source, problems, "the range");
        Span<byte> bytes = stackalloc byte[LimeHeader.Bytes];
        ulong at = 0;
        while (at < source.Length)
        {
            string? problem = !source.TryRead(at, bytes) ? "the file ends inside the header of a range"
                : LimeHeader.TryRead(bytes, out LimeHeader header) is { } wrong ? wrong
                : header.IsCompressed ? "a compressed range stands among plain ones" : Take(segments, at, header, ref at);
            if (problem is null) continue;
            if (at == 0) throw new MalformedInputException(InputProblem.AtOffset(name, at, problem));
            problems.Add(InputProblem.AtOffset(name, at, problem));
            break;
        }

        return new ImageContents(segments.TakePages(out _), [], null, [], problems)
        {
            Description = new ImageDescription { Format = MemoryImageFormat.Lime, Writer = "LiME or AVML" },
        };
    }

    private static string? Take(SegmentCollector segments, ulong position, in LimeHeader header, ref ulong at)
    {
        segments.Add(position, header.Start, position + LimeHeader.Bytes, header.Length, header.Length);
        at = position + LimeHeader.Bytes + header.Length;
        return null;
    }
}
