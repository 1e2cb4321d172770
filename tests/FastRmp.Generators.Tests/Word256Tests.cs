using System.Runtime.CompilerServices;
using FastRmp.Generators.Tests.Layouts;
using FastRmp.Generators.Tests.Support;
using Xunit;

namespace FastRmp.Generators.Tests;

public sealed class Word256Tests
{
    [Fact]
    public void Every_field_is_what_shift_and_mask_by_hand_give()
    {
        foreach (ulong[] words in Patterns.Words(4))
        {
            Word256 entry = new(words[0], words[1], words[2], words[3]);
            Check(entry, words[0], words[1], words[2], words[3]);
            Assert.Equal((words[0] & 1) != 0, entry.Valid);
            Assert.Equal((((words[1] >> 32) & 0xFFFF) << 19) | ((words[1] & 0xFFFF) << 3) | ((words[0] >> 1) & 7), entry.Root);
            Assert.Equal((uint)(words[0] >> 4), entry.Wide);
            Assert.Equal(words[0] & 0xFFFF_FFF0_0000_0000UL, entry.Bottom);
            Assert.Equal((ushort)(words[1] >> 16), entry.Half);
            Assert.Equal((byte)(words[1] >> 48), entry.Byte);
            Assert.Equal(words[2] & 0x001F_FFFF_FFFF_E000UL, (ulong)entry.Address);
            Assert.Equal((ushort)(words[2] >> 53), entry.Eleven);
            Assert.Equal((words[3] & 1) != 0, entry.Bit);
            Assert.Equal((words[3] >> 1) & 0x01FF_FFFF_FFFF_FFFFUL, entry.Huge);
            Assert.Equal((words[1] >> 56) != 0 || (words[2] & 0x1FFF) != 0 || (words[3] >> 58) != 0, entry.HasReservedBits);
        }
    }

    [Fact]
    public void A_copy_with_a_field_changes_that_field_alone()
    {
        foreach (ulong[] words in Patterns.Words(4))
        {
            ulong a = words[0];
            ulong b = words[1];
            ulong c = words[2];
            ulong d = words[3];
            ulong other = ulong.RotateLeft(a ^ b ^ ~c ^ d, 11);
            Word256 entry = new(a, b, c, d);
            Check(entry with { Valid = true }, a | 1, b, c, d);
            Check(entry with { Valid = false }, a & ~1UL, b, c, d);
            Check(
                entry with { Root = other },
                (a & ~0xEUL) | ((other & 7) << 1),
                (b & ~0x0000_FFFF_0000_FFFFUL) | ((other >> 3) & 0xFFFF) | (((other >> 19) & 0xFFFF) << 32),
                c,
                d);
            Check(entry with { Wide = (uint)other }, (a & ~0x0000_000F_FFFF_FFF0UL) | ((ulong)(uint)other << 4), b, c, d);
            Check(entry with { Bottom = other }, (a & 0x0000_000F_FFFF_FFFFUL) | (other & 0xFFFF_FFF0_0000_0000UL), b, c, d);
            Check(entry with { Half = (ushort)other }, a, (b & ~0xFFFF_0000UL) | ((other & 0xFFFF) << 16), c, d);
            Check(entry with { Byte = (byte)other }, a, (b & ~0x00FF_0000_0000_0000UL) | ((other & 0xFF) << 48), c, d);
            Check(entry with { Address = (PageAddress)other }, a, b, (c & ~0x001F_FFFF_FFFF_E000UL) | (other & 0x001F_FFFF_FFFF_E000UL), d);
            Check(entry with { Eleven = (ushort)other }, a, b, (c & 0x001F_FFFF_FFFF_FFFFUL) | ((other & 0x7FF) << 53), d);
            Check(entry with { Bit = true }, a, b, c, d | 1);
            Check(entry with { Huge = other }, a, b, c, (d & ~0x03FF_FFFF_FFFF_FFFEUL) | ((other & 0x01FF_FFFF_FFFF_FFFFUL) << 1));
        }
    }

    [Fact]
    public void The_constants_are_those_of_the_declaration()
    {
        Assert.Equal(32, Word256.SizeInBytes);
        Assert.Equal(32, Unsafe.SizeOf<Word256>());
        Assert.Equal(0UL, Word256.Word0ReservedMask);
        Assert.Equal(0xFF00_0000_0000_0000UL, Word256.Word1ReservedMask);
        Assert.Equal(0x0000_0000_0000_1FFFUL, Word256.Word2ReservedMask);
        Assert.Equal(0xFC00_0000_0000_0000UL, Word256.Word3ReservedMask);
        Assert.Equal(0x0000_FFFF_0000_0000UL, Word256.RootPart0Mask);
        Assert.Equal(32, Word256.RootPart0Shift);
        Assert.Equal(1, Word256.RootPart0Word);
        Assert.Equal(0x0000_0000_0000_FFFFUL, Word256.RootPart1Mask);
        Assert.Equal(1, Word256.RootPart1Word);
        Assert.Equal(0x0000_0000_0000_000EUL, Word256.RootPart2Mask);
        Assert.Equal(0, Word256.RootPart2Word);
        Assert.Equal(0x001F_FFFF_FFFF_E000UL, Word256.AddressMask);
        Assert.Equal(13, Word256.AddressShift);
        Assert.Equal(2, Word256.AddressWord);
    }

    private static void Check(Word256 entry, ulong word0, ulong word1, ulong word2, ulong word3)
    {
        Assert.Equal(word0, entry.Word0);
        Assert.Equal(word1, entry.Word1);
        Assert.Equal(word2, entry.Word2);
        Assert.Equal(word3, entry.Word3);
    }
}
