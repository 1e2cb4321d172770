using System;
using System.Buffers.Binary;

namespace FastRmp.Cli.Shell;

/// <summary>Hexadecimal digits, eight at once: a listing of millions of mappings is two thirds digits.</summary>
/// <remarks>Plain arithmetic: a native build for any x86-64 has no shuffle of bytes, and would call a method for it.</remarks>
internal static class HexText
{
    private const ulong EachByte = 0x0101_0101_0101_0101UL;

    /// <summary>Sixteen lower-case digits.</summary>
    /// <param name="value">The number.</param>
    /// <param name="digits">Takes them: 16 bytes.</param>
    internal static void Write16(ulong value, Span<byte> digits)
    {
        BinaryPrimitives.WriteUInt64BigEndian(digits, Digits((uint)(value >> 32)));
        BinaryPrimitives.WriteUInt64BigEndian(digits[sizeof(ulong)..], Digits((uint)value));
    }

    /// <summary>Eight digits, the first in the highest byte.</summary>
    private static ulong Digits(uint value)
    {
        ulong nibbles = (value | ((ulong)value << 16)) & 0x0000_FFFF_0000_FFFFUL;
        nibbles = (nibbles | (nibbles << 8)) & 0x00FF_00FF_00FF_00FFUL;
        nibbles = (nibbles | (nibbles << 4)) & (EachByte * 0xF);
        ulong letters = ((nibbles + (EachByte * 6)) >> 4) & EachByte; // 1 in each byte above 9
        return nibbles + (EachByte * '0') + (letters * ('a' - '9' - 1));
    }
}
