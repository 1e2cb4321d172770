using System;
using FastRmp.Paging;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Tests.Paging;

/// <summary>The C-bit at every position, with every reduction of the width, in every entry and in CR3.</summary>
public sealed class EncryptionBitTests
{
    private const ulong Good = TableTree.P | TableTree.W | TableTree.U;
    private const ulong Offset = WalkChain.Va & 0xFFF;

    [Theory]
    [InlineData(4, 1)]
    [InlineData(4, 2)]
    [InlineData(5, 3)]
    public void Every_address_bit_of_every_entry_counts_as_in_the_reference(int levels, int leafLevel)
    {
        WalkChain chain = new(levels, leafLevel);
        for (int position = 31; position < 52; position++)
        {
            foreach ((int width, int reduction) in new[] { (52, 0), (52, 1), (52, 5), (48, 0), (48, 5), (43, 7), (36, 0) })
            {
                PagingSetup setup = new()
                {
                    Levels = levels,
                    Width = width,
                    Reduction = reduction,
                    EncryptionBit = position < 32 ? null : position,
                };
                if (position < 32) setup = setup with { Reduction = 0 };
                foreach (bool encrypted in new[] { false, true })
                {
                    ulong mark = encrypted && position >= 32 ? 1UL << position : 0;
                    Judge(chain, setup with { Cr3 = WalkChain.Root | mark }, leafLevel, mark);
                }
            }
        }
    }

    [Fact]
    public void It_is_stripped_from_CR3_tables_and_page()
    {
        const ulong Mark = 1UL << 51;
        WalkChain chain = new(4, 1);
        for (int level = 1; level <= 4; level++)
        {
            chain.Set(level, Good | Mark);
        }

        WalkView view = new(chain.Memory);
        PagingState on = new PagingSetup { Cr3 = WalkChain.Root | Mark, Width = 52, Reduction = 5, EncryptionBit = 51 }.State;
        WalkResult result = PageWalker.Translate(ref view, on, new VirtualAddress(WalkChain.Va), MemoryAccess.KernelRead);
        Assert.True(result.IsMapped);
        Assert.Equal(WalkChain.Page + Offset, result.Address.Value);
        Assert.Equal(WalkChain.Root, on.Root.Value);
        Assert.Equal(Mark, on.EncryptionMask);

        PagingState off = new PagingSetup { Cr3 = WalkChain.Root, Width = 52 }.State;
        Assert.Equal(
            WalkStatus.OutsideMemory,
            PageWalker.Translate(ref view, off, new VirtualAddress(WalkChain.Va), MemoryAccess.KernelRead).Status);
        Assert.Equal(0UL, off.EncryptionMask);
        Assert.NotEqual(on, off);
    }

    [Fact]
    public void Position_and_reduction_come_from_CPUID()
    {
        SnpLimits limits = new SnpLimits { EncryptionBit = 47, AddressReduction = 5 };
        Assert.Equal(new MemoryEncryption(47, 5), MemoryEncryption.FromCpuid((uint)limits.Value));
    }

    [Theory]
    [InlineData(31, 0)]
    [InlineData(52, 0)]
    [InlineData(-1, 0)]
    [InlineData(51, -1)]
    [InlineData(51, 17)]
    [InlineData(51, 63)]
    public void Impossible_encryption_is_refused(int bit, int reduction) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            "encryption",
            () => new PagingState(default, PagingMode.FourLevel, ProcessorModel.Genoa, encryption: new MemoryEncryption(bit, reduction)));

    [Fact]
    public void Supervisor_keys_need_a_processor_that_has_them()
    {
        Assert.Throws<ArgumentException>(
            "supervisorKeys", () => new PagingState(default, PagingMode.FourLevel, ProcessorModel.Genoa, supervisorKeys: default(Pkru)));
        Assert.Throws<ArgumentException>(
            "supervisorKeys",
            () => PagingState.FromRegisters(new ControlRegisters { SupervisorProtectionKeys = true }, ProcessorModel.Venice));
        _ = PagingState.FromRegisters(new ControlRegisters { SupervisorProtectionKeys = true }, ProcessorModel.Intel);
    }

    // One bit more in one entry, each in turn.
    private static void Judge(WalkChain chain, PagingSetup setup, int leafLevel, ulong mark)
    {
        PagingState state = setup.State;
        ReferenceWalker reference = new(setup.Reference, chain.Memory.Read);
        ReferenceAccess access = new(WalkChain.Va, ReferenceAccessKind.Write, User: true);
        for (int odd = leafLevel; odd <= setup.Levels; odd++)
        {
            for (int bit = 12; bit < 52; bit++)
            {
                for (int level = leafLevel; level <= setup.Levels; level++)
                {
                    chain.Set(level, Good | mark | (level == odd ? 1UL << bit : 0));
                }

                _ = WalkComparison.Judge(chain.Memory, setup, state, reference, access);
            }
        }
    }
}
