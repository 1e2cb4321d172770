using System;
using System.Globalization;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Tests.Addressing;

/// <summary>System and guest physical addresses: alike in all but their type.</summary>
public sealed class PhysicalAddressTests
{
    private const ulong Highest = 0x000F_FFFF_FFFF_FFFF;

    [Theory]
    [InlineData(0UL)]
    [InlineData(0x1234_5678UL)]
    [InlineData(Highest)]
    public void An_address_of_52_bits_is_taken(ulong value)
    {
        Assert.Equal(value, PhysicalAddress.Create(value).Value);
        Assert.Equal(value, GuestPhysicalAddress.Create(value).Value);
        Assert.True(PhysicalAddress.TryCreate(value, out PhysicalAddress address));
        Assert.Equal(value, address.Value);
        Assert.True(GuestPhysicalAddress.TryCreate(value, out GuestPhysicalAddress guest));
        Assert.Equal(value, guest.Value);
    }

    [Theory]
    [InlineData(Highest + 1)]
    [InlineData(0x8000_0000_0000_0000UL)]
    [InlineData(ulong.MaxValue)]
    public void An_address_above_52_bits_is_refused(ulong value)
    {
        ArgumentOutOfRangeException refusal = Assert.Throws<ArgumentOutOfRangeException>(() => PhysicalAddress.Create(value));
        Assert.Contains(value.ToString("x", CultureInfo.InvariantCulture), refusal.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => GuestPhysicalAddress.Create(value));
        Assert.False(PhysicalAddress.TryCreate(value, out PhysicalAddress address));
        Assert.Equal(0UL, address.Value);
        Assert.False(GuestPhysicalAddress.TryCreate(value, out GuestPhysicalAddress guest));
        Assert.Equal(0UL, guest.Value);
    }

    [Fact]
    public void Truncating_drops_the_bits_above_51()
    {
        Assert.Equal(Highest, PhysicalAddress.Truncate(ulong.MaxValue).Value);
        Assert.Equal(0x1000UL, GuestPhysicalAddress.Truncate(0xFFF0_0000_0000_1000).Value);
        Assert.Equal(Highest - 0xFFF, PhysicalAddress.FromPageNumber(ulong.MaxValue).Value);
        Assert.Equal(0x1234_5000UL, GuestPhysicalAddress.FromPageNumber(0x12345).Value);
        Assert.Equal(0x2000UL, ((PhysicalAddress)0xABC0_0000_0000_2000UL).Value & 0xFFFF_FFFF);
        Assert.Equal(Highest, (ulong)(GuestPhysicalAddress)ulong.MaxValue);
    }

    [Fact]
    public void Sums_wrap_at_the_end_of_the_address_space()
    {
        Assert.Equal(0xFFFUL, (PhysicalAddress.Create(Highest) + 0x1000).Value);
        Assert.Equal(0x1_2345UL, (GuestPhysicalAddress.Create(0x1_2000) + 0x345).Value);
        Assert.Equal(0x345UL, PhysicalAddress.Create(0x1_2345) - PhysicalAddress.Create(0x1_2000));
        Assert.Equal(0x345UL, GuestPhysicalAddress.Create(0x1_2345) - GuestPhysicalAddress.Create(0x1_2000));
    }

    [Theory]
    [InlineData(PageSize.Size4K, 0x4060_5000UL, 0x678UL)]
    [InlineData(PageSize.Size2M, 0x4060_0000UL, 0x5678UL)]
    [InlineData(PageSize.Size1G, 0x4000_0000UL, 0x60_5678UL)]
    public void An_address_splits_into_page_and_offset(PageSize size, ulong page, ulong offset)
    {
        PhysicalAddress address = PhysicalAddress.Create(0x4060_5678);
        Assert.Equal(page, address.AlignDown(size).Value);
        Assert.Equal(offset, address.Offset(size));
        Assert.False(address.IsAligned(size));
        Assert.True(address.AlignDown(size).IsAligned(size));
        GuestPhysicalAddress guest = GuestPhysicalAddress.Create(0x4060_5678);
        Assert.Equal(page, guest.AlignDown(size).Value);
        Assert.Equal(offset, guest.Offset(size));
        Assert.False(guest.IsAligned(size));
        Assert.True(guest.AlignDown(size).IsAligned(size));
        Assert.Equal(0x4_0605UL, address.PageNumber);
        Assert.Equal(0x4_0605UL, guest.PageNumber);
    }

    [Fact]
    public void Addresses_are_ordered_by_value()
    {
        PhysicalAddress low = PhysicalAddress.Create(1);
        PhysicalAddress high = PhysicalAddress.Create(2);
        PhysicalAddress same = PhysicalAddress.Create(1);
        Assert.True(low < high && low <= high && high > low && high >= low && low <= same && low >= same && low == same && low != high);
        Assert.False(low > high || low >= high || high < low || high <= low || low != same || low == high);
        Assert.True(low.CompareTo(high) < 0 && high.CompareTo(low) > 0 && low.CompareTo(same) == 0);
        Assert.True(low.Equals((object)same));
        Assert.False(low.Equals(1UL));
        Assert.Equal(low.GetHashCode(), same.GetHashCode());
    }

    [Fact]
    public void Guest_addresses_are_ordered_by_value()
    {
        GuestPhysicalAddress low = GuestPhysicalAddress.Create(1);
        GuestPhysicalAddress high = GuestPhysicalAddress.Create(2);
        GuestPhysicalAddress same = GuestPhysicalAddress.Create(1);
        Assert.True(low < high && low <= high && high > low && high >= low && low <= same && low >= same && low == same && low != high);
        Assert.False(low > high || low >= high || high < low || high <= low || low != same || low == high);
        Assert.True(low.CompareTo(high) < 0 && high.CompareTo(low) > 0 && low.CompareTo(same) == 0);
        Assert.True(low.Equals((object)same));
        Assert.False(low.Equals(PhysicalAddress.Create(1)));
        Assert.Equal(low.GetHashCode(), same.GetHashCode());
    }

    [Theory]
    [InlineData(0UL, "0x0")]
    [InlineData(0x1234_5000UL, "0x12345000")]
    [InlineData(Highest, "0xfffffffffffff")]
    public void An_address_is_printed_in_hexadecimal(ulong value, string text)
    {
        PhysicalAddress address = PhysicalAddress.Create(value);
        GuestPhysicalAddress guest = GuestPhysicalAddress.Create(value);
        Assert.Equal(text, address.ToString());
        Assert.Equal(text, guest.ToString());
        Assert.Equal(text, $"{address}");
        Assert.Equal(text, $"{guest}");
        Assert.Equal(value.ToString("X16", CultureInfo.InvariantCulture), address.ToString("X16", CultureInfo.InvariantCulture));
        Assert.Equal(value.ToString("x16", CultureInfo.InvariantCulture), $"{guest:x16}");
    }

    [Fact]
    public void Printing_into_a_buffer_allocates_nothing_and_reports_if_it_is_too_small()
    {
        char[] buffer = new char[18];
        PhysicalAddress address = PhysicalAddress.Create(Highest);
        GuestPhysicalAddress guest = GuestPhysicalAddress.Create(Highest);
        Allocations.RequireNone(() =>
        {
            if (!address.TryFormat(buffer, out int written, default, null) || written != 15) Assert.Fail("does not fit");
            if (!guest.TryFormat(buffer, out written, "x16", null) || written != 16) Assert.Fail("does not fit");
        });
        Assert.False(address.TryFormat(buffer.AsSpan(0, 14), out _, default, null));
        Assert.False(guest.TryFormat(buffer.AsSpan(0, 14), out _, default, null));
    }
}
