using System;
using System.Collections.Generic;
using FastRmp.Qemu.Tests.Support;
using Xunit;

namespace FastRmp.Qemu.Tests.Stores;

public sealed class BlockStoresTests
{
    private readonly BlockStores _stores = new();

    [Fact]
    public void The_stores_of_a_functions_beginning_are_looked_at_together()
    {
        // push rbp; push rbx; sub rsp, 32; mov [rsp+8], rax; call
        Add("55", "53", "4883EC20", "4889442408", "E800000000");
        Assert.Equal(StoreDecoding.Known, _stores.At(0, out StoreOperand first));
        Assert.Equal((true, 56, 48), (first.IsFirst, first.Reach, first.Before));
        Assert.Equal(StoreDecoding.None, _stores.At(2, out _));
        foreach (int index in (int[])[1, 3, 4])
        {
            Assert.Equal(StoreDecoding.Known, _stores.At(index, out StoreOperand other));
            Assert.Equal((false, 0, 0), (other.IsFirst, other.Reach, other.Before));
        }
    }

    [Theory]
    [InlineData("488903", "4883C308", "488903")] // the register changes
    [InlineData("488903", "B301", "488903")] // a part of it does
    [InlineData("488903", "5B", "488903")]
    [InlineData("488903", "C7830010000000000000")] // too far
    [InlineData("488903", "65488903")] // another segment
    [InlineData("65488903", "0F01F8", "65488903")] // swapgs
    [InlineData("488903", "48890C8B")] // an index
    [InlineData("488903", "67488903")] // an address of 32 bits
    [InlineData("488905F00F0000", "488905E00F0000")] // relative to RIP: a block may be on two pages
    [InlineData("50", "4889EC", "50")] // mov rsp, rbp
    [InlineData("50", "4883E4F0", "50")] // and rsp, -16
    [InlineData("50", "5C", "50")] // pop rsp
    [InlineData("AA", "488907")] // stosb changes RDI
    public void What_may_be_elsewhere_is_looked_at_by_itself(params string[] block)
    {
        ArgumentNullException.ThrowIfNull(block);
        Add(block);
        _stores.At(0, out StoreOperand first);
        _stores.At(block.Length - 1, out StoreOperand last);
        Assert.Equal((true, true, false), (first.IsFirst, first.Reach != 0, last.IsFirst));
        Assert.Equal(last.Bytes, last.Reach);
    }

    [Fact]
    public void A_repeated_store_is_looked_at_by_itself()
    {
        Add("F348AB", "488907");
        _stores.At(0, out StoreOperand repeated);
        Assert.Equal((true, true, 0), (repeated.IsFirst, repeated.Repeats, repeated.Reach));
        _stores.At(1, out StoreOperand other);
        Assert.Equal((false, 8), (other.IsFirst, other.Reach));
    }

    /// <summary>Random blocks, executed by an interpreter of what their instructions do to registers: every store is where one that was
    /// looked at before said that something may be stored.</summary>
    [Fact]
    public void No_store_is_outside_of_what_was_looked_at()
    {
        Random random = new(3);
        int alone = 0;
        int following = 0;
        for (int round = 0; round < 3000; round++)
        {
            FakeProcessor processor = new();
            foreach (GuestRegister register in Enum.GetValues<GuestRegister>()) processor[register] = (ulong)random.NextInt64();
            List<(byte[] Code, Action Effect)> block = [];
            for (int i = random.Next(1, 20); i > 0; i--) block.Add(Instruction(random, processor));
            _stores.Begin();
            foreach ((byte[] code, _) in block) _stores.Add(code, 0x100);
            List<(ulong First, ulong Bytes)> seen = [];
            bool hasFirst = false;
            for (int i = 0; i < block.Count; i++)
            {
                if (_stores.At(i, out StoreOperand operand) == StoreDecoding.Known)
                {
                    Assert.Equal(!hasFirst, operand.IsFirst);
                    hasFirst = true;
                    ulong address = operand.AddressIn(processor, 0);
                    if (operand.Reach != 0) seen.Add((address - (ulong)operand.Before, (ulong)operand.Reach));
                    Assert.InRange(operand.Reach, 0, BlockStores.MostReach);
                    Assert.Contains(seen, range => address - range.First <= range.Bytes - (ulong)operand.Bytes);
                    if (operand.Reach != 0) alone++;
                    else following++;
                }

                block[i].Effect();
            }
        }

        Assert.InRange(following, alone / 4, alone * 4);
    }

    private void Add(params string[] block)
    {
        _stores.Begin();
        foreach (string code in block) _stores.Add(Convert.FromHexString(code), 0x100);
    }

    private static (byte[] Code, Action Effect) Instruction(Random random, FakeProcessor processor)
    {
        const GuestRegister Rsp = GuestRegister.Rsp;
        byte value = (byte)random.Next(256);
        ulong wide = (ulong)(sbyte)value;
        void Move(GuestRegister register, ulong by) => processor[register] += by;
        void Lose(GuestRegister register) => processor[register] = (ulong)random.NextInt64();
        static void Nothing()
        {
        }

        void PopRbx()
        {
            Move(Rsp, 8);
            Lose(GuestRegister.Rbx);
        }

        void Enter()
        {
            processor[GuestRegister.Rbp] = processor[Rsp] - 8;
            Move(Rsp, unchecked((ulong)-24));
        }

        void Leave()
        {
            processor[Rsp] = processor[GuestRegister.Rbp] + 8;
            Lose(GuestRegister.Rbp);
        }

        return random.Next(24) switch
        {
            0 or 1 or 2 => ([(byte)(0x50 + random.Next(8))], () => Move(Rsp, unchecked((ulong)-8))),
            3 => ([0x5B], PopRbx),
            4 => ([0x5C], () => Lose(Rsp)),
            5 => ([0x48, 0x83, 0xEC, value], () => Move(Rsp, 0 - wide)),
            6 => ([0x48, 0x83, 0xC4, value], () => Move(Rsp, wide)),
            7 => ([0x48, 0x8D, 0x64, 0x24, value], () => Move(Rsp, wide)),
            8 => ([0x48, 0x89, 0xEC], () => processor[Rsp] = processor[GuestRegister.Rbp]),
            9 or 10 or 11 => ([0x48, 0x89, 0x44, 0x24, value], Nothing), // mov [rsp+value], rax
            12 or 13 or 14 => ([0x48, 0x89, 0x43, value], Nothing), // mov [rbx+value], rax
            15 => ([0x89, 0x44, 0x8B, value], Nothing), // mov [rbx+rcx*4+value], eax
            16 => ([0x48, 0x83, 0xC3, value], () => Move(GuestRegister.Rbx, wide)),
            17 => ([0xB1, value], () => Lose(GuestRegister.Rcx)), // mov cl
            18 => ([0x65, 0x48, 0x89, 0x43, value], Nothing),
            19 => ([0x0F, 0x01, 0xF8], () => Lose(GuestRegister.GsBase)),
            20 => ([0x48, 0x93], () => Lose(GuestRegister.Rbx)), // xchg rax, rbx
            21 => ([0xFF, 0x33], () => Move(Rsp, unchecked((ulong)-8))), // push [rbx]
            22 => ([0xC8, 0x10, 0x00, 0x00], Enter),
            _ => ([0xC9], Leave),
        };
    }
}
