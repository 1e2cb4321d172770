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
        foreach (KdumpPart part in parts)
        {
            if (!part.Header.IsIncomplete) continue;
            problems.Add(InputProblem.AtOffset(
                part.Name, 424, "the dump is incomplete: its writer ran out of space; pages that it did not write are lost"));
        }

        Check(parts, problems);
        NoteReader notes = new(name, source, problems);
        if (header.NotesBytes != 0) notes.Read(header.NotesAt, header.NotesBytes);
        VmCoreInfo? kernel = Notes(name, source, header, problems) ?? notes.VmCoreInfo;
        KdumpPages pages = new([.. parts]);
        return new ImageContents(pages, [.. notes.Cpus], kernel, [], problems)
        {
            Description = Describe(header, parts, notes, pages),
        };
    }

    private static ImageDescription Describe(KdumpHeader header, List<KdumpPart> parts, NoteReader notes, KdumpPages pages)
    {
        bool isQemu = header.IsByQemu;
        string? declared = KdumpDescriptor.CompressionNames(header.Status);
        string? packed = pages.CompressionName(out bool isWhole);
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
            Compression = packed ?? declared,
            DeclaredCompression = declared,
            ArePagesPlain = packed is null && isWhole,
            DumpLevel = isQemu ? null : header.DumpLevel,
            IsIncomplete = parts.Exists(static part => part.Header.IsIncomplete),
            Files = files,
            KernelRelease = header.Release.Length == 0 ? null : header.Release,
            KernelVersion = header.KernelVersion.Length == 0 ? null : header.KernelVersion,
            NodeName = header.NodeName.Length == 0 ? null : header.NodeName,
            Time = header.Time is > 0 and < (1L << 37) ? DateTimeOffset.FromUnixTimeSeconds(header.Time) : null,
            Processors = Math.Max(Math.Max(notes.Cpus.Count, notes.Threads.Count), (int)Math.Min(header.Processors, 1U << 16)),
            Threads = [.. notes.Threads],
        };
    }

    private static void Check(List<KdumpPart> parts, InputProblems problems)
    {
        foreach (KdumpPart part in parts)
        {
            KdumpCheck.Run(part, problems);
            if (part == parts[0]) continue;
            ulong other = parts[0].Dumped.NextOther(part.Dumped);
            if (other >= part.Dumped.Pages) continue;
            problems.Add(InputProblem.AtOffset(part.Name, part.Header.DumpedAt + (other / 8), string.Create(
                CultureInfo.InvariantCulture,
                $"the bitmaps of {parts[0].Name} and of this part do not agree on the page at 0x{other * KdumpHeader.BlockBytes:x}: for its own pages the one of each part counts")));
        }
    }

    // The same text stands among the notes.
    private static VmCoreInfo? Notes(string name, ByteSource source, KdumpHeader header, InputProblems problems)
    {
        const ulong MaxBytes = 64 << 10;
        if (header.VmCoreInfoBytes == 0) return null;
        byte[] text = new byte[Math.Min(header.VmCoreInfoBytes, MaxBytes)];
        bool isText = header.VmCoreInfoBytes <= MaxBytes && source.TryRead(header.VmCoreInfoAt, text)
            && text.AsSpan().IndexOf("OSRELEASE="u8) >= 0;
        if (isText) return new VmCoreInfo(text, header.VmCoreInfoAt);
        problems.Add(InputProblem.AtOffset(name, header.VmCoreInfoAt, string.Create(
            CultureInfo.InvariantCulture,
            $"the kernel's notes (VMCOREINFO), 0x{header.VmCoreInfoBytes:x} bytes by the sub-header, are not here")));
        return null;
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
