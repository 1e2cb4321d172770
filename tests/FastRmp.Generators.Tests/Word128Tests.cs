using System.Runtime.CompilerServices;
using FastRmp.Generators.Tests.Layouts;
using FastRmp.Generators.Tests.Support;
using Xunit;

namespace FastRmp.Generators.Tests;

public sealed class Word128Tests
{
    [Fact]
    public void Every_field_is_what_shift_and_mask_by_hand_give()
    {
        foreach (ulong[] words in Patterns.Words(2))
        {
            ulong low = words[0];
            ulong high = words[1];
            Word128 entry = new(low, high);
            Assert.Equal(low, entry.Low);
            Assert.Equal(high, entry.High);
            Assert.Equal((low & 1) != 0, entry.First);
            Assert.Equal((ushort)((low >> 1) & 0x7FF), entry.Count);
            Assert.Equal(low & 0x0007_FFFF_FFFF_F000UL, (ulong)entry.Address);
            Assert.Equal((ushort)(low >> 51), entry.Top);
            Assert.Equal((byte)high, entry.Mask0);
            Assert.Equal((byte)(high >> 8), entry.Mask1);
            Assert.Equal((Access)(ushort)(high >> 16), entry.Access);
            Assert.Equal(((high >> 32) & 1) != 0, entry.Key);
            Assert.Equal((uint)(high >> 49), entry.Last);
            Assert.Equal(((high >> 33) & 0xFFFF) != 0, entry.HasReservedBits);
        }
    }

    [Fact]
    public void A_copy_with_a_field_changes_that_field_alone()
    {
        foreach (ulong[] words in Patterns.Words(2))
        {
            ulong low = words[0];
            ulong high = words[1];
            ulong other = ulong.RotateLeft(low ^ ~high, 23);
            Word128 entry = new(low, high);
            Check(entry with { First = true }, low | 1, high);
            Check(entry with { First = false }, low & ~1UL, high);
            Check(entry with { Count = (ushort)other }, (low & ~0xFFEUL) | ((other & 0x7FF) << 1), high);
            Check(entry with { Address = (PageAddress)other }, (low & ~0x0007_FFFF_FFFF_F000UL) | (other & 0x0007_FFFF_FFFF_F000UL), high);
            Check(entry with { Top = (ushort)other }, (low & 0x0007_FFFF_FFFF_FFFFUL) | ((other & 0x1FFF) << 51), high);
            Check(entry with { Mask0 = (byte)other }, low, (high & ~0xFFUL) | (other & 0xFF));
            Check(entry with { Mask1 = (byte)other }, low, (high & ~0xFF00UL) | ((other & 0xFF) << 8));
            Check(entry with { Access = (Access)(ushort)other }, low, (high & ~0xFFFF_0000UL) | ((other & 0xFFFF) << 16));
            Check(entry with { Key = true }, low, high | (1UL << 32));
            Check(entry with { Key = false }, low, high & ~(1UL << 32));
            Check(entry with { Last = (uint)other }, low, (high & 0x0001_FFFF_FFFF_FFFFUL) | ((other & 0x7FFF) << 49));
        }
    }

    [Fact]
    public void The_constants_are_those_of_the_declaration()
    {
        Assert.Equal(16, Word128.SizeInBytes);
        Assert.Equal(16, Unsafe.SizeOf<Word128>());
        Assert.Equal(0UL, Word128.LowReservedMask);
        Assert.Equal(0x0001_FFFE_0000_0000UL, Word128.HighReservedMask);
        Assert.Equal(0x0000_0000_0000_0FFEUL, Word128.CountMask);
        Assert.Equal(1, Word128.CountShift);
        Assert.Equal(0, Word128.CountWord);
        Assert.Equal(0x0000_0000_FFFF_0000UL, Word128.AccessMask);
        Assert.Equal(16, Word128.AccessShift);
        Assert.Equal(1, Word128.AccessWord);
        Assert.Equal(0xFFFE_0000_0000_0000UL, Word128.LastMask);
        Assert.Equal(49, Word128.LastShift);
        Assert.Equal(1, Word128.LastWord);
    }

    private static void Check(Word128 changed, ulong low, ulong high)
    {
        Assert.Equal(low, changed.Low);
        Assert.Equal(high, changed.High);
    }
}
