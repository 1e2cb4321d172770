using FastRmp.Reference;
using Xunit;

namespace FastRmp.Tests.Rmp;

public sealed class LookupTests
{
    private const ulong R = 0x20_0000;
    private const ulong S = R + 0x5000;
    private const ulong Lock = 0x8000_0000_0000_0000;
    private const ulong AsidLock = 0x1FF8_0000_0000_0000;

    [Fact]
    public void An_uncovered_page_has_no_entry()
    {
        using ModelPair pair = Make();
        RmpLookup lookup = Look(pair, 0x40_0000);
        Assert.False(lookup.IsCovered);
        Assert.False(lookup.IsAssigned);
    }

    [Fact]
    public void A_page_of_a_small_region_has_its_own_entry()
    {
        using ModelPair pair = Make();
        pair.Update(S, Operands.Assign(0x1234_5000, 5));
        Assert.Equal(new RmpLookup(true, true, PageSize.Size4K, new RmpEntry(0x0028_0000_1234_5001, 0x1F), true), Look(pair, S + 0xFFF));
        Assert.Equal(new RmpLookup(true, false, PageSize.Size4K, default, true), Look(pair, S + 0x1000));
        Assert.Equal(new RmpLookup(true, false, PageSize.Size4K, new RmpEntry(0x8, 0), true), Look(pair, R));
    }

    [Fact]
    public void Every_page_of_a_large_page_has_the_entry_of_its_base()
    {
        using ModelPair pair = Make();
        pair.Update(R, Operands.Assign(0x4000_0000, 5, PageSize.Size2M));
        RmpLookup expected = new(true, true, PageSize.Size2M, new RmpEntry(0x0028_0000_4000_0003, 0x1F), true);
        for (ulong page = R; page < R + ModelPair.RegionBytes; page += 0x1000)
        {
            Assert.Equal(expected, Look(pair, page));
        }
    }

    [Fact]
    public void Stale_bits_in_a_piece_of_a_large_page_are_not_looked_at()
    {
        // Firmware's PAGE_UNSMASH leaves Validated, guest address and masks of the pieces as they were.
        using ModelPair pair = Make();
        pair.Update(R, Operands.Assign(0x4000_0000, 5, PageSize.Size2M));
        pair.Poke(S, 0x4000_0000_4000_5001, 0x1F);
        Assert.Equal(Look(pair, R), Look(pair, S));
    }

    [Fact]
    public void The_raw_value_of_a_sub_page_and_of_a_reclaim_page_are_distinguished_by_the_base()
    {
        using ModelPair pair = Make();
        pair.Update(R, Operands.Assign(0x4000_0000, 5, PageSize.Size2M));
        RmpEntry piece = pair.Raw(S);
        pair.Update(R, Operands.Release(PageSize.Size2M));
        pair.Poke(S, 0x1, 0);
        pair.Poke(R, 0x8, 0);
        Assert.Equal(piece, pair.Raw(S));
        Assert.Equal(new RmpLookup(true, true, PageSize.Size4K, new RmpEntry(0x1, 0), true), Look(pair, S));
    }

    [Theory]
    [InlineData(R)]
    [InlineData(S)]
    public void A_firmware_page_that_no_command_changes_is_stable_though_locked(ulong page)
    {
        using ModelPair pair = Make();
        pair.Poke(page, 0x8000_0000_0000_0005, 0);
        Assert.Equal(new RmpLookup(true, true, PageSize.Size4K, new RmpEntry(0x8000_0000_0000_0005, 0), true), Look(pair, page));
    }

    [Theory]
    [InlineData(R, Lock)]
    [InlineData(R, Lock | 1)]
    [InlineData(R, AsidLock)]
    [InlineData(R, AsidLock | 3)]
    [InlineData(S, Lock)]
    [InlineData(S, Lock | 1)]
    public void An_entry_that_another_processor_is_changing_is_not_stable(ulong page, ulong low)
    {
        using ModelPair pair = Make();
        pair.Poke(page, low, 0);
        RmpLookup lookup = Look(pair, page);
        Assert.True(lookup.IsCovered);
        Assert.False(lookup.IsSettled);
        Assert.Equal((low & 1) != 0, lookup.IsAssigned);
    }

    [Theory]
    [InlineData(Lock)]
    [InlineData(AsidLock)]
    [InlineData(AsidLock | 3)]
    public void No_page_is_stable_while_its_base_is_being_changed(ulong baseLow)
    {
        using ModelPair pair = Make();
        pair.Poke(R, baseLow, 0);
        Assert.False(Look(pair, S).IsSettled);
    }

    [Fact]
    public void A_locked_neighbour_leaves_the_other_entries_stable()
    {
        using ModelPair pair = Make();
        pair.Poke(S, Lock, 0);
        Assert.True(Look(pair, R).IsSettled);
        Assert.True(Look(pair, S + 0x1000).IsSettled);
    }

    [Fact]
    public void Lookups_agree_with_the_reference_in_every_shape()
    {
        using ModelPair pair = Make();
        pair.Update(0x3000, Operands.Assign(0x1234_5000, 5));
        pair.Update(0, Operands.Assign(0x1234_6000, 6));
        pair.Update(R, Operands.Assign(0x4000_0000, 7, PageSize.Size2M));
        Compare(pair);
        pair.Smash(R);
        Compare(pair);
        pair.Update(R, Operands.Release());
        pair.Update(S, Operands.Release());
        Compare(pair);
    }

    private static void Compare(ModelPair pair)
    {
        for (ulong page = 0; page < 2 * ModelPair.RegionBytes; page += 0x1000)
        {
            RmpLookup lookup = Look(pair, page);
            ReferenceEntry expected = pair.Reference.Lookup(page);
            Assert.Equal(expected.Assigned, lookup.IsAssigned);
            Assert.Equal(expected.Large, lookup.Size == PageSize.Size2M);
            Assert.Equal(expected.ToLow(), lookup.Entry.Low);
            Assert.Equal(expected.ToHigh(), lookup.Entry.High);
            Assert.True(lookup.IsSettled);
        }
    }

    private static RmpLookup Look(ModelPair pair, ulong address) => pair.Table.Lookup(PhysicalAddress.Create(address));

    private static ModelPair Make() => new(2, ProcessorModel.Genoa, ModelChoices.Default);
}
