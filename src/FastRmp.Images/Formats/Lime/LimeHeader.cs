using System;
using System.Buffers.Binary;

namespace FastRmp.Images;

/// <summary>The header of one range of a LiME or AVML image: magic, version, first and last address, and eight bytes of nothing.</summary>
/// <remarks>Source: LiME doc/README.md (lime_range); AVML src/image.rs. Both give the last address inclusive.</remarks>
internal readonly record struct LimeHeader(bool IsCompressed, ulong Start, ulong Last)
{
    internal const int Bytes = 32;

    private const uint LimeVersion = 1;
    private const uint AvmlVersion = 2;

    private static ReadOnlySpan<byte> LimeMagic => "EMiL"u8;

    private static ReadOnlySpan<byte> AvmlMagic => "AVML"u8;

    /// <summary>Bytes of the range.</summary>
    internal ulong Length => Last - Start + 1;

    internal static bool IsMagic(ReadOnlySpan<byte> head) => head.StartsWith(LimeMagic) || head.StartsWith(AvmlMagic);

    /// <summary>Reads a header; returns null, or what is wrong with it.</summary>
    internal static string? TryRead(ReadOnlySpan<byte> bytes, out LimeHeader header)
    {
        header = default;
        bool isCompressed = bytes.StartsWith(AvmlMagic);
        string kind = isCompressed ? "AVML" : "LiME";
        if (!isCompressed && !bytes.StartsWith(LimeMagic)) return "the header of a LiME or AVML range is expected here";
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        uint expected = isCompressed ? AvmlVersion : LimeVersion;
        if (version != expected)
        {
            return FormattableString.Invariant($"is a {kind} image of version {version}: {expected} is the one that can be read");
        }

        ulong start = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        ulong last = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]);
        if (last < start || last > PhysicalAddress.ValidMask)
        {
            return FormattableString.Invariant($"the header of a {kind} range gives the addresses 0x{start:x} to 0x{last:x}");
        }

        header = new LimeHeader(isCompressed, start, last);
        return null;
    }
}
