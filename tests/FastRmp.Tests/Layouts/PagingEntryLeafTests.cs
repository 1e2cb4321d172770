using Xunit;

namespace FastRmp.Tests.Layouts;

public sealed class PagingEntryLeafTests
{
    [Theory]
    [InlineData(PageSize.Size4K, 0x80UL, 0UL, 0x000F_FFFF_FFFF_F000UL)]
    [InlineData(PageSize.Size2M, 0x1000UL, 0x001F_E000UL, 0x000F_FFFF_FFE0_0000UL)]
    [InlineData(PageSize.Size1G, 0x1000UL, 0x3FFF_E000UL, 0x000F_FFFF_C000_0000UL)]
    [InlineData((PageSize)7, 0x1000UL, 0x3FFF_E000UL, 0x000F_FFFF_C000_0000UL)]
    public void The_form_of_a_leaf_goes_by_its_size(PageSize size, ulong pat, ulong reserved, ulong page)
    {
        Assert.Equal(pat, PagingEntry.PatMaskOf(size));
        Assert.Equal(reserved, PagingEntry.ReservedMaskOf(size));
        Assert.Equal(page, new PagingEntry(ulong.MaxValue).PageOf(size).Value);
        Assert.Equal(0UL, new PagingEntry(~page).PageOf(size).Value);
        Assert.True(new PagingEntry(pat).PatOf(size));
        Assert.False(new PagingEntry(~pat).PatOf(size));
    }

    [Fact]
    public void Linux_marks_a_leaf_of_its_own_mappings_with_bit_11()
    {
        Assert.Equal(1UL << 11, PagingEntry.Kernel4KMask);
        Assert.True(new PagingEntry(1UL << 11).Kernel4K);
        Assert.False(new PagingEntry(~(1UL << 11)).Kernel4K);
    }
}
