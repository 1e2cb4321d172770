using System;
using System.Collections.Generic;
using FastRmp.Qemu.Tests.Support;
using Xunit;

namespace FastRmp.Qemu.Tests.Stores;

public sealed class StoreDecoderTests
{
    private const sbyte None = StoreOperand.NoRegister;

    /// <summary>All forms of a memory operand, against the manual's tables of ModRM and SIB (AMD64 APM vol. 3, 1.4), written here once
    /// more.</summary>
    [Fact]
    public void Every_form_of_an_operand_is_read_as_the_manual_says()
    {
        int forms = 0;
        foreach (byte rex in (byte[])[0x48, 0x49, 0x4A, 0x4B, 0x4C, 0x4F])
        {
            for (int modRm = 0; modRm < 0xC0; modRm++)
            {
                bool hasSib = (modRm & 7) == 4;
                for (int sib = 0; sib < (hasSib ? 256 : 1); sib++)
                {
                    byte[] code = [rex, 0x89, (byte)modRm, .. hasSib ? [(byte)sib] : (byte[])[], 0x88, 0x77, 0x66, 0x95, 0x44];
                    Assert.Equal(StoreDecoding.Known, StoreDecoder.Decode(code, 0x123, out StoreOperand operand));
                    Assert.Equal(Expected(rex, modRm, hasSib ? sib : -1), operand);
                    forms++;
                }
            }
        }

        Assert.Equal(6 * ((3 * 8 * 7) + (3 * 8 * 256)), forms);
    }

    [Theory]
    [InlineData("50", "Rsp", -8L, 8)] // push
    [InlineData("E800000000", "Rsp", -8L, 8)] // call
    [InlineData("FF30", "Rsp", -8L, 8)] // push [rax]
    [InlineData("9C", "Rsp", -8L, 8)] // pushfq
    [InlineData("6650", "Rsp", -2L, 2)]
    [InlineData("C8100000", "Rsp", -8L, 8)] // enter
    [InlineData("8F07", "Rdi", 0L, 8)] // pop [rdi]
    [InlineData("F00FC107", "Rdi", 0L, 4)] // lock xadd
    [InlineData("480FC70F", "Rdi", 0L, 16)] // cmpxchg16b
    [InlineData("0F1107", "Rdi", 0L, 16)] // movups
    [InlineData("C5FE7F07", "Rdi", 0L, 32)] // vmovdqu
    [InlineData("660FF7C1", "Rdi", 0L, 16)] // maskmovdqu
    [InlineData("480FAE07", "Rdi", 0L, 512)] // fxsave64
    [InlineData("0FAE27", "Rdi", 0L, 4096)] // xsave
    [InlineData("0F0107", "Rdi", 0L, 10)] // sgdt
    [InlineData("0F9407", "Rdi", 0L, 1)] // sete
    [InlineData("AA", "Rdi", 0L, 1)] // stosb
    [InlineData("48A5", "Rdi", 0L, 8)] // movsq
    [InlineData("6C", "Rdi", 0L, 1)] // insb
    [InlineData("48ABAB", "Rdi", 0L, 8)]
    public void A_store_is_found(string bytes, string start, long displacement, int size)
    {
        Assert.Equal(StoreDecoding.Known, StoreDecoder.Decode(Convert.FromHexString(bytes), 0, out StoreOperand operand));
        Assert.Equal(Enum.Parse<GuestRegister>(start), (GuestRegister)operand.Base);
        Assert.Equal(None, operand.Index);
        Assert.Equal((ulong)displacement, operand.Displacement);
        Assert.Equal(size, operand.Bytes);
        Assert.False(operand.Repeats);
    }

    [Theory]
    [InlineData("8B07")] // mov eax, [rdi]
    [InlineData("48833F00")] // cmp
    [InlineData("480FA30F")] // bt
    [InlineData("5F")] // pop
    [InlineData("C3")]
    [InlineData("48CF")] // iretq
    [InlineData("48A7")] // cmpsq
    [InlineData("AC")] // lodsb
    [InlineData("0F1F4000")] // nop
    [InlineData("0F0D07")] // prefetchw
    [InlineData("488D07")] // lea
    [InlineData("4889C7")] // mov rdi, rax
    [InlineData("0F0B")]
    [InlineData("06")] // not in 64-bit mode
    public void What_does_not_store_is_no_store(string bytes) =>
        Assert.Equal(StoreDecoding.None, StoreDecoder.Decode(Convert.FromHexString(bytes), 0, out _));

    [Fact]
    public void Segments_prefixes_and_RIP_are_read()
    {
        StoreDecoder.Decode([0x65, 0x48, 0x89, 0x04, 0x25, 0x00, 0x10, 0x00, 0x80], 0, out StoreOperand gs);
        Assert.Equal(((sbyte)GuestRegister.GsBase, None, 0xFFFF_FFFF_8000_1000UL), (gs.Segment, gs.Base, gs.Displacement));
        StoreDecoder.Decode([0x64, 0xC6, 0x07, 0x01], 0, out StoreOperand fs);
        Assert.Equal((sbyte)GuestRegister.FsBase, fs.Segment);
        StoreDecoder.Decode([0x67, 0x89, 0x07], 0, out StoreOperand narrow);
        Assert.True(narrow.IsNarrow);
        StoreDecoder.Decode([0x89, 0x05, 0xF0, 0xFF, 0xFF, 0xFF], 0xFFE, out StoreOperand relative);
        Assert.Equal((true, 0xFFEUL + 6 - 16, None), (relative.IsRelative, relative.Displacement, relative.Base));
        StoreDecoder.Decode([0xF3, 0x48, 0xAB], 0, out StoreOperand repeated);
        Assert.Equal((true, 8, (sbyte)GuestRegister.Rdi), (repeated.Repeats, repeated.Bytes, repeated.Base));
        StoreDecoder.Decode([0x48, 0xA3, 8, 7, 6, 5, 4, 3, 2, 1], 0, out StoreOperand absolute);
        Assert.Equal((0x0102_0304_0506_0708UL, None), (absolute.Displacement, absolute.Base));
    }

    /// <summary>AMD64 APM vol. 3, BTS: the bit's number in a register is signed, of the operand's size, and may reach anywhere.</summary>
    [Theory]
    [InlineData("480FAB0F", 0x3FUL, 0L)]
    [InlineData("480FAB0F", 0x40UL, 8L)]
    [InlineData("480FAB0F", ulong.MaxValue, -8L)]
    [InlineData("480FAB0F", 1UL << 62, 1L << 59)]
    [InlineData("F0480FB30F", 0x1_0000_0000UL, 1L << 29)] // lock btr
    [InlineData("0FAB0F", 0x1_0000_0021UL, 4L)]
    [InlineData("0FBB0F", 0xFFFF_FFFFUL, -4L)] // btc
    [InlineData("660FAB0F", 0x1_8000UL, -0x1000L)]
    [InlineData("480FBA2F3F", 0x1000UL, 0L)] // by a number in the instruction
    public void A_bit_is_stored_where_its_number_says(string bytes, ulong number, long offset)
    {
        FakeProcessor processor = new();
        processor[GuestRegister.Rdi] = 0x1234_5000UL;
        processor[GuestRegister.Rcx] = number;
        Assert.Equal(StoreDecoding.Known, StoreDecoder.Decode(Convert.FromHexString(bytes), 0, out StoreOperand operand));
        Assert.Equal(0x1234_5000UL + (ulong)offset, operand.AddressIn(processor, 0));
    }

    [Fact]
    public void Any_bytes_have_an_answer()
    {
        Random random = new(1);
        byte[] code = new byte[15];
        HashSet<StoreDecoding> seen = [];
        for (int i = 0; i < 200_000; i++)
        {
            random.NextBytes(code);
            seen.Add(StoreDecoder.Decode(code.AsSpan(0, random.Next(16)), (ushort)(i & 0xFFF), out StoreOperand operand));
            Assert.InRange(operand.Bytes, 0, 4096);
        }

        Assert.Contains(StoreDecoding.Known, seen);
        Assert.Contains(StoreDecoding.None, seen);
    }

    private static StoreOperand Expected(int rex, int modRm, int sib)
    {
        const int Length = 3; // REX, opcode, ModRM
        int mode = modRm >> 6;
        int low = modRm & 7;
        int number = low | ((rex & 1) << 3);
        int index = -1;
        int scale = 1;
        bool hasNumber = true;
        int displacement = mode == 1 ? 1 : mode == 2 ? 4 : 0;
        bool isRelative = false;
        if (sib >= 0)
        {
            number = (sib & 7) | ((rex & 1) << 3);
            index = ((sib >> 3) & 7) | ((rex & 2) << 2);
            scale = 1 << (sib >> 6);
            if (index == 4) index = -1;
            if ((sib & 7) == 5 && mode == 0) (hasNumber, displacement) = (false, 4);
        }
        else if (low == 5 && mode == 0)
        {
            (hasNumber, displacement, isRelative) = (false, 4, true);
        }

        int sibBytes = sib >= 0 ? 1 : 0;
        int end = Length + sibBytes + displacement;
        long value = displacement == 1 ? unchecked((sbyte)0x88) : displacement == 4 ? unchecked((int)0x9566_7788) : 0;
        return new StoreOperand
        {
            Displacement = (ulong)value + (isRelative ? 0x123UL + (ulong)end : 0),
            Bytes = 8,
            Offset = 0x123,
            Base = hasNumber ? (sbyte)number : None,
            Index = (sbyte)index,
            Scale = (byte)scale,
            Segment = None,
            IsRelative = isRelative,
        };
    }
}
