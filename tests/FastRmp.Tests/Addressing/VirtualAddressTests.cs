using System;
using System.Globalization;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Tests.Addressing;

public sealed class VirtualAddressTests
{
    [Theory]
    [InlineData(0UL, true, true)]
    [InlineData(0x0000_7FFF_FFFF_FFFFUL, true, true)]
    [InlineData(0x0000_8000_0000_0000UL, false, true)]
    [InlineData(0x00FF_FFFF_FFFF_FFFFUL, false, true)]
    [InlineData(0x0100_0000_0000_0000UL, false, false)]
    [InlineData(0x7FFF_FFFF_FFFF_FFFFUL, false, false)]
    [InlineData(0x8000_0000_0000_0000UL, false, false)]
    [InlineData(0xFEFF_FFFF_FFFF_FFFFUL, false, false)]
    [InlineData(0xFF00_0000_0000_0000UL, false, true)]
    [InlineData(0xFFFF_7FFF_FFFF_FFFFUL, false, true)]
    [InlineData(0xFFFF_8000_0000_0000UL, true, true)]
    [InlineData(ulong.MaxValue, true, true)]
    public void Canonical_addresses_repeat_their_highest_used_bit(ulong value, bool four, bool five)
    {
        foreach ((PagingMode mode, bool canonical) in new[] { (PagingMode.FourLevel, four), (PagingMode.FiveLevel, five) })
        {
            Assert.Equal(canonical, new VirtualAddress(value).IsCanonical(mode));
            Assert.Equal(canonical, VirtualAddress.TryCreate(value, mode, out VirtualAddress address));
            Assert.Equal(canonical ? value : 0, address.Value);
            if (canonical)
            {
                Assert.Equal(value, VirtualAddress.Create(value, mode).Value);
                Assert.Equal(value, VirtualAddress.Truncate(value, mode).Value);
            }
            else
            {
                ArgumentOutOfRangeException refusal = Assert.Throws<ArgumentOutOfRangeException>(() => VirtualAddress.Create(value, mode));
                Assert.Contains(
                    mode == PagingMode.FourLevel ? "4 paging levels" : "5 paging levels", refusal.Message, StringComparison.Ordinal);
                Assert.True(VirtualAddress.Truncate(value, mode).IsCanonical(mode));
            }
        }
    }

    [Fact]
    public void Canonical_means_that_all_unused_bits_are_alike_whichever_they_are()
    {
        for (int bit = 0; bit < 64; bit++)
        {
            ulong one = 1UL << bit;
            Assert.Equal(bit < 47, new VirtualAddress(one).IsCanonical(PagingMode.FourLevel));
            Assert.Equal(bit < 56, new VirtualAddress(one).IsCanonical(PagingMode.FiveLevel));
            Assert.Equal(bit < 47, new VirtualAddress(~one).IsCanonical(PagingMode.FourLevel));
            Assert.Equal(bit < 56, new VirtualAddress(~one).IsCanonical(PagingMode.FiveLevel));
        }
    }

    [Theory]
    [InlineData(0x1234_8765_4321_0FEDUL, PagingMode.FourLevel, 0xFFFF_8765_4321_0FEDUL)]
    [InlineData(0x1234_0765_4321_0FEDUL, PagingMode.FourLevel, 0x0000_0765_4321_0FEDUL)]
    [InlineData(0x1234_8765_4321_0FEDUL, PagingMode.FiveLevel, 0x0034_8765_4321_0FEDUL)]
    [InlineData(0x11B4_8765_4321_0FEDUL, PagingMode.FiveLevel, 0xFFB4_8765_4321_0FEDUL)]
    public void Truncating_extends_the_sign(ulong value, PagingMode mode, ulong expected) =>
        Assert.Equal(expected, VirtualAddress.Truncate(value, mode).Value);

    [Theory]
    [InlineData(PagingLevel.PageTable, 12)]
    [InlineData(PagingLevel.PageDirectory, 21)]
    [InlineData(PagingLevel.PageDirectoryPointer, 30)]
    [InlineData(PagingLevel.PageMapLevel4, 39)]
    [InlineData(PagingLevel.PageMapLevel5, 48)]
    public void The_index_of_a_level_is_nine_bits(PagingLevel level, int lowest)
    {
        Random random = new(7);
        for (int i = 0; i < 100; i++)
        {
            ulong value = (ulong)random.NextInt64() << 1 ^ (ulong)random.NextInt64();
            Assert.Equal((uint)((value >> lowest) % 512), new VirtualAddress(value).GetIndex(level));
        }

        Assert.Equal(lowest, level.Shift());
        Assert.Equal(511U, new VirtualAddress(ulong.MaxValue).GetIndex(level));
    }

    [Fact]
    public void Levels_have_the_leaves_of_the_manual()
    {
        Assert.Equal(PageSize.Size4K, PagingLevel.PageTable.LeafSize());
        Assert.Equal(PageSize.Size2M, PagingLevel.PageDirectory.LeafSize());
        Assert.Equal(PageSize.Size1G, PagingLevel.PageDirectoryPointer.LeafSize());
        Assert.Equal(PagingLevel.PageMapLevel4, PagingMode.FourLevel.TopLevel());
        Assert.Equal(PagingLevel.PageMapLevel5, PagingMode.FiveLevel.TopLevel());
    }

    [Theory]
    [InlineData(PageSize.Size4K, 0x1000UL, 1UL, "4K")]
    [InlineData(PageSize.Size2M, 0x20_0000UL, 512UL, "2M")]
    [InlineData(PageSize.Size1G, 0x4000_0000UL, 262_144UL, "1G")]
    public void Page_sizes_have_the_numbers_of_the_manual(PageSize size, ulong bytes, ulong pages, string name)
    {
        Assert.Equal(bytes, size.Bytes());
        Assert.Equal(bytes, 1UL << size.Shift());
        Assert.Equal(bytes - 1, size.OffsetMask());
        Assert.Equal(pages, size.Pages());
        Assert.Equal(name, size.ShortName());
        Assert.Equal("?", ((PageSize)3).ShortName());
    }

    [Fact]
    public void An_address_splits_into_page_and_offset()
    {
        VirtualAddress address = new(0xFFFF_8881_2345_6789);
        Assert.Equal(0x789UL, address.Offset(PageSize.Size4K));
        Assert.Equal(0x5_6789UL, address.Offset(PageSize.Size2M));
        Assert.Equal(0x2345_6789UL, address.Offset(PageSize.Size1G));
        Assert.Equal(0xFFFF_8881_2345_6000UL, address.AlignDown(PageSize.Size4K).Value);
        Assert.Equal(0xFFFF_8881_2340_0000UL, address.AlignDown(PageSize.Size2M).Value);
        Assert.Equal(0xFFFF_8881_0000_0000UL, address.AlignDown(PageSize.Size1G).Value);
    }

    [Fact]
    public void Sums_wrap_at_two_to_the_64()
    {
        Assert.Equal(0xFFFUL, (new VirtualAddress(ulong.MaxValue) + 0x1000).Value);
        Assert.Equal(7UL, (ulong)(VirtualAddress)7UL);
    }

    [Fact]
    public void Addresses_are_ordered_by_value_without_a_sign()
    {
        VirtualAddress low = new(1);
        VirtualAddress high = new(0xFFFF_8000_0000_0000);
        VirtualAddress same = new(1);
        Assert.True(low < high && low <= high && high > low && high >= low && low <= same && low >= same && low == same && low != high);
        Assert.False(low > high || low >= high || high < low || high <= low || low != same || low == high);
        Assert.True(low.CompareTo(high) < 0 && high.CompareTo(low) > 0 && low.CompareTo(same) == 0);
        Assert.True(low.Equals((object)same));
        Assert.False(low.Equals(1UL));
        Assert.Equal(low.GetHashCode(), same.GetHashCode());
    }

    [Fact]
    public void An_address_is_printed_in_hexadecimal()
    {
        VirtualAddress address = new(0xFFFF_8881_2345_6789);
        Assert.Equal("0xffff888123456789", address.ToString());
        Assert.Equal("FFFF888123456789", address.ToString("X16", CultureInfo.InvariantCulture));
        Assert.Equal("0xffff888123456789", $"{address}");
        char[] buffer = new char[18];
        Allocations.RequireNone(() =>
        {
            if (!address.TryFormat(buffer, out int written, default, null) || written != 18) Assert.Fail("does not fit");
        });
        Assert.False(address.TryFormat(buffer.AsSpan(0, 17), out _, default, null));
    }
}
