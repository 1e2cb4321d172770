using System;
using System.Buffers.Binary;
using System.Globalization;

namespace FastRmp.Images;

/// <summary>What a core reader needs of an ELF64 header: where the program headers are, and how many.</summary>
/// <remarks>Offsets and values: System V ABI, "Object Files", ELF header and section header 0.</remarks>
internal readonly record struct ElfHeader(ulong ProgramHeaders, uint Count, ulong SectionHeaders, int Sections, int NameSection)
{
    internal const int Bytes = 64;
    internal const int ProgramHeaderBytes = 56;

    private const int SectionHeaderBytes = 64;
    private const byte Class64 = 2;
    private const byte LittleEndian = 1;
    private const ushort TypeCore = 4;
    private const ushort MachineX86_64 = 62;

    /// <summary>Says in section header 0 how many program headers there are: 65535 and more do not fit the header.</summary>
    private const ushort CountElsewhere = 0xFFFF;

    /// <exception cref="MalformedInputException">It is not the header of an x86-64 ELF core with program headers.</exception>
    internal static ElfHeader Read(string name, ByteSource source)
    {
        byte[] first = new byte[Bytes];
        ReadOnlySpan<byte> header = first.AsSpan(0, source.Read(0, first));
        if (header.Length < Bytes) throw At(name, (ulong)header.Length, $"the file ends inside the ELF header of {Bytes} bytes");
        CheckKind(name, header);
        ulong programHeaders = BinaryPrimitives.ReadUInt64LittleEndian(header[0x20..]);
        uint count = BinaryPrimitives.ReadUInt16LittleEndian(header[0x38..]);
        ulong sections = BinaryPrimitives.ReadUInt64LittleEndian(header[0x28..]);
        int sectionCount = BinaryPrimitives.ReadUInt16LittleEndian(header[0x3C..]);
        int nameSection = BinaryPrimitives.ReadUInt16LittleEndian(header[0x3E..]);
        if (count == CountElsewhere) count = CountInSectionHeader(name, source, BinaryPrimitives.ReadUInt64LittleEndian(header[0x28..]));
        // Xen's cores have sections alone.
        if (count == 0 && sections != 0 && sectionCount != 0) return new ElfHeader(0, 0, sections, sectionCount, nameSection);
        if (count == 0) throw At(name, 0x38, "the core has no program headers");
        Require(
            name, 0x36, BinaryPrimitives.ReadUInt16LittleEndian(header[0x36..]), ProgramHeaderBytes, "program header size", "56 bytes");
        if (!source.Contains(programHeaders, ProgramHeaderBytes))
        {
            throw At(
                name, 0x20,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the program headers at 0x{programHeaders:x} lie outside the file, which ends at 0x{source.Length:x}"));
        }

        return new ElfHeader(programHeaders, count, sections, sectionCount, nameSection);
    }

    /// <summary>Refuses what is no core of an x86-64 machine.</summary>
    /// <exception cref="MalformedInputException">It is none.</exception>
    internal static void CheckKind(string name, ReadOnlySpan<byte> header)
    {
        Require(name, 4, header[4], Class64, "class", "64-bit");
        Require(name, 5, header[5], LittleEndian, "data encoding", "little-endian");
        Require(name, 0x10, BinaryPrimitives.ReadUInt16LittleEndian(header[0x10..]), TypeCore, "type", "a core file");
        Require(name, 0x12, BinaryPrimitives.ReadUInt16LittleEndian(header[0x12..]), MachineX86_64, "machine", "x86-64");
    }

    private static uint CountInSectionHeader(string name, ByteSource source, ulong sectionHeaders)
    {
        if (sectionHeaders != 0 && source.Contains(sectionHeaders, SectionHeaderBytes))
        {
            Span<byte> information = stackalloc byte[sizeof(uint)];
            if (source.TryRead(sectionHeaders + 0x2C, information)) return BinaryPrimitives.ReadUInt32LittleEndian(information);
        }

        throw At(
            name,
            0x28,
            string.Create(CultureInfo.InvariantCulture,
            $"the number of program headers is said to be in section header 0, and 0x{sectionHeaders:x} is not a valid offset of it in a file that ends at 0x{source.Length:x}"));
    }

    private static void Require(string name, ulong offset, ushort value, ushort expected, string field, string meaning)
    {
        if (value != expected)
        {
            throw At(name, offset, string.Create(CultureInfo.InvariantCulture, $"the ELF {field} is {value}, not {expected} ({meaning})"));
        }
    }

    private static MalformedInputException At(string name, ulong offset, string reason) =>
        new(InputProblem.AtOffset(name, offset, reason));
}
