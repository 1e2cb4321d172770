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

    private readonly ImageFile _image;
    private readonly InputProblems _problems;
    private ulong _walked;

    internal NoteReader(ImageFile image, InputProblems problems)
    {
        _image = image;
        _problems = problems;
    }

    internal List<CpuState> Cpus { get; } = [];

    internal VmCoreInfo? VmCoreInfo { get; private set; }

    private static ReadOnlySpan<byte> VmCoreInfoName => "VMCOREINFO"u8;

    internal void Read(in ElfProgramHeader header)
    {
        ulong length = header.FileSize;
        if (!_image.Contains(header.Offset, length))
        {
            Report(
                header.At,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"PT_NOTE needs 0x{length:x} bytes at 0x{header.Offset:x}, and the file ends at 0x{_image.Length:x}"));
            if (header.Offset >= _image.Length) return;
            length = _image.Length - header.Offset;
        }

        // Many headers over the same large notes would make a small file cost unbounded time.
        if (length > _image.Length - _walked)
        {
            Report(header.At, "the PT_NOTE segments together are longer than the file");
            return;
        }

        _walked += length;
        Walk(header.Offset, header.Offset + length, header.Alignment == 8 ? 8UL : 4UL);
    }

    private void Walk(ulong position, ulong end, ulong alignment)
    {
        while (end - position >= HeaderBytes)
        {
            ReadOnlySpan<byte> header = _image.Bytes(position, HeaderBytes);
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
                Take(position, _image.Bytes(name, (int)nameLength).TrimEnd((byte)0), type, description, length);
            }

            // The padding after the last note may be missing.
            position = Math.Min(description + Padded(length, alignment), end);
        }

        if (position != end && _image.Bytes(position, (int)(end - position)).ContainsAnyExcept((byte)0))
        {
            Report(position, $"{end - position} bytes after the last note are too few for another one");
        }
    }

    private void Take(ulong position, ReadOnlySpan<byte> name, uint type, ulong description, uint length)
    {
        if (length <= int.MaxValue && type == QemuCpuNote.Type && name.SequenceEqual(QemuCpuNote.Name))
        {
            string? problem = QemuCpuNote.TryRead(_image.Bytes(description, (int)length), out CpuState state);
            if (problem is null)
            {
                Cpus.Add(state);
            }
            else
            {
                Report(position, problem);
            }
        }
        else if (length <= int.MaxValue && VmCoreInfo is null && name.SequenceEqual(VmCoreInfoName))
        {
            VmCoreInfo = new VmCoreInfo(_image, description, (int)length);
        }
    }

    private static ulong Padded(uint length, ulong alignment) => (length + alignment - 1) & ~(alignment - 1);

    private void Report(ulong offset, string reason) => _problems.Add(InputProblem.AtOffset(_image.Name, offset, reason));
}
