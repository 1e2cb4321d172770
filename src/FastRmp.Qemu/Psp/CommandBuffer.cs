using System;
using System.Buffers.Binary;

namespace FastRmp.Qemu;

/// <summary>The buffer of a command, in the machine's RAM; what is not RAM reads as zero.</summary>
/// <param name="ram">The RAM.</param>
/// <param name="address">The buffer's address, without the C-bit.</param>
internal readonly ref struct CommandBuffer(GuestRam ram, ulong address)
{
    /// <summary>The buffer's address.</summary>
    internal ulong Address => address;

    /// <summary>Four bytes.</summary>
    internal uint Word(int offset)
    {
        ReadOnlySpan<byte> bytes = ram.Bytes(address + (ulong)offset, sizeof(uint));
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <summary>Eight bytes.</summary>
    internal ulong Quadword(int offset)
    {
        ReadOnlySpan<byte> bytes = ram.Bytes(address + (ulong)offset, sizeof(ulong));
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    /// <summary>Writes four bytes.</summary>
    internal void Write(int offset, uint value)
    {
        Span<byte> bytes = ram.Bytes(address + (ulong)offset, sizeof(uint));
        if (!bytes.IsEmpty) BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
    }

    /// <summary>Whether a part is zero.</summary>
    internal bool IsZero(int offset, int count) => ram.Bytes(address + (ulong)offset, count).IndexOfAnyExcept((byte)0) < 0;
}
