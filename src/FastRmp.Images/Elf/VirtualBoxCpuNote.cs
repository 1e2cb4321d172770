using System;
using System.Buffers.Binary;

namespace FastRmp.Images;

/// <summary>VirtualBox's note with the state of one processor.</summary>
/// <remarks>Fourteen general registers; RIP, RSP, RBP, RFLAGS; six segments of 24 bytes (base, limit, attributes, selector), CS first; CR0,
/// CR2, CR3, CR4. Source: VirtualBox include/VBox/vmm/dbgfcorefmt.h (DBGFCORECPU).</remarks>
internal static class VirtualBoxCpuNote
{
    internal const uint CoreType = 0xB00;
    internal const uint CpuType = 0xB01;

    private const int InstructionPointer = 14 * sizeof(ulong);
    private const int Segments = 18 * sizeof(ulong);
    private const int Selector = 16;
    private const int Control = Segments + (6 * 24);
    private const int MinimumBytes = Control + (4 * sizeof(ulong));
    private const uint Magic = 0xC01A_C0DE;

    internal static ReadOnlySpan<byte> CoreName => "VBCORE"u8;

    internal static ReadOnlySpan<byte> CpuName => "VBCPU"u8;

    /// <summary>The version of VirtualBox, from the note that describes the core; null if it is not there.</summary>
    internal static string? Version(ReadOnlySpan<byte> description)
    {
        if (description.Length < 16 || BinaryPrimitives.ReadUInt32LittleEndian(description) != Magic) return null;
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(description[12..]);
        return FormattableString.Invariant($"{version >> 24}.{(version >> 16) & 0xFF}.{version & 0xFFFF}");
    }

    /// <summary>Reads a processor's note; returns null, or what is wrong with it.</summary>
    internal static string? TryRead(ReadOnlySpan<byte> description, out CpuState state)
    {
        state = default;
        if (description.Length < MinimumBytes)
        {
            return $"a VirtualBox processor note has {description.Length} bytes, fewer than the {MinimumBytes} that end in CR4";
        }

        state = new CpuState(
            new ControlRegisters(
                Word(description, Control), new Cr3(Word(description, Control + 16)), Word(description, Control + 24), Efer: 0),
            Word(description, Control + 8),
            Word(description, InstructionPointer),
            Word(description, InstructionPointer + 24),
            Word(description, InstructionPointer + 8),
            BinaryPrimitives.ReadUInt16LittleEndian(description[(Segments + Selector)..]));
        return null;
    }

    private static ulong Word(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);
}
