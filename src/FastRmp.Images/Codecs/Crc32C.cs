using System;
using System.Buffers.Binary;
using System.Numerics;

namespace FastRmp.Images;

/// <summary>The checksum of Snappy's framing format: CRC-32C, turned and moved so that it does not check itself.</summary>
internal static class Crc32C
{
    private const uint MaskDelta = 0xA282_EAD8;

    internal static uint Masked(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return BitOperations.RotateRight(~crc, 15) + MaskDelta;
    }
}
