using Xunit;

namespace FastRmp.Tests.Addressing;

public sealed class PhysicalRangeTests
{
    [Theory]
    [InlineData(0x1000UL, 0x3000UL, true)] // all of it
    [InlineData(0x1000UL, 0UL, true)]
    [InlineData(0x4000UL, 0UL, true)] // nothing, at the end
    [InlineData(0x3FFFUL, 1UL, true)]
    [InlineData(0x3FFFUL, 2UL, false)]
    [InlineData(0x4000UL, 1UL, false)]
    [InlineData(0xFFFUL, 1UL, false)]
    [InlineData(0xFFFUL, 0x3001UL, false)]
    [InlineData(0x2000UL, ulong.MaxValue, false)] // a length that would wrap
    public void A_range_contains_what_lies_inside_whole(ulong start, ulong bytes, bool inside) =>
        Assert.Equal(inside, new PhysicalRange(PhysicalAddress.Create(0x1000), 0x3000).Contains(PhysicalAddress.Create(start), bytes));

    [Fact]
    public void A_range_may_end_with_the_address_space()
    {
        PhysicalRange top = new(PhysicalAddress.Create(0xF_FFFF_FFFF_F000), 0x1000);
        Assert.Equal(1UL << 52, top.End);
        Assert.True(top.Contains(PhysicalAddress.Create(0xF_FFFF_FFFF_FFFF), 1));
        Assert.Equal(top, top.WholePages());
    }

    [Theory]
    [InlineData(0x1000UL, 0x2000UL, 0x1000UL, 0x2000UL)]
    [InlineData(0x1001UL, 0x2000UL, 0x2000UL, 0x1000UL)]
    [InlineData(0x0FFFUL, 0x2001UL, 0x1000UL, 0x2000UL)]
    [InlineData(0x0FFFUL, 0x2002UL, 0x1000UL, 0x2000UL)]
    [InlineData(0x1001UL, 0x1FFEUL, 0x1001UL, 0UL)]
    [InlineData(0x1001UL, 0x10UL, 0x1001UL, 0UL)]
    [InlineData(0x1000UL, 0UL, 0x1000UL, 0UL)]
    public void Whole_pages_are_those_that_lie_inside(ulong start, ulong length, ulong pagesStart, ulong pagesLength) => Assert.Equal(
        new PhysicalRange(PhysicalAddress.Create(pagesStart), pagesLength),
        new PhysicalRange(PhysicalAddress.Create(start), length).WholePages());
}
