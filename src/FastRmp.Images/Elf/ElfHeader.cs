using System;
using System.Buffers.Binary;
using System.Globalization;

namespace FastRmp.Images;

/// <summary>What a core reader needs of an ELF64 header: where the program headers are, and how many.</summary>
/// <remarks>Offsets and values: System V ABI, "Object Files", ELF header and section header 0.</remarks>
internal readonly record struct ElfHeader(ulong ProgramHeaders, uint Count)
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
    internal static ElfHeader Read(ImageFile image)
    {
        ReadOnlySpan<byte> header = image.Bytes(0, (int)Math.Min(image.Length, Bytes));
        if (!header.StartsWith("\u007fELF"u8)) throw NoElf(image, header);
        if (header.Length < Bytes) throw At(image, (ulong)header.Length, $"the file ends inside the ELF header of {Bytes} bytes");
        Require(image, 4, header[4], Class64, "class", "64-bit");
        Require(image, 5, header[5], LittleEndian, "data encoding", "little-endian");
        Require(image, 0x10, BinaryPrimitives.ReadUInt16LittleEndian(header[0x10..]), TypeCore, "type", "a core file");
        Require(image, 0x12, BinaryPrimitives.ReadUInt16LittleEndian(header[0x12..]), MachineX86_64, "machine", "x86-64");
        ulong programHeaders = BinaryPrimitives.ReadUInt64LittleEndian(header[0x20..]);
        uint count = BinaryPrimitives.ReadUInt16LittleEndian(header[0x38..]);
        if (count == CountElsewhere) count = CountInSectionHeader(image, BinaryPrimitives.ReadUInt64LittleEndian(header[0x28..]));
        if (count == 0) throw At(image, 0x38, "the core has no program headers");
        Require(
            image, 0x36, BinaryPrimitives.ReadUInt16LittleEndian(header[0x36..]), ProgramHeaderBytes, "program header size", "56 bytes");
        if (!image.Contains(programHeaders, ProgramHeaderBytes))
        {
            throw At(
                image, 0x20,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the program headers at 0x{programHeaders:x} lie outside the file, which ends at 0x{image.Length:x}"));
        }

        return new ElfHeader(programHeaders, count);
    }

    private static uint CountInSectionHeader(ImageFile image, ulong sectionHeaders)
    {
        if (sectionHeaders != 0 && image.Contains(sectionHeaders, SectionHeaderBytes))
        {
            return BinaryPrimitives.ReadUInt32LittleEndian(image.Bytes(sectionHeaders + 0x2C, sizeof(uint)));
        }

        throw At(
            image,
            0x28,
            string.Create(CultureInfo.InvariantCulture,
            $"the number of program headers is said to be in section header 0, and 0x{sectionHeaders:x} is not a valid offset of it in a file that ends at 0x{image.Length:x}"));
    }

    private static MalformedInputException NoElf(ImageFile image, ReadOnlySpan<byte> header)
    {
        string? kind = FileKinds.Describe(image.Bytes(0, (int)Math.Min(image.Length, FileKinds.HeadBytes)));
        if (kind is not null) return new MalformedInputException(InputProblem.InFile(image.Name, $"is {kind}"));
        string begin = $"is not an ELF file: it begins with {Convert.ToHexString(header[..Math.Min(4, header.Length)])}, not 7F454C46";
        return At(image, 0, image.Length < Bytes
            ? begin
            : $"{begin}; raw memory (a vmem file, LiME's raw format, pmemsave) does not say which address a byte has: an ELF64 core does, as QEMU's dump-guest-memory writes it");
    }

    private static void Require(ImageFile image, ulong offset, ushort value, ushort expected, string field, string meaning)
    {
        if (value != expected)
        {
            throw At(image, offset, string.Create(CultureInfo.InvariantCulture, $"the ELF {field} is {value}, not {expected} ({meaning})"));
        }
    }

    private static MalformedInputException At(ImageFile image, ulong offset, string reason) =>
        new(InputProblem.AtOffset(image.Name, offset, reason));
}
