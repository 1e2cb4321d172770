using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace FastRmp.Images;

/// <summary>Reads the fields of a record one after the other: bytes, and varints of 7 bits a byte.</summary>
/// <remarks>What is wrong is remembered to the end of the record: until then a field may be of bytes behind it.</remarks>
/// <param name="bytes">The record, and so many bytes more as its fields may have.</param>
internal ref struct RecordFields(ReadOnlySpan<byte> bytes)
{
    /// <summary>Bytes of the longest number: of 64 bits.</summary>
    internal const int MostNumberBytes = 10;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    /// <summary>Where the next field begins.</summary>
    internal readonly int At => _at;

    /// <summary>Whether a number had more than 64 bits.</summary>
    internal bool IsTooLong { get; private set; }

    /// <summary>Reads a byte.</summary>
    internal int Byte() => _bytes[_at++];

    /// <summary>Reads eight bytes as they are.</summary>
    internal ulong Quadword()
    {
        ulong one = BinaryPrimitives.ReadUInt64LittleEndian(_bytes[_at..]);
        _at += sizeof(ulong);
        return one;
    }

    /// <summary>Reads a varint.</summary>
    internal ulong Number()
    {
        if (!TryNumber(_bytes.Slice(_at, MostNumberBytes), out ulong value, out int length)) IsTooLong = true;
        _at += length;
        return value;
    }

    /// <summary>Reads a varint.</summary>
    /// <returns>False if it is cut, or has more than 64 bits.</returns>
    internal static bool TryNumber(ReadOnlySpan<byte> bytes, out ulong value, out int length)
    {
        value = 0;
        length = 0;
        for (int shift = 0; length < bytes.Length; shift += 7)
        {
            ulong one = bytes[length++];
            if (shift == 63 && one > 1) return false;
            value |= (one & 0x7F) << shift;
            if (one < 0x80) return true;
        }

        return false;
    }

    /// <summary>Eight numbers of 7 bits, one in each byte, as one of 56.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Packed(ulong bytes)
    {
        bytes = (bytes & 0x007F_007F_007F_007F) | ((bytes & 0x7F00_7F00_7F00_7F00) >> 1);
        bytes = (bytes & 0x0000_3FFF_0000_3FFF) | ((bytes & 0x3FFF_0000_3FFF_0000) >> 2);
        return (bytes & 0x0FFF_FFFF) | (bytes >> 32 << 28);
    }
}
