using System;
using System.Collections.Generic;

namespace FastRmp.Images;

/// <summary>Recognises the format of an image by its content, and reads it.</summary>
internal static class ImageReader
{
    /// <summary>Reads an image.</summary>
    /// <param name="file">The file.</param>
    /// <param name="parts">The other files of a split dump; owned from here on, if this succeeds.</param>
    /// <param name="options">What the content does not say.</param>
    /// <exception cref="MalformedInputException">The format is not known, or cannot be read.</exception>
    internal static ImageContents Read(ImageFile file, IReadOnlyList<ImageFile> parts, MemoryImageOptions options)
    {
        InputProblems problems = new();
        ByteSource source = Peel(file, problems, out bool isFlattened);
        byte[] bytes = new byte[FileKinds.HeadBytes];
        ReadOnlySpan<byte> head = bytes.AsSpan(0, source.Read(0, bytes));
        if (parts.Count != 0 && !KdumpHeader.IsMagic(head))
        {
            throw new MalformedInputException(InputProblem.InFile(file.Name, "is not a split dump: only one file can be read at a time"));
        }

        ImageContents contents = Read(file, source, head, parts, options, problems);
        ImageDescription description = contents.Description;
        return contents with
        {
            Description = description with
            {
                Packing = file.Packing,
                IsFlattened = isFlattened,
                Files = description.Files.Count == 0 ? [file.Name] : description.Files,
                KernelRelease = contents.VmCoreInfo?.Release ?? description.KernelRelease,
                Time = CrashTime(contents.VmCoreInfo) ?? description.Time,
                Processors = Math.Max(description.Processors, contents.Cpus.Length),
            },
        };
    }

    /// <summary>Whether the first bytes are those of an image that says by itself where its memory lies.</summary>
    internal static bool IsKnown(ReadOnlySpan<byte> head) =>
        ElfReader.IsMagic(head) || KdumpHeader.IsMagic(head) || LimeHeader.IsMagic(head) || FlattenedReader.IsMagic(head);

    /// <summary>Refuses by its beginning what cannot be read, before the rest is unpacked.</summary>
    /// <param name="options">What the content does not say.</param>
    internal static HeadCheck Check(MemoryImageOptions options) => (name, packing, head) =>
    {
        using HeadOnly bytes = new(head.ToArray());
        if (options.Ram is not null) RefuseKnown(name, head);
        if (options.Ram is null && !IsKnown(head)) throw Unknown(name, packing, bytes, head);
        if (ElfReader.IsMagic(head)) ElfHeader.CheckKind(name, head);
        if (KdumpHeader.IsMagic(head)) _ = KdumpHeader.Read(name, bytes);
        string? problem = LimeHeader.IsMagic(head) ? LimeHeader.TryRead(head, out _) : null;
        return problem is null ? ulong.MaxValue : throw new MalformedInputException(InputProblem.AtOffset(name, 0, problem));
    };

    /// <summary>Refuses by its beginning what is no part of a split dump.</summary>
    /// <param name="first">The name of the first file.</param>
    internal static HeadCheck CheckPart(string first) => (name, _, head) =>
        KdumpHeader.IsMagic(head) || FlattenedReader.IsMagic(head) ? ulong.MaxValue : throw NotAPart(name, first);

    /// <summary>Whether a file begins as such an image.</summary>
    internal static bool IsKnown(ImageFile file)
    {
        Span<byte> head = stackalloc byte[32];
        return IsKnown(head[..file.Read(0, head)]);
    }

    private static ImageContents Read(
        ImageFile file, ByteSource source, ReadOnlySpan<byte> head, IReadOnlyList<ImageFile> parts, MemoryImageOptions options,
        InputProblems problems)
    {
        string name = file.Name;
        if (options.Ram is { } layout)
        {
            RefuseKnown(name, head);
            return RawReader.Read(name, source, layout, problems);
        }

        if (ElfReader.IsMagic(head)) return ElfReader.Read(name, source, problems);
        if (LimeHeader.IsMagic(head))
        {
            return head[0] == (byte)'A' ? AvmlReader.Read(name, source, problems) : LimeReader.Read(name, source, problems);
        }

        if (!KdumpHeader.IsMagic(head)) throw Unknown(name, file.Packing, source, head);
        List<(string Name, ByteSource Source)> others = [];
        Span<byte> magic = stackalloc byte[8];
        foreach (ImageFile part in parts)
        {
            ByteSource other = Peel(part, problems, out _);
            if (!other.TryRead(0, magic) || !KdumpHeader.IsMagic(magic)) throw NotAPart(part.Name, name);
            others.Add((part.Name, other));
        }

        return KdumpReader.Read(name, source, others, problems);
    }

    private static void RefuseKnown(string name, ReadOnlySpan<byte> head)
    {
        if (!IsKnown(head)) return;
        throw new MalformedInputException(InputProblem.InFile(
            name, "is not raw memory: its format says where its memory lies, and a layout of RAM has no use"));
    }

    private static ByteSource Peel(ImageFile file, InputProblems problems, out bool isFlattened)
    {
        if (file.Problem is not null) problems.Add(file.Problem);
        Span<byte> head = stackalloc byte[32];
        isFlattened = file.Source.TryRead(0, head) && FlattenedReader.IsMagic(head);
        return isFlattened ? FlattenedReader.Read(file.Name, file.Source, problems) : file.Source;
    }

    // The kernel writes it when it crashes.
    private static DateTimeOffset? CrashTime(VmCoreInfo? notes)
    {
        const long Limit = 1L << 37;
        return notes is not null && notes.TryGetValue("CRASHTIME", out ReadOnlySpan<byte> text)
            && System.Buffers.Text.Utf8Parser.TryParse(text, out long seconds, out int consumed) && consumed == text.Length
            && seconds is > 0 and < Limit ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
    }

    private static MalformedInputException NotAPart(string name, string first) =>
        new(InputProblem.InFile(name, $"is no compressed kdump, and so no part of the split dump {first}"));

    private static MalformedInputException Unknown(string name, string? packing, ByteSource source, ReadOnlySpan<byte> head)
    {
        string? kind = FileKinds.Describe(head);
        string outer = packing is null ? string.Empty : $"is packed with {packing}, and what is in it ";
        if (kind is not null) return new MalformedInputException(InputProblem.InFile(name, $"{outer}is {kind}"));
        string first = Convert.ToHexString(head[..Math.Min(4, head.Length)]);
        string begin = $"{outer}is not a memory image of a known format: it begins with {first}";
        return new MalformedInputException(InputProblem.AtOffset(name, 0, source.Length < ElfHeader.Bytes
            ? begin
            : $"{begin}; raw memory (a vmem file, LiME's raw format, pmemsave) does not say which address a byte has: give a layout of the machine's RAM (--ram: its /proc/iomem, or ranges)"));
    }
}
