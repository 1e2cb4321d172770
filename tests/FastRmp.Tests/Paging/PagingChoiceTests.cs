using FastRmp.Paging;
using Xunit;

namespace FastRmp.Tests.Paging;

/// <summary>The open points of the host's paging, both ways, and which bits of an entry are reserved.</summary>
public sealed class PagingChoiceTests
{
    private const ulong Va = 0x7F12_3456_7000UL;
    private const ulong Bit8 = 1UL << 8;

    [Theory]
    [InlineData(5, false, 0x9U)]
    [InlineData(5, true, 0U)]
    [InlineData(4, false, 0x9U)]
    [InlineData(4, true, 0x9U)] // of a PML4E no choice speaks
    public void Bit_8_of_a_PML5E_is_reserved_unless_chosen_otherwise(int level, bool ignores, uint code)
    {
        TableTree tree = new(levels: 5);
        tree.Map(Va, 0x20_0000UL);
        tree.Change(Va, level, static entry => entry | Bit8);
        PagingState state = new(
            PhysicalAddress.Create(tree.Root), PagingMode.FiveLevel, tree.Processor,
            choices: new ModelChoices { IgnorePml5eBit8 = ignores });
        Assert.Equal(code, tree.Translate(Va, MemoryAccess.KernelRead, state).ErrorCode);
        ulong reserved = state.ReservedBitsOf(new PagingEntry(tree.Memory[tree.EntryOf(Va, level)]), (PagingLevel)level);
        Assert.Equal(code == 0 ? 0 : Bit8, reserved);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Upper_entries_of_a_refused_access_are_marked_unless_chosen_otherwise(bool onlyAllowed)
    {
        TableTree tree = new();
        tree.Map(Va, 0x20_0000UL, flags: TableTree.P);
        PagingState state = new(
            PhysicalAddress.Create(tree.Root), PagingMode.FourLevel, tree.Processor,
            choices: new ModelChoices { SetAccessedOnlyIfAllowed = onlyAllowed });
        Assert.Equal(0x3U, tree.Access(Va, MemoryAccess.KernelWrite, state).ErrorCode);
        for (int level = 1; level <= 4; level++)
        {
            bool isMarked = (tree.Memory[tree.EntryOf(Va, level)] & TableTree.A) != 0;
            Assert.Equal(!onlyAllowed && level > 1, isMarked);
        }

        Assert.True(tree.Access(Va, MemoryAccess.KernelRead, state).IsMapped);
        Assert.All([1, 2, 3, 4], level => Assert.NotEqual(0UL, tree.Memory[tree.EntryOf(Va, level)] & TableTree.A));
    }

    [Theory]
    [InlineData(1, 0x80_FFFF_F000UL | TableTree.P, 39, 0x80_0000_0000UL)]
    [InlineData(1, 0x80_FFFF_F000UL | TableTree.P, 40, 0UL)]
    [InlineData(1, 0xFFFF_FFFF_FFFF_FFFEUL, 40, 0UL)] // not present
    [InlineData(1, TableTree.P | TableTree.PS | Bit8, 40, 0UL)] // PAT and G
    [InlineData(2, TableTree.P | TableTree.PS | 0x3000UL, 40, 0x2000UL)] // bit 12 is PAT
    [InlineData(3, TableTree.P | TableTree.PS | 0x2000_1000UL, 40, 0x2000_0000UL)]
    [InlineData(3, TableTree.P | Bit8 | 0x2000_1000UL, 40, 0UL)]
    [InlineData(4, TableTree.P | TableTree.PS | Bit8, 40, 0x180UL)]
    [InlineData(5, TableTree.P | TableTree.PS | Bit8 | (1UL << 51), 52, 0x180UL)]
    [InlineData(0, ulong.MaxValue, 40, 0UL)]
    [InlineData(6, ulong.MaxValue, 40, 0UL)]
    public void The_reserved_bits_of_an_entry_are_reported(int level, ulong entry, int width, ulong bits)
    {
        PagingState state = new(default, PagingMode.FourLevel, ProcessorModel.Genoa with { PhysicalAddressWidth = width });
        Assert.Equal(bits, state.ReservedBitsOf(new PagingEntry(entry), (PagingLevel)level));
    }

    [Fact]
    public void PS_of_a_PDPE_without_such_pages_and_NX_without_NXE_are_reserved()
    {
        PagingState state = new(default, PagingMode.FourLevel, ProcessorModel.Genoa with { HasGigabytePages = false }, noExecute: false);
        Assert.Equal(
            TableTree.PS, state.ReservedBitsOf(new PagingEntry(TableTree.P | TableTree.PS | 0x2000UL), PagingLevel.PageDirectoryPointer));
        Assert.Equal(TableTree.NX, state.ReservedBitsOf(new PagingEntry(TableTree.P | TableTree.NX), PagingLevel.PageTable));
    }
}
