using System;
using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace FastRmp.Images;

/// <summary>Recognises quadwords that are not entries: text, poison, pointers. Memory that was freed, never filled or overwritten shows up
/// in dumps this way.</summary>
internal static class ValuePattern
{
    private const int Bytes = sizeof(ulong);
    private const ulong FirstKernelPointer = 0xFFFF_8000_0000_0000UL;
    private const ulong PastKernelPointers = 0xFFFF_FF00_0000_0000UL;
    private const ulong FirstImagePointer = 0xFFFF_FFFF_8000_0000UL;
    private const ulong PastImagePointers = 0xFFFF_FFFF_FF00_0000UL;
    private const ulong FirstErrorPointer = 0xFFFF_FFFF_FFFF_F001UL; // -4095
    private const ulong MarkerFlags = 0x1F0;
    private const uint PoisonPointer = 0xDEAD;
    private const int BusyBits = 8; // a real entry may say the same twice, with few bits
    private const uint ElfMagic = 0x464C_457F;

    /// <summary>What a value looks like.</summary>
    /// <param name="value">The quadword.</param>
    /// <returns>Words, or null if it looks like nothing but what it should be.</returns>
    internal static string? Of(ulong value)
    {
        if (value == 0) return null;
        if (value == ulong.MaxValue)
        {
            return "all ones: what a read of memory or of a device that does not answer gives, or memory filled with 0xff";
        }

        return Poison(value) ?? Text(value) ?? Pointer(value) ?? Pattern(value);
    }

    private static string? Pointer(ulong value) => value switch
    {
        >= FirstKernelPointer and < PastKernelPointers => "a kernel pointer of Linux (direct map, vmalloc or struct page)",
        >= FirstImagePointer and < PastImagePointers => "a kernel pointer of Linux (text, data or a module)",

        // The markers that Linux keeps in entries have no flags in bits 8:4.
        >= FirstErrorPointer when (value & MarkerFlags) != 0 =>
            string.Create(CultureInfo.InvariantCulture, $"an error pointer of Linux: {(long)value}"),
        _ => null,
    };

    /// <summary>Fill patterns of test programs and of manual tests.</summary>
    private static string? Pattern(ulong value)
    {
        if ((uint)value == value >> 32 && BitOperations.PopCount((uint)value) >= BusyBits)
        {
            return string.Create(
                CultureInfo.InvariantCulture, $"poison 0x{(uint)value:x8}: the same four bytes twice, memory filled with a pattern");
        }

        if ((uint)value == ElfMagic) return "the head of an ELF file";
        int step = (byte)(ByteOf(value, 1) - ByteOf(value, 0));
        for (int i = 2; i < Bytes; i++)
        {
            if ((byte)(ByteOf(value, i) - ByteOf(value, i - 1)) != step) return null;
        }

        return "a test pattern: its bytes count up or down";
    }

    private static string? Poison(ulong value)
    {
        for (int i = 0; i < Bytes; i++)
        {
            byte candidate = ByteOf(value, i);
            if (BytePoison(candidate) is not { } name) continue;
            int equal = Count(value, candidate);
            if (equal == Bytes) return string.Create(CultureInfo.InvariantCulture, $"poison 0x{candidate:x2}: {name}");

            // A counter in freed memory was changed, or the last byte of an object is told from the others.
            if (equal >= Bytes - 2)
            {
                return string.Create(CultureInfo.InvariantCulture, $"poison 0x{candidate:x2} in {equal} of 8 bytes: {name}");
            }
        }

        byte top = ByteOf(value, Bytes - 1);
        if (top is not 0 and not 0xFF && Count(value, top) == Bytes)
        {
            return string.Create(CultureInfo.InvariantCulture, $"poison 0x{top:x2}: one byte eight times, memory filled with a pattern");
        }

        if (BytePoison(top) is { } half && value >> 32 == top * 0x0101_0101UL)
        {
            return string.Create(CultureInfo.InvariantCulture, $"poison 0x{top:x2} in the upper half: {half}");
        }

        if (value >> 48 == PoisonPointer) return "poison pointer (0xdead…): Linux's list poison or another value of an invalid pointer";
        return MagicPoison((uint)(value >> 32)) ?? MagicPoison((uint)value);
    }

    /// <summary>What fills memory with this byte.</summary>
    private static string? BytePoison(byte value) => value switch
    {
        0x6B => "a freed object of Linux's slab allocator",
        0x5A => "an object of Linux's slab allocator that is not initialised",
        0xA5 => "the end of an object of Linux's slab allocator, or stack filled before use",
        0xBB => "the red zone of a free slab object of Linux",
        0xCC => "the red zone of a slab object of Linux, freed init memory, or int3 instructions",
        0xAA => "a page poisoned by Linux when it was freed, or a test pattern",
        0x55 => "a test pattern",
        0x6C => "a freed flexible array of Linux",
        0xA7 => "a freed object of Linux's DMA pools",
        0xA9 => "an object of Linux's DMA pools that is not initialised",
        0xBD => "a destroyed key of Linux",
        0xC2 => "a page that Xen scrubbed",
        0xAB => "the end of a heap block of a debug run time",
        0xFD => "the edge of a heap block of a debug run time",
        0xCD => "uninitialised heap of a debug run time",
        0xDD => "freed heap of a debug run time",
        0xFE => "memory filled by a sanitizer or firmware",
        0xAF => "memory filled by UEFI firmware",
        _ => null,
    };

    private static string? MagicPoison(uint half) => half switch
    {
        0xDEAD_BEEF or 0xDEAD_C0DE or 0xDEAD_DEAD or 0xDEAD_4EAD or 0xBAAD_F00D or 0xFEED_FACE or 0xFEED_BEEF or 0xCAFE_BABE or 0xCAFE_D00D
            or 0x0BAD_C0DE or 0xBADC_0FFE or 0xFEEE_FEEE or 0xBAD0_B0B0 or 0x57AC_6E9D =>
            string.Create(CultureInfo.InvariantCulture, $"poison 0x{half:x}: a value of freed or uninitialised memory"),
        _ => null,
    };

    private static string? Text(ulong value)
    {
        Span<char> characters = stackalloc char[Bytes];
        int letters = 0;
        for (int i = 0; i < Bytes; i++)
        {
            characters[i] = (char)ByteOf(value, i);
            if (characters[i] is (>= ' ' and < '\x7F') or '\t' or '\n' or '\r') letters++;
            else if (characters[i] != '\0') return null;
        }

        // A text may end here or begin, but needs six characters: real entries look like four.
        return letters >= Bytes - 2 ? $"ASCII text \"{Escaped(characters)}\", lowest byte first" : WideText(value);
    }

    private static string? WideText(ulong value) =>
        Wide(value, "lowest byte first") ?? Wide(BinaryPrimitives.ReverseEndianness(value), "highest byte first");

    private static string? Wide(ulong value, string order)
    {
        Span<char> characters = stackalloc char[Bytes / 2];
        int letters = 0;
        for (int i = 0; i < characters.Length; i++)
        {
            byte low = ByteOf(value, 2 * i);
            if (ByteOf(value, (2 * i) + 1) != 0 || low is not (0 or (>= 0x20 and < 0x7F)) || (low != 0 && letters < i)) return null;
            if (low != 0) letters++;
            characters[i] = (char)low;
        }

        // A real entry may look like two.
        return letters > 2 ? $"ASCII text \"{Escaped(characters)}\" in UTF-16, {order}" : null;
    }

    private static string Escaped(ReadOnlySpan<char> text) => text.ToString()
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\t", "\\t", StringComparison.Ordinal).Replace(
            "\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal)
        .Replace("\0", "\\0", StringComparison.Ordinal);

    private static int Count(ulong value, byte wanted)
    {
        int count = 0;
        for (int i = 0; i < Bytes; i++)
        {
            if (ByteOf(value, i) == wanted) count++;
        }

        return count;
    }

    private static byte ByteOf(ulong value, int index) => (byte)(value >> (8 * index));
}
