using System;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Tests.Rmp;

public sealed class SegmentedGeometryTests
{
    private const ulong Gib = 1UL << 30;

    /// <summary>
    /// What a Turin host printed at boot (AMDESE/AMDSEV, README): 128 GiB a segment, three of them, the first covered for 34 GiB.
    /// </summary>
    internal static readonly RmpSegment[] Turin =
    [
        new(0, 34, 0x0880_0000),
        new(8, 128, 0x55B0_0000),
        new(9, 128, 0x35A0_0000),
    ];

    [Fact]
    public void A_segment_of_34_GiB_has_the_RMP_that_a_boot_log_shows()
    {
        SegmentedGeometry geometry = Make(0x9BA0_0000, 37, Turin);
        Assert.Equal(4, geometry.OwnRanges);
        Assert.Equal(RangeAt(0x9BA0_0000, 0x5000), geometry.OwnRange(0));
        Assert.Equal(RangeAt(0x0880_0000, 0x0880_0000), geometry.OwnRange(1));
        Assert.Equal(RangeAt(0x55B0_0000, 0x2000_0000), geometry.OwnRange(2));
        Assert.Equal(RangeAt(0x35A0_0000, 0x2000_0000), geometry.OwnRange(3));
        Assert.Equal(0x10FF_FFFFUL, geometry.OwnRange(1).End - 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => geometry.OwnRange(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => geometry.OwnRange(-1));
    }

    [Fact]
    public void Covered_ranges_are_the_segments_in_order()
    {
        SegmentedGeometry geometry = Make(0x9BA0_0000, 37, [Turin[2], Turin[0], Turin[1]]);
        Assert.Equal(3, geometry.CoveredRanges);
        Assert.Equal(RangeAt(0, 0x8_8000_0000), geometry.CoveredRange(0));
        Assert.Equal(RangeAt(0x100_0000_0000, 0x20_0000_0000), geometry.CoveredRange(1));
        Assert.Equal(RangeAt(0x120_0000_0000, 0x20_0000_0000), geometry.CoveredRange(2));
        Assert.Equal(0x48_8000_0000UL, geometry.CoveredPages * 0x1000);
        Assert.Throws<ArgumentOutOfRangeException>(() => geometry.CoveredRange(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => geometry.CoveredRange(-1));
    }

    [Theory]
    [InlineData(0UL, 0x0880_0000UL)]
    [InlineData(0x1FFFUL, 0x0880_0010UL)]
    [InlineData(0x8_7FFF_F000UL, 0x10FF_FFF0UL)]
    [InlineData(0x100_0000_0000UL, 0x55B0_0000UL)]
    [InlineData(0x11F_FFFF_FFFFUL, 0x75AF_FFF0UL)]
    [InlineData(0x120_0000_0000UL, 0x35A0_0000UL)]
    [InlineData(0x13F_FFFF_FFFFUL, 0x559F_FFF0UL)]
    public void The_entry_of_a_page_stands_in_the_RMP_of_its_segment(ulong address, ulong entry)
    {
        Assert.True(Make(0x9BA0_0000, 37, Turin).TryGetEntryAddress(PhysicalAddress.Create(address), out PhysicalAddress found));
        Assert.Equal(entry, found.Value);
    }

    [Theory]
    [InlineData(0x8_8000_0000UL)] // behind the covered part of segment 0
    [InlineData(0x1F_FFFF_FFFFUL)] // the end of segment 0
    [InlineData(0x20_0000_0000UL)] // segment 1, which has no entry
    [InlineData(0xFF_FFFF_FFFFUL)] // segment 7
    [InlineData(0x140_0000_0000UL)] // segment 10
    [InlineData(0x4000_0000_0000UL)] // segment 512
    [InlineData(0xF_FFFF_FFFF_FFFFUL)] // the last page there is
    public void Memory_outside_the_segments_is_not_covered(ulong address)
    {
        SegmentedGeometry geometry = Make(0x9BA0_0000, 37, Turin);
        Assert.False(geometry.TryGetIndex(PhysicalAddress.Create(address), out _));
        Assert.False(geometry.TryGetEntryAddress(PhysicalAddress.Create(address), out PhysicalAddress entry));
        Assert.Equal(0UL, entry.Value);
    }

    [Theory]
    [InlineData(0UL, 1024UL)]
    [InlineData(0x8_7FFF_FFFFUL, 1024 + 0x87_FFFFUL)]
    [InlineData(0x100_0000_0000UL, 1024 + 0x88_0000UL)]
    [InlineData(0x11F_FFFF_FFFFUL, 1024 + 0x287_FFFFUL)]
    [InlineData(0x120_0000_0000UL, 1024 + 0x288_0000UL)]
    [InlineData(0x13F_FFFF_FFFFUL, 1024 + 0x487_FFFFUL)]
    public void Storage_holds_the_segments_one_after_the_other(ulong address, ulong expected)
    {
        SegmentedGeometry geometry = Make(0x9BA0_0000, 37, Turin);
        Assert.True(geometry.TryGetIndex(PhysicalAddress.Create(address), out nuint index));
        Assert.Equal(expected, index);
        Assert.Equal(0x4000 + (0x488_0000UL * 16), geometry.StorageBytes);
    }

    [Theory]
    [InlineData(36, 64UL, 64UL)]
    [InlineData(36, 65UL, 64UL)]
    [InlineData(36, 0xF_FFFFUL, 64UL)]
    [InlineData(36, 63UL, 63UL)]
    [InlineData(30, 0xF_FFFFUL, 1UL)]
    [InlineData(52, 0xF_FFFFUL, 0xF_FFFFUL)]
    public void A_covered_size_beyond_the_segment_means_all_of_it(int shift, ulong given, ulong covered)
    {
        SegmentedGeometry geometry = Make(0x10_0000, shift, [new(0, given, 0x20_0000)]);
        Assert.Equal(covered * Gib, geometry.CoveredPages * 0x1000);
        Assert.Equal(RangeAt(0x20_0000, covered * 0x40_0000), geometry.OwnRange(1));
        Assert.Equal(given, geometry.Segments[0].CoveredGib);
    }

    [Fact]
    public void The_whole_address_space_can_be_covered()
    {
        RmpSegment[] segments = new RmpSegment[512];
        for (int i = 0; i < 512; i++)
        {
            segments[i] = new RmpSegment(i, 8192, ((ulong)i << 43) + 0x10_0000);
        }

        SegmentedGeometry geometry = Make(0xF_FFFF_FFF0_0000, 43, segments);
        Assert.Equal(1UL << 40, geometry.CoveredPages);
        Assert.True(geometry.TryGetIndex(PhysicalAddress.Create(0xF_FFFF_FFFF_FFFF), out nuint index));
        Assert.Equal((1UL << 40) + 1023, index);
        Assert.True(geometry.TryGetEntryAddress(PhysicalAddress.Create(0xF_FFFF_FFFF_FFFF), out PhysicalAddress entry));
        Assert.Equal((511UL << 43) + 0x10_0000 + (1UL << 35) - 16, entry.Value);
    }

    [Fact]
    public void Segments_without_covered_memory_are_left_out()
    {
        SegmentedGeometry geometry = Make(0x10_0000, 30, [new(3, 0, 0x20_0000), new(2, 1, 0x20_0000), new(511, 0, 0x20_0000)]);
        Assert.Equal([new RmpSegment(2, 1, 0x20_0000)], geometry.Segments.ToArray());
        Assert.Equal(2, geometry.OwnRanges);
        Assert.False(geometry.TryGetIndex(PhysicalAddress.Create(3 * Gib), out _));
        SegmentedGeometry none = Make(0x10_0000, 30, []);
        Assert.Equal((0UL, 0, 1, 0x4000UL), (none.CoveredPages, none.CoveredRanges, none.OwnRanges, none.StorageBytes));
        Assert.False(none.TryGetIndex(default, out _));
    }

    [Fact]
    public void The_default_value_covers_nothing()
    {
        SegmentedGeometry none = default;
        Assert.Equal((0UL, 0, 0, 0), (none.CoveredPages, none.CoveredRanges, none.OwnRanges, none.SegmentShift));
        Assert.False(none.TryGetIndex(default, out _));
        Assert.False(none.TryGetIndex(PhysicalAddress.Create(0xF_FFFF_FFFF_FFFF), out _));
        Assert.False(none.TryGetEntryAddress(default, out _));
        Assert.True(none.Segments.IsEmpty);
        Assert.Throws<ArgumentOutOfRangeException>(() => none.OwnRange(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => none.CoveredRange(0));
    }

    [Fact]
    public void Geometries_are_equal_if_base_exponent_and_segments_are()
    {
        SegmentedGeometry one = Make(0x10_0000, 36, [new(0, 1, 0x20_0000), new(1, 2, 0x60_0000)]);
        Assert.True(one == Make(0x10_0000, 36, [new(1, 2, 0x60_0000), new(0, 1, 0x20_0000)]));
        Assert.Equal(one.GetHashCode(), Make(0x10_0000, 36, [new(1, 2, 0x60_0000), new(0, 1, 0x20_0000)]).GetHashCode());
        Assert.True(one != Make(0x1000_0000, 36, one.Segments));
        Assert.True(one != Make(0x10_0000, 37, one.Segments));
        Assert.False(one.Equals(Make(0x10_0000, 36, [new(0, 1, 0x20_0000), new(1, 2, 0x70_0000)])));
        Assert.False(one.Equals(Make(0x10_0000, 36, [new(0, 1, 0x20_0000)])));
        Assert.False(one.Equals((object)default(SegmentedGeometry)));
        Assert.False(one.Equals("0"));
        Assert.True(default(SegmentedGeometry).Equals((object)default(SegmentedGeometry)));
    }

    [Fact]
    public void A_lookup_allocates_nothing()
    {
        SegmentedGeometry geometry = Make(0x9BA0_0000, 37, Turin);
        int found = 0;
        Allocations.RequireNone(() => found += Lookups(geometry));
        Assert.Equal(101 * 2, found);
    }

    internal static SegmentedGeometry Make(ulong rmpBase, int shift, ReadOnlySpan<RmpSegment> segments) =>
        new(PhysicalAddress.Create(rmpBase), shift, segments, ProcessorModel.Turin);

    private static int Lookups(in SegmentedGeometry geometry)
    {
        int found = geometry.TryGetIndex(PhysicalAddress.Create(0x1000), out _) ? 1 : 0;
        found += geometry.TryGetEntryAddress(PhysicalAddress.Create(0x120_0000_0000), out _) ? 1 : 0;
        return found + (geometry.TryGetIndex(PhysicalAddress.Create(0x20_0000_0000), out _) ? 1 : 0);
    }
}
