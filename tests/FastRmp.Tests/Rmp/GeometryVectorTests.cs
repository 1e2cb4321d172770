using System;
using FastRmp.Reference;
using FastRmp.Tests.Vectors;
using Xunit;

namespace FastRmp.Tests.Rmp;

public sealed class GeometryVectorTests
{
    public static TheoryData<ulong, ulong, ulong> Rows()
    {
        TheoryData<ulong, ulong, ulong> rows = [];
        foreach (string[] row in VectorFile.Rows("rmp-geometry.txt"))
        {
            rows.Add(VectorFile.Number(row[0]), VectorFile.Number(row[1]), VectorFile.Number(row[2]));
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_table_covers_the_bytes_of_its_row(ulong rmpBase, ulong rmpEnd, ulong covered)
    {
        ContiguousGeometry geometry = Make(rmpBase, rmpEnd);
        Assert.Equal(covered, geometry.CoveredPages * 0x1000);
        Assert.Equal(covered, new ReferenceGeometry(rmpBase, rmpEnd).CoveredBytes);
        Assert.Equal(rmpEnd - rmpBase + 1, geometry.StorageBytes);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void The_last_covered_page_has_the_last_entry(ulong rmpBase, ulong rmpEnd, ulong covered)
    {
        ContiguousGeometry geometry = Make(rmpBase, rmpEnd);
        Assert.True(geometry.TryGetEntryAddress(PhysicalAddress.Create(covered - 1), out PhysicalAddress last));
        Assert.Equal(rmpEnd - 15, last.Value);
        Assert.False(geometry.TryGetEntryAddress(PhysicalAddress.Create(covered), out PhysicalAddress none));
        Assert.Equal(0UL, none.Value);
        Assert.True(geometry.TryGetEntryAddress(PhysicalAddress.Create(0), out PhysicalAddress first));
        Assert.Equal(rmpBase + 0x4000, first.Value);
    }

    [Fact]
    public void The_entry_of_a_page_stands_at_base_plus_bookkeeping_plus_sixteen_bytes_a_page()
    {
        ContiguousGeometry geometry = Make(0x2800_0000, 0x2FFF_FFFF);
        Assert.True(geometry.TryGetEntryAddress(PhysicalAddress.Create(0x5670_0000), out PhysicalAddress entry));
        Assert.Equal(0x2856_B000UL, entry.Value);
        Assert.True(geometry.TryGetEntryAddress(PhysicalAddress.Create(0x5670_0FFF), out PhysicalAddress same));
        Assert.Equal(entry, same);
        Assert.Equal(entry.Value, new ReferenceGeometry(0x2800_0000, 0x2FFF_FFFF).EntryAddress(0x5670_0000));
    }

    [Theory]
    [InlineData(0x1000UL, 0x7FFFUL, "rmpBase")] // base not 8 KiB granular
    [InlineData(0UL, 0x6FFEUL, "rmpEnd")] // end in the middle of a unit
    [InlineData(0UL, 0x6FFFUL, "rmpEnd")] // end after half a unit
    [InlineData(0UL, 0x1FFFUL, "rmpEnd")] // a BIOS that reserved nothing: no RMP
    [InlineData(0UL, 0x3FFFUL, "rmpEnd")] // bookkeeping alone
    [InlineData(0x10_0000UL, 0xF_FFFFUL, "rmpEnd")] // upside down
    [InlineData(0x20_0000UL, 0x10_1FFFUL, "rmpEnd")] // upside down by more
    public void A_range_that_is_no_table_is_refused(ulong rmpBase, ulong rmpEnd, string parameter)
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => Make(rmpBase, rmpEnd));
        Assert.Equal(parameter, refusal.ParamName);
        Assert.Contains("0x", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_smallest_table_covers_one_region()
    {
        ContiguousGeometry geometry = Make(0, 0x5FFF);
        Assert.Equal(512UL, geometry.CoveredPages);
        Assert.True(geometry.TryGetIndex(PhysicalAddress.Create(0x1F_F000), out nuint index));
        Assert.Equal((nuint)(1024 + 511), index);
        Assert.False(geometry.TryGetIndex(PhysicalAddress.Create(0x20_0000), out _));
    }

    [Theory]
    [InlineData(0UL, 0UL)]
    [InlineData(1UL, 1UL)]
    [InlineData(0x20_0000UL, 1UL)]
    [InlineData(0x20_0001UL, 2UL)]
    [InlineData(0x1_0000_0000UL, 2048UL)]
    public void Covering_rounds_up_to_whole_regions(ulong bytes, ulong regions)
    {
        if (regions == 0)
        {
            Assert.Throws<ArgumentException>(() => ContiguousGeometry.Covering(PhysicalAddress.Create(0x10_0000), bytes));
            return;
        }

        ContiguousGeometry geometry = ContiguousGeometry.Covering(PhysicalAddress.Create(0x10_0000), bytes);
        Assert.Equal(regions * 512, geometry.CoveredPages);
        Assert.Equal(0x10_0000UL, geometry.Base.Value);
        Assert.Equal(0x10_0000UL + 0x4000 + (regions * 0x2000) - 1, geometry.End.Value);
    }

    [Fact]
    public void A_table_that_would_end_above_the_address_space_is_refused()
    {
        Assert.Throws<ArgumentException>(() => ContiguousGeometry.Covering(PhysicalAddress.Create(0xF_FFFF_FFF0_0000), 1UL << 40));
        Assert.Throws<ArgumentException>(() => Make(0, (1UL << 45) - 1)); // 2^41 entries: more than there are pages
    }

    [Fact]
    public void The_whole_address_space_can_be_covered()
    {
        ContiguousGeometry geometry = ContiguousGeometry.Covering(PhysicalAddress.Create(0), 1UL << 52);
        Assert.Equal(1UL << 40, geometry.CoveredPages);
        Assert.True(geometry.TryGetIndex(PhysicalAddress.Create(0xF_FFFF_FFFF_FFFF), out nuint index));
        Assert.Equal((1UL << 40) - 1 + 1024, index);
    }

    [Fact]
    public void A_contiguous_table_occupies_one_range_and_covers_one()
    {
        ContiguousGeometry geometry = Make(0x10_0000, 0x110_3FFF);
        Assert.Equal(1, geometry.OwnRanges);
        Assert.Equal(new PhysicalRange(PhysicalAddress.Create(0x10_0000), 0x100_4000), geometry.OwnRange(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => geometry.OwnRange(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => geometry.OwnRange(-1));
        Assert.Equal(1, geometry.CoveredRanges);
        Assert.Equal(new PhysicalRange(default, 0x1_0000_0000), geometry.CoveredRange(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => geometry.CoveredRange(1));
        Assert.Equal(0, default(ContiguousGeometry).CoveredRanges);
        Assert.Throws<ArgumentOutOfRangeException>(() => default(ContiguousGeometry).CoveredRange(0));
        Assert.Equal(0, default(ContiguousGeometry).OwnRanges);
        Assert.Throws<ArgumentOutOfRangeException>(() => default(ContiguousGeometry).OwnRange(0));
    }

    [Fact]
    public void Geometries_are_equal_if_both_ends_are()
    {
        ContiguousGeometry one = Make(0, 0x5FFF);
        Assert.True(one == Make(0, 0x5FFF));
        Assert.True(one != Make(0, 0x7FFF));
        Assert.False(one.Equals(Make(0x2000, 0x7FFF)));
        Assert.True(one.Equals((object)Make(0, 0x5FFF)));
        Assert.False(one.Equals("0"));
        Assert.Equal(one.GetHashCode(), Make(0, 0x5FFF).GetHashCode());
    }

    private static ContiguousGeometry Make(ulong rmpBase, ulong rmpEnd) =>
        new(PhysicalAddress.Create(rmpBase), PhysicalAddress.Create(rmpEnd));
}
