using System;
using System.Buffers.Binary;

namespace FastRmp.Images;

/// <summary>An ELF64 program header; <see cref="At"/> is where it lies in the file.</summary>
internal readonly record struct ElfProgramHeader(
    ulong At, uint Type, ulong Offset, ulong VirtualAddress, ulong PhysicalAddress, ulong FileSize, ulong MemorySize, ulong Alignment)
{
    internal const uint TypeLoad = 1;
    internal const uint TypeNote = 4;

    internal static ElfProgramHeader Read(ReadOnlySpan<byte> header, ulong at)
    {
        return new ElfProgramHeader(
            at,
            BinaryPrimitives.ReadUInt32LittleEndian(header),
            BinaryPrimitives.ReadUInt64LittleEndian(header[0x08..]),
            BinaryPrimitives.ReadUInt64LittleEndian(header[0x10..]),
            BinaryPrimitives.ReadUInt64LittleEndian(header[0x18..]),
            BinaryPrimitives.ReadUInt64LittleEndian(header[0x20..]),
            BinaryPrimitives.ReadUInt64LittleEndian(header[0x28..]),
            BinaryPrimitives.ReadUInt64LittleEndian(header[0x30..]));
    }
}
