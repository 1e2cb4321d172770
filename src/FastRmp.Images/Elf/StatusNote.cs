using System;
using System.Buffers.Binary;

namespace FastRmp.Images;

/// <summary>The note with the general registers of one processor (NT_PRSTATUS of <c>CORE</c>).</summary>
internal static class StatusNote
{
    internal const uint Type = 1;

    private const int Process = 32;
    private const int Registers = 112;
    private const int InstructionPointer = Registers + (16 * sizeof(ulong));
    private const int StackPointer = Registers + (19 * sizeof(ulong));
    private const int Bytes = 336;

    internal static ReadOnlySpan<byte> Name => "CORE"u8;

    internal static bool TryRead(ReadOnlySpan<byte> description, out ThreadRegisters registers)
    {
        registers = default;
        if (description.Length < Bytes) return false;
        registers = new ThreadRegisters(
            BinaryPrimitives.ReadUInt64LittleEndian(description[InstructionPointer..]),
            BinaryPrimitives.ReadUInt64LittleEndian(description[StackPointer..]),
            BinaryPrimitives.ReadInt32LittleEndian(description[Process..]));
        return true;
    }
}
