using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;

namespace FastRmp.Images;

/// <summary>Walks the notes of a core and keeps those about processors and the kernel; the rest is passed over.</summary>
/// <remarks>A note: sizes of name and description and a type (32 bits each), then the name and the description, each padded. Source: System
/// V ABI, "Note Section".</remarks>
internal sealed class NoteReader
{
    private const int HeaderBytes = 12;

    private const int MaxDescriptionBytes = 64 << 10; // a kernel's notes are a page or two, a processor's less than three
    private const int MaxProcessors = 1 << 16;

    private readonly string _name;
    private readonly ByteSource _source;
    private readonly InputProblems _problems;
    private ulong _walked;

    internal NoteReader(string name, ByteSource source, InputProblems problems)
    {
        _name = name;
        _source = source;
        _problems = problems;
    }

    internal List<CpuState> Cpus { get; } = [];

    internal List<ThreadRegisters> Threads { get; } = [];

    internal NoteWriter Writer { get; private set; }

    internal string? WriterVersion { get; private set; }

    internal VmCoreInfo? VmCoreInfo { get; private set; }

    private static ReadOnlySpan<byte> VmCoreInfoName => "VMCOREINFO"u8;

    internal void Read(in ElfProgramHeader header)
    {
        ulong length = header.FileSize;
        if (!_source.Contains(header.Offset, length))
        {
            Report(
                header.At,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"PT_NOTE needs 0x{length:x} bytes at 0x{header.Offset:x}, and the file ends at 0x{_source.Length:x}"));
            if (header.Offset >= _source.Length) return;
            length = _source.Length - header.Offset;
        }

        // Many headers over the same large notes would make a small file cost unbounded time.
        if (length > _source.HeldBytes - _walked)
        {
            Report(header.At, "the PT_NOTE segments together are longer than the file");
            return;
        }

        _walked += length;
        Walk(header.Offset, header.Offset + length, header.Alignment == 8 ? 8UL : 4UL);
    }

    /// <summary>Reads notes that no program header tells of.</summary>
    internal void Read(ulong offset, ulong length) =>
        Read(new ElfProgramHeader(offset, ElfProgramHeader.TypeNote, offset, 0, 0, length, length, sizeof(uint)));

    private void Walk(ulong position, ulong end, ulong alignment)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        Span<byte> nameBytes = stackalloc byte[VmCoreInfoName.Length + 1];
        while (end - position >= HeaderBytes)
        {
            if (!_source.TryRead(position, header)) return;
            uint nameLength = BinaryPrimitives.ReadUInt32LittleEndian(header);
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
            uint type = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
            ulong name = position + HeaderBytes;
            ulong description = name + Padded(nameLength, alignment);
            if (description > end || length > end - description)
            {
                Report(
                    position,
                    string.Create(CultureInfo.InvariantCulture,
                    $"a note with a name of 0x{nameLength:x} bytes and 0x{length:x} bytes of content passes the end of the notes at 0x{end:x}"));
                return;
            }

            if (nameLength <= VmCoreInfoName.Length + 1)
            {
                if (!_source.TryRead(name, nameBytes[..(int)nameLength])) return;
                Take(position, nameBytes[..(int)nameLength].TrimEnd((byte)0), type, description, length);
            }

            // The padding after the last note may be missing.
            position = Math.Min(description + Padded(length, alignment), end);
        }

        Span<byte> rest = header[..(int)(end - position)];
        if (_source.TryRead(position, rest) && rest.ContainsAnyExcept((byte)0))
        {
            Report(position, $"{end - position} bytes after the last note are too few for another one");
        }
    }

    private void Take(ulong position, ReadOnlySpan<byte> name, uint type, ulong description, uint length)
    {
        bool isQemu = type == QemuCpuNote.Type && name.SequenceEqual(QemuCpuNote.Name);
        bool isVirtualBox = type == VirtualBoxCpuNote.CpuType && name.SequenceEqual(VirtualBoxCpuNote.CpuName);
        bool isCore = type == VirtualBoxCpuNote.CoreType && name.SequenceEqual(VirtualBoxCpuNote.CoreName);
        bool isThread = type == StatusNote.Type && name.SequenceEqual(StatusNote.Name);
        bool isKernel = VmCoreInfo is null && name.SequenceEqual(VmCoreInfoName);
        if (!isQemu && !isVirtualBox && !isCore && !isThread && !isKernel) return;
        if (length > MaxDescriptionBytes || Cpus.Count == MaxProcessors || Threads.Count == MaxProcessors)
        {
            Report(position, string.Create(CultureInfo.InvariantCulture, $"a note of {length} bytes is larger than any of its kind"));
            return;
        }

        byte[] bytes = new byte[length];
        if (!_source.TryRead(description, bytes)) return;
        if (isKernel) VmCoreInfo = new VmCoreInfo(bytes, description);
        if (isThread && StatusNote.TryRead(bytes, out ThreadRegisters thread)) Threads.Add(thread);
        if (isCore)
        {
            Writer = NoteWriter.VirtualBox;
            WriterVersion = VirtualBoxCpuNote.Version(bytes);
        }

        if (!isQemu && !isVirtualBox) return;
        if (isQemu && Writer == NoteWriter.Unknown) Writer = NoteWriter.Qemu;
        string? problem =
            isQemu ? QemuCpuNote.TryRead(bytes, out CpuState state) : VirtualBoxCpuNote.TryRead(bytes, out state);
        if (problem is null) Cpus.Add(state);
        else Report(position, problem);
    }

    private static ulong Padded(uint length, ulong alignment) => (length + alignment - 1) & ~(alignment - 1);

    private void Report(ulong offset, string reason) => _problems.Add(InputProblem.AtOffset(_name, offset, reason));
}
