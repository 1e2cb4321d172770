using FastRmp.Paging;
using Xunit;

namespace FastRmp.Tests.Paging;

/// <summary>Reserved bits, bit by bit, for every level, leaf form, physical width and processor.</summary>
public sealed class ReservedBitTests
{
    private const ulong Va = 0x0000_5A5A_5A5A_5A5AUL;

    [Theory]
    [InlineData(36)]
    [InlineData(40)]
    [InlineData(43)]
    [InlineData(48)]
    [InlineData(51)]
    [InlineData(52)]
    public void Address_bits_above_the_physical_width_are_reserved_everywhere(int width)
    {
        ProcessorModel processor = ProcessorModel.Milan with { PhysicalAddressWidth = width };
        for (int leafLevel = 1; leafLevel <= 3; leafLevel++)
        {
            for (int level = leafLevel; level <= 4; level++)
            {
                for (int bit = 36; bit < 52; bit++)
                {
                    WalkStatus expected = bit >= width
                        ? WalkStatus.MalformedEntry
                        : level == leafLevel ? WalkStatus.Mapped : WalkStatus.OutsideMemory;
                    Assert.Equal(expected, WithBit(processor, 4, leafLevel, level, bit).Status);
                }
            }
        }
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(5, true)]
    [InlineData(4, false)]
    [InlineData(5, false)]
    public void Bits_7_and_8_are_judged_by_level_and_processor(int levels, bool amd)
    {
        ProcessorModel processor = ProcessorModel.Milan with { ReservesUpperBit8 = amd, HasLa57 = true };
        for (int level = 1; level <= levels; level++)
        {
            bool upper = level >= 4;
            Assert.Equal(upper && amd, WithBit(processor, levels, 1, level, 8).Status == WalkStatus.MalformedEntry);
            if (upper) Assert.Equal(WalkStatus.MalformedEntry, WithBit(processor, levels, 1, level, 7).Status);
        }
    }

    [Fact]
    public void A_large_directory_entry_reserves_bits_20_to_13()
    {
        for (int bit = 9; bit < 30; bit++)
        {
            bool reserved = bit is >= 13 and <= 20;
            Assert.Equal(reserved ? WalkStatus.MalformedEntry : WalkStatus.Mapped, WithBit(ProcessorModel.Milan, 4, 2, 2, bit).Status);
        }
    }

    [Fact]
    public void A_gigabyte_entry_reserves_bits_29_to_13()
    {
        for (int bit = 9; bit < 36; bit++)
        {
            bool reserved = bit is >= 13 and <= 29;
            Assert.Equal(reserved ? WalkStatus.MalformedEntry : WalkStatus.Mapped, WithBit(ProcessorModel.Milan, 4, 3, 3, bit).Status);
        }
    }

    [Fact]
    public void Without_gigabyte_pages_PS_is_reserved_in_the_pointer_entry_only()
    {
        ProcessorModel processor = ProcessorModel.Milan with { HasGigabytePages = false };
        TableTree gigabyte = new TableTree { Processor = processor }.Map(Va, 0x4000_0000, 3);
        WalkResult result = gigabyte.Translate(Va, MemoryAccess.KernelWrite);
        Assert.Equal(WalkStatus.MalformedEntry, result.Status);
        Assert.Equal(0xBU, result.ErrorCode);
        Assert.Equal(PagingLevel.PageDirectoryPointer, result.Level);

        TableTree large = new TableTree { Processor = processor }.Map(Va, 0x4000_0000, 2, flags: TableTree.P);
        Assert.True(large.Translate(Va, MemoryAccess.KernelRead).IsMapped);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void NX_is_reserved_at_every_level_without_NXE(int levels)
    {
        for (int leafLevel = 1; leafLevel <= 3; leafLevel++)
        {
            for (int level = leafLevel; level <= levels; level++)
            {
                TableTree tree = new TableTree(levels).Map(Va, 0x4000_0000, leafLevel, flags: TableTree.P);
                tree.Change(Va, level, static e => e | TableTree.NX);
                WalkResult result = tree.Translate(Va, MemoryAccess.KernelRead, tree.State(nxe: false));
                Assert.Equal(WalkStatus.MalformedEntry, result.Status);
                Assert.Equal((PagingLevel)level, result.Level);
                Assert.Equal(tree.EntryOf(Va, level), result.Address.Value);
                Assert.Equal(0x9U, result.ErrorCode);
                Assert.True(tree.Translate(Va, MemoryAccess.KernelRead).IsMapped);
            }
        }
    }

    [Fact]
    public void Without_NXE_everything_may_be_fetched()
    {
        TableTree tree = new TableTree().Map(Va, 0x9000, flags: TableTree.P | TableTree.W);
        WalkResult result = tree.Translate(Va, MemoryAccess.KernelFetch, tree.State(nxe: false));
        Assert.True(result.IsMapped);
        Assert.Equal(PagingRights.Write | PagingRights.Execute, result.Rights);
    }

    [Fact]
    public void An_upper_malformed_entry_hides_everything_below_it()
    {
        TableTree tree = new TableTree().Map(Va, 0x9000, flags: 0);
        tree.Change(Va, 4, static e => e | (1UL << 48));
        Assert.Equal(WalkStatus.MalformedEntry, tree.Translate(Va, MemoryAccess.KernelRead).Status);
        Assert.Equal(PagingLevel.PageMapLevel4, tree.Translate(Va, MemoryAccess.KernelRead).Level);
    }

    [Fact]
    public void In_one_entry_absence_hides_reserved_bits()
    {
        TableTree tree = new TableTree().Map(Va, 0x9000, flags: 1UL << 48);
        Assert.Equal(0x0U, tree.Translate(Va, MemoryAccess.KernelRead).ErrorCode);
        Assert.Equal(WalkStatus.NotPresent, tree.Translate(Va, MemoryAccess.KernelRead).Status);
    }

    private static WalkResult WithBit(ProcessorModel processor, int levels, int leafLevel, int level, int bit)
    {
        TableTree tree = new TableTree(levels) { Processor = processor }.Map(Va, 0x4000_0000, leafLevel, flags: TableTree.P);
        tree.Change(Va, level, e => e | (1UL << bit));
        return tree.Translate(Va, MemoryAccess.KernelRead);
    }
}
