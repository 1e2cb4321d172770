using System.Runtime.CompilerServices;
using FastRmp.Generators.Tests.Layouts;
using FastRmp.Generators.Tests.Support;
using Xunit;

namespace FastRmp.Generators.Tests;

public sealed class Word64Tests
{
    [Fact]
    public void Every_field_is_what_shift_and_mask_by_hand_give()
    {
        foreach (ulong[] words in Patterns.Words(1))
        {
            ulong raw = words[0];
            Word64 entry = new(raw);
            Assert.Equal(raw, entry.Value);
            Assert.Equal((raw & 1) != 0, entry.First);
            Assert.Equal((Colour)((raw >> 1) & 3), entry.Colour);
            Assert.Equal((Access)((raw >> 3) & 7), entry.Access);
            Assert.Equal((byte)((raw >> 7) & 3), entry.Small);
            Assert.Equal(raw & 0x0000_FFFF_FFFF_F000UL, entry.Address);
            Assert.Equal((ushort)((((raw >> 57) & 0x3F) << 4) | ((raw >> 48) & 0xF)), entry.Split);
            Assert.Equal((Kind)(int)((raw >> 52) & 0x1F), entry.Kind);
            Assert.Equal((raw >> 63) != 0, entry.Last);
            Assert.Equal((raw & 0x0E40UL) != 0, entry.HasReservedBits);
            Assert.Equal(raw, new Whole64(raw).All);
            Assert.Equal(raw != 0, new Reserved64(raw).HasReservedBits);
            Assert.False(new Whole64(raw).HasReservedBits);
        }
    }

    [Fact]
    public void A_copy_with_a_field_changes_that_field_alone()
    {
        foreach (ulong[] words in Patterns.Words(1))
        {
            ulong raw = words[0];
            ulong other = ulong.RotateLeft(~raw, 17);
            Word64 entry = new(raw);
            Assert.Equal(raw | 1, (entry with { First = true }).Value);
            Assert.Equal(raw & ~1UL, (entry with { First = false }).Value);
            Assert.Equal((raw & ~(3UL << 1)) | ((other & 3) << 1), (entry with { Colour = (Colour)(byte)(other & 3) }).Value);
            Assert.Equal((raw & ~(7UL << 3)) | ((other & 7) << 3), (entry with { Access = (Access)(ushort)(other & 7) }).Value);
            Assert.Equal((raw & ~(3UL << 7)) | ((other & 3) << 7), (entry with { Small = (byte)(other & 3) }).Value);
            Assert.Equal((raw & ~0x0000_FFFF_FFFF_F000UL) | (other & 0x0000_FFFF_FFFF_F000UL), (entry with { Address = other }).Value);
            Assert.Equal(
                (raw & ~0x7E0F_0000_0000_0000UL) | (((other >> 4) & 0x3F) << 57) | ((other & 0xF) << 48),
                (entry with { Split = (ushort)(other & 0x3FF) }).Value);
            Assert.Equal((raw & ~(0x1FUL << 52)) | ((other & 0x1F) << 52), (entry with { Kind = (Kind)(int)(other & 0x1F) }).Value);
            Assert.Equal((raw & ~(1UL << 63)) | (1UL << 63), (entry with { Last = true }).Value);
            Assert.Equal(raw & ~(1UL << 63), (entry with { Last = false }).Value);
            Assert.Equal(other, (new Whole64(raw) with { All = other }).Value);
        }
    }

    [Fact]
    public void A_value_that_is_too_wide_loses_its_upper_bits()
    {
        Assert.Equal(3UL << 1, new Word64 { Colour = (Colour)0xFF }.Value);
        Assert.Equal(7UL << 3, new Word64 { Access = (Access)0xFFFF }.Value);
        Assert.Equal(3UL << 7, new Word64 { Small = 0xFF }.Value);
        Assert.Equal(0x7E0F_0000_0000_0000UL, new Word64 { Split = 0xFFFF }.Value);
        Assert.Equal(0x1FUL << 52, new Word64 { Kind = (Kind)(-1) }.Value);
        Assert.Equal(0x0000_FFFF_FFFF_F000UL, new Word64 { Address = ulong.MaxValue }.Value);
    }

    [Fact]
    public void The_constants_are_those_of_the_declaration()
    {
        Assert.Equal(8, Word64.SizeInBytes);
        Assert.Equal(8, Word64.AlignmentInBytes);
        Assert.Equal(8, Unsafe.SizeOf<Word64>());
        Assert.Equal(0x0000_0000_0000_0E40UL, Word64.ReservedMask);
        Assert.Equal(0UL, Whole64.ReservedMask);
        Assert.Equal(ulong.MaxValue, Reserved64.ReservedMask);
        Assert.Equal(ulong.MaxValue, Whole64.AllMask);
        Assert.Equal(0x0000_FFFF_FFFF_F000UL, Word64.AddressMask);
        Assert.Equal(12, Word64.AddressShift);
        Assert.Equal(0x7E00_0000_0000_0000UL, Word64.SplitPart0Mask);
        Assert.Equal(57, Word64.SplitPart0Shift);
        Assert.Equal(0x000F_0000_0000_0000UL, Word64.SplitPart1Mask);
        Assert.Equal(48, Word64.SplitPart1Shift);
        Assert.Equal(0x8000_0000_0000_0000UL, Word64.LastMask);
        Assert.Equal(63, Word64.LastShift);
    }
}
