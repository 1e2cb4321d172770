using System;
using System.Collections.Generic;
using System.Globalization;

namespace FastRmp.Images;

/// <summary>Reads compressed kdumps, whole or in parts.</summary>
internal static class KdumpReader
{
    /// <summary>Reads a dump.</summary>
    /// <param name="name">The input's name.</param>
    /// <param name="source">The first file, or the only one.</param>
    /// <param name="others">The other parts of a split dump, in any order; owned from here on.</param>
    /// <param name="problems">Receives what is wrong.</param>
    /// <exception cref="MalformedInputException">The headers cannot be read, or a part is of another dump.</exception>
    internal static ImageContents Read(
        string name, ByteSource source, IReadOnlyList<(string Name, ByteSource Source)> others, InputProblems problems)
    {
        KdumpHeader header = KdumpHeader.Read(name, source);
        List<KdumpPart> parts = [new KdumpPart(name, source, header)];
        foreach ((string otherName, ByteSource other) in others)
        {
            KdumpHeader otherHeader = KdumpHeader.Read(otherName, other);
            if (!header.IsSplit || !otherHeader.IsSplit || !header.IsOfSameDump(otherHeader))
            {
                throw new MalformedInputException(InputProblem.InFile(otherName, $"is not a part of the same split dump as {name}"));
            }

            parts.Add(new KdumpPart(otherName, other, otherHeader));
        }

        if (header.IsSplit) ReportMissing(name, parts, problems);
        if (header.IsIncomplete)
        {
            problems.Add(InputProblem.AtOffset(
                name, 424, "the dump is incomplete: its writer ran out of space; pages that it did not write are lost"));
        }

        NoteReader notes = new(name, source, problems);
        if (header.NotesBytes != 0) notes.Read(header.NotesAt, header.NotesBytes);
        VmCoreInfo? kernel = Notes(source, header) ?? notes.VmCoreInfo;
        KdumpPages pages = new([.. parts]);
        return new ImageContents(pages, [.. notes.Cpus], kernel, [], problems)
        {
            Description = Describe(header, parts, notes, pages),
        };
    }

    private static ImageDescription Describe(KdumpHeader header, List<KdumpPart> parts, NoteReader notes, KdumpPages pages)
    {
        // QEMU fills in neither names nor time, nor a level.
        bool isQemu = header.Machine is "Unknown" or "";
        string[] files = new string[parts.Count];
        for (int index = 0; index < files.Length; index++)
        {
            files[index] = parts[index].Name;
        }

        return new ImageDescription
        {
            Format = MemoryImageFormat.Kdump,
            Writer = isQemu ? "QEMU (dump-guest-memory with compression)"
                : notes.Writer == NoteWriter.Qemu ? "makedumpfile, from a core of QEMU" : "makedumpfile",
            Compression = KdumpDescriptor.CompressionName(header.Status) ?? pages.CompressionName(),
            DumpLevel = isQemu ? null : header.DumpLevel,
            IsIncomplete = header.IsIncomplete,
            Files = files,
            KernelRelease = header.Release.Length == 0 ? null : header.Release,
            KernelVersion = header.KernelVersion.Length == 0 ? null : header.KernelVersion,
            NodeName = header.NodeName.Length == 0 || isQemu ? null : header.NodeName,
            Time = header.Time is > 0 and < (1L << 37) ? DateTimeOffset.FromUnixTimeSeconds(header.Time) : null,
            Processors = Math.Max(Math.Max(notes.Cpus.Count, notes.Threads.Count), (int)Math.Min(header.Processors, 1U << 16)),
            Threads = [.. notes.Threads],
        };
    }

    private static VmCoreInfo? Notes(ByteSource source, KdumpHeader header)
    {
        const ulong MaxBytes = 64 << 10;
        if (header.VmCoreInfoBytes is 0 or > MaxBytes) return null;
        byte[] text = new byte[header.VmCoreInfoBytes];
        return source.TryRead(header.VmCoreInfoAt, text) ? new VmCoreInfo(text, header.VmCoreInfoAt) : null;
    }

    private static void ReportMissing(string name, List<KdumpPart> parts, InputProblems problems)
    {
        parts.Sort(1, parts.Count - 1, Comparer<KdumpPart>.Create(static (left, right) => left.FirstPage.CompareTo(right.FirstPage)));
        ulong reached = 0;
        bool isMoved;
        do
        {
            isMoved = false;
            foreach (KdumpPart part in parts)
            {
                if (part.FirstPage > reached || part.EndPage <= reached) continue;
                reached = part.EndPage;
                isMoved = true;
            }
        }
        while (isMoved);
        PageBitmap dumped = parts[0].Dumped;
        ulong missing = dumped.Next(reached, isSet: true);
        if (missing >= dumped.Pages) return;
        problems.Add(InputProblem.InFile(name, string.Create(
            CultureInfo.InvariantCulture,
            $"is a part of a split dump, and no part was found that has the page at 0x{missing * KdumpHeader.BlockBytes:x}: give all files, or put them into one directory")));
    }
}
