using System;
using System.Buffers.Binary;

namespace FastRmp.Images;

/// <summary>The checksum of gzip members (RFC 1952, section 8), eight bytes a step.</summary>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB8_8320;
    private static readonly uint[] Tables = BuildTables();

    /// <summary>Continues a checksum.</summary>
    /// <param name="crc">The checksum so far; 0 to begin.</param>
    /// <param name="bytes">The next bytes.</param>
    /// <returns>The checksum of everything so far.</returns>
    internal static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<uint> tables = Tables;
        uint value = ~crc;
        while (bytes.Length >= 8)
        {
            uint low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ value;
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            value = tables[(7 * 256) + (byte)low] ^ tables[(6 * 256) + (byte)(low >> 8)]
                ^ tables[(5 * 256) + (byte)(low >> 16)] ^ tables[(4 * 256) + (byte)(low >> 24)]
                ^ tables[(3 * 256) + (byte)high] ^ tables[(2 * 256) + (byte)(high >> 8)]
                ^ tables[256 + (byte)(high >> 16)] ^ tables[(byte)(high >> 24)];
            bytes = bytes[8..];
        }

        foreach (byte next in bytes)
        {
            value = tables[(byte)(value ^ next)] ^ (value >> 8);
        }

        return ~value;
    }

    private static uint[] BuildTables()
    {
        uint[] tables = new uint[8 * 256];
        for (uint index = 0; index < 256; index++)
        {
            uint value = index;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? Polynomial ^ (value >> 1) : value >> 1;
            }

            tables[index] = value;
        }

        for (int index = 256; index < tables.Length; index++)
        {
            uint before = tables[index - 256];
            tables[index] = tables[before & 0xFF] ^ (before >> 8);
        }

        return tables;
    }
}
