using System;
using System.Collections.Generic;
using System.IO;

namespace FastRmp.Images;

/// <summary>Finds the other files of a split dump: those of the same directory with the same header and other pages.</summary>
internal static class SplitFinder
{
    private const int MaxFiles = 4096;
    private const int HeadBytes = 2 * KdumpHeader.BlockBytes;

    /// <summary>Looks for parts.</summary>
    /// <param name="path">The part that is known.</param>
    /// <param name="source">Its bytes, not flattened.</param>
    /// <returns>The paths of the others, in order of name; empty if the dump is not split.</returns>
    internal static List<string> Find(string path, ByteSource source)
    {
        List<string> found = [];
        Span<byte> magic = stackalloc byte[8];
        if (!source.TryRead(0, magic) || !KdumpHeader.IsMagic(magic)) return found;
        KdumpHeader header = KdumpHeader.Read(path, source);
        if (!header.IsSplit) return found;
        string full = Path.GetFullPath(path);
        int looked = 0;
        foreach (FileInfo file in new DirectoryInfo(Path.GetDirectoryName(full)!).EnumerateFiles())
        {
            if (++looked > MaxFiles) break;
            // The length of a pipe is zero: it is not opened.
            if (file.FullName == full || file.Length < KdumpHeader.BlockBytes / 16) continue;
            if (ReadHeader(file.FullName) is { IsSplit: true } other && header.IsOfSameDump(other)
                && (other.FirstPage != header.FirstPage || other.EndPage != header.EndPage))
            {
                found.Add(Path.Combine(Path.GetDirectoryName(path) ?? string.Empty, file.Name));
            }
        }

        found.Sort(StringComparer.Ordinal);
        return found;
    }

    // A neighbour that cannot be read is no part.
    private static KdumpHeader? ReadHeader(string path)
    {
        try
        {
            using InputStream stream = InputStream.Open(path);
            byte[] head = new byte[HeadBytes];
            if (stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) != head.Length || !KdumpHeader.IsMagic(head)) return null;
            using HeadOnly bytes = new(head);
            return KdumpHeader.Read(path, bytes);
        }
        catch (Exception refusal) when (refusal is IOException or MalformedInputException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
