using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;

namespace FastRmp.Images.Tests.Support;

/// <summary>Writes small ELF64 cores, right or wrong as a test wants them.</summary>
internal sealed class CoreBuilder
{
    private readonly List<byte[]> _notes = [];
    private readonly List<(ulong Physical, byte[] Content, ulong? FileSize, ulong? MemorySize, ulong? Offset, ulong Virtual)> _loads = [];

    internal byte Class { get; set; } = 2;

    internal byte Encoding { get; set; } = 1;

    internal ushort Type { get; set; } = 4;

    internal ushort Machine { get; set; } = 62;

    internal ushort HeaderSize { get; set; } = 56;

    internal ulong? ProgramHeaders { get; set; }

    internal bool CountInSection { get; set; }

    internal ulong NoteAlignment { get; set; }

    internal CoreBuilder Load(
        ulong physical, byte[] content, ulong? fileSize = null, ulong? memorySize = null, ulong? offset = null, ulong virtualAddress = 0)
    {
        _loads.Add((physical, content, fileSize, memorySize, offset, virtualAddress));
        return this;
    }

    internal CoreBuilder Note(string name, uint type, byte[] description, uint? nameSize = null, uint? size = null)
    {
        int alignment = NoteAlignment == 8 ? 8 : 4;
        byte[] text = System.Text.Encoding.ASCII.GetBytes(name + "\0");
        byte[] note = new byte[12 + Padded(text.Length, alignment) + Padded(description.Length, alignment)];
        BinaryPrimitives.WriteUInt32LittleEndian(note, nameSize ?? (uint)text.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(note.AsSpan(4), size ?? (uint)description.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(note.AsSpan(8), type);
        text.CopyTo(note, 12);
        description.CopyTo(note, 12 + Padded(text.Length, alignment));
        _notes.Add(note);
        return this;
    }

    internal CoreBuilder Cpu(ulong cr3, uint version = 1, uint? size = null, int bytes = 440)
    {
        byte[] state = new byte[bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(state, version);
        BinaryPrimitives.WriteUInt32LittleEndian(state.AsSpan(4), size ?? (uint)bytes);
        if (bytes >= 424) BinaryPrimitives.WriteUInt64LittleEndian(state.AsSpan(416), cr3);
        return Note("QEMU", 0, state);
    }

    internal byte[] Build()
    {
        int count = _loads.Count + (_notes.Count == 0 ? 0 : 1);
        using MemoryStream file = new();
        byte[] header = new byte[64];
        "\u007fELF"u8.CopyTo(header);
        header[4] = Class;
        header[5] = Encoding;
        header[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(0x10), Type);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(0x12), Machine);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(0x20), ProgramHeaders ?? 64);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(0x36), HeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(0x38), CountInSection ? (ushort)0xFFFF : (ushort)count);
        ulong position = 64 + ((ulong)count * 56);
        if (CountInSection) BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(0x28), position);
        file.Write(header);
        using MemoryStream content = new();
        if (CountInSection)
        {
            byte[] section = new byte[64];
            BinaryPrimitives.WriteUInt32LittleEndian(section.AsSpan(0x2C), (uint)count);
            content.Write(section);
        }

        if (_notes.Count != 0)
        {
            byte[] notes = [.. Flatten(_notes)];
            WriteProgramHeader(file, 4, position + (ulong)content.Length, 0, (ulong)notes.Length, (ulong)notes.Length, NoteAlignment);
            content.Write(notes);
        }

        foreach ((ulong physical, byte[] bytes, ulong? fileSize, ulong? memorySize, ulong? offset, ulong virtualAddress) in _loads)
        {
            ulong size = fileSize ?? (ulong)bytes.Length;
            WriteProgramHeader(
                file, 1, offset ?? (position + (ulong)content.Length), physical, size, memorySize ?? size, 0, virtualAddress);
            content.Write(bytes);
        }

        content.WriteTo(file);
        return file.ToArray();
    }

    private static IEnumerable<byte> Flatten(List<byte[]> notes)
    {
        foreach (byte[] note in notes)
        {
            foreach (byte value in note) yield return value;
        }
    }

    private static void WriteProgramHeader(
        MemoryStream file, uint type, ulong offset, ulong physical, ulong fileSize, ulong memorySize, ulong alignment,
        ulong virtualAddress = 0)
    {
        Span<byte> header = stackalloc byte[56];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, type);
        BinaryPrimitives.WriteUInt64LittleEndian(header[0x08..], offset);
        BinaryPrimitives.WriteUInt64LittleEndian(header[0x10..], virtualAddress);
        BinaryPrimitives.WriteUInt64LittleEndian(header[0x18..], physical);
        BinaryPrimitives.WriteUInt64LittleEndian(header[0x20..], fileSize);
        BinaryPrimitives.WriteUInt64LittleEndian(header[0x28..], memorySize);
        BinaryPrimitives.WriteUInt64LittleEndian(header[0x30..], alignment);
        file.Write(header);
    }

    private static int Padded(int length, int alignment) => (length + alignment - 1) & ~(alignment - 1);
}
