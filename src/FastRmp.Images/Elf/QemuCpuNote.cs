using System;
using System.Buffers.Binary;

namespace FastRmp.Images;

/// <summary>The emulator's note with the state of one processor.</summary>
/// <remarks>
/// Version and size (32 bits each); RAX RBX RCX RDX RSI RDI RSP RBP R8…R15 RIP RFLAGS (64 bits each); ten segments of
/// 24 bytes, CS first, selector first; CR0…CR4; then the kernel's GS base, which the oldest writers left out.
/// </remarks>
internal static class QemuCpuNote
{
    internal const uint Type = 0;

    private const uint Version = 1;
    private const int Registers = 8;
    private const int StackPointer = Registers + (6 * 8);
    private const int InstructionPointer = Registers + (16 * 8);
    private const int Flags = InstructionPointer + 8;
    private const int Segments = Flags + 8;
    private const int Control = Segments + (10 * 24);
    private const int MinimumBytes = Control + (5 * 8);

    internal static ReadOnlySpan<byte> Name => "QEMU"u8;

    /// <summary>Reads the note's description; returns null, or what is wrong with it.</summary>
    internal static string? TryRead(ReadOnlySpan<byte> description, out CpuState state)
    {
        state = default;
        if (description.Length < MinimumBytes)
        {
            return $"a QEMU processor note has {description.Length} bytes, fewer than the {MinimumBytes} that end in CR4";
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(description);
        if (version != Version) return $"a QEMU processor note has version {version}, not {Version}";
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(description[4..]);
        if (size < MinimumBytes || size > (uint)description.Length)
        {
            return $"a QEMU processor note of {description.Length} bytes gives its size as {size}";
        }

        state = new CpuState(
            new ControlRegisters(
                Word(description, Control), new Cr3(Word(description, Control + 24)), Word(description, Control + 32), Efer: 0),
            Word(description, Control + 16),
            Word(description, InstructionPointer),
            Word(description, Flags),
            Word(description, StackPointer),
            BinaryPrimitives.ReadUInt32LittleEndian(description[Segments..]));
        return null;
    }

    private static ulong Word(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);
}
