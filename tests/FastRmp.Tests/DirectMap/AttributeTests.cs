using FastRmp.DirectMap;
using Xunit;
using static FastRmp.Tests.DirectMap.DirectMapInspector;

namespace FastRmp.Tests.DirectMap;

/// <summary>What the entries hold after splits and rejoins: flags kept, PAT moved, A and D made equal.</summary>
public sealed class AttributeTests
{
    private const ulong LargePat = 1UL << 12;
    private const ulong SmallPat = 1UL << 7;
    private const ulong PageSizeBit = 1UL << 7;
    private const ulong AccessedDirty = 0x60;
    private const ulong Frame4K = 0x000F_FFFF_FFFF_F000UL;

    [Theory]
    [InlineData(0x8000_0000_0000_01E3UL)]
    [InlineData(0x8000_0000_0000_0183UL)]
    [InlineData(0x0000_0000_0000_0081UL)]
    [InlineData(0xFFF0_0000_0000_07FFUL)]
    [InlineData(0x8000_0000_0000_11E3UL)]
    [InlineData(0x0000_0000_0000_109BUL)]
    public void A_2M_leaf_hands_its_flags_to_all_512_pages(ulong flags)
    {
        using HostDirectMap map = Build(RangeAt(Giant, 2 * Large));
        ChangeLeaf(map, Giant + Large, _ => (Giant + Large) | flags);
        _ = map.SetMemory4K(At(Giant + Large + (9 * Small)), 1);
        ulong expected = flags & ~(PageSizeBit | LargePat);
        if ((flags & LargePat) != 0) expected |= SmallPat;
        for (ulong page = Giant + Large; page < Giant + (2 * Large); page += Small)
        {
            Assert.Equal(page | expected, Leaf(map, page).Value);
        }

        Assert.Equal(0x063UL, Entry(map, Giant + Large, 2).Value & ~Frame4K);
    }

    [Theory]
    [InlineData(0x8000_0000_0000_11E3UL)]
    [InlineData(0x7FF0_0000_0000_06BBUL)]
    public void A_1G_leaf_hands_its_flags_to_2M_leaves_with_PS_and_PAT_in_place(ulong flags)
    {
        using HostDirectMap map = Build(RangeAt(Giant, Giant));
        ChangeLeaf(map, Giant, _ => Giant | flags);
        _ = map.SetMemory4K(At(Giant), 1);
        for (ulong region = Giant + Large; region < 2 * Giant; region += Large)
        {
            Assert.Equal(region | flags, Leaf(map, region).Value);
        }

        ulong small = (flags & ~(PageSizeBit | LargePat)) | ((flags & LargePat) != 0 ? SmallPat : 0);
        Assert.Equal(Giant | small, Leaf(map, Giant).Value);
        Assert.Equal((Giant + Large - Small) | small, Leaf(map, Giant + Large - Small).Value);
        Assert.Equal(0x063UL, Entry(map, Giant, 3).Value & ~Frame4K);
        Assert.Equal(0x063UL, Entry(map, Giant, 2).Value & ~Frame4K);
        AssertWhole(map);
    }

    [Theory]
    [InlineData(0x8000_0000_0000_01E3UL)]
    [InlineData(0x8000_0000_0000_11E3UL)]
    [InlineData(0x7FF0_0000_0000_17E3UL)]
    public void A_rejoin_brings_back_the_very_leaf_that_was_split(ulong flags)
    {
        using HostDirectMap map = Build(RangeAt(Giant, Giant), RangeAt(4 * Giant, Large));
        ChangeLeaf(map, Giant, _ => Giant | flags);
        ChangeLeaf(map, 4 * Giant, _ => (4 * Giant) | flags);
        _ = map.SetMemory4K(At(Giant + (77 * Large)), 1);
        _ = map.SetMemory4K(At(4 * Giant), 1);
        Assert.True(map.TryRejoin(At(Giant + (78 * Large) - 1)));
        Assert.True(map.TryRejoin(At(4 * Giant)));
        Assert.Equal(Giant | flags, Leaf(map, Giant).Value);
        Assert.Equal((4 * Giant) | flags, Leaf(map, 4 * Giant).Value);
        AssertLeaves(map, 0, 1, 1);
        AssertWhole(map);
    }

    [Theory]
    [InlineData(0UL, 0UL)]
    [InlineData(0x20UL, 0UL)]
    [InlineData(0x20UL, 0x40UL)]
    [InlineData(0UL, 0x60UL)]
    public void A_rejoin_sets_A_and_D_whatever_the_pages_had(ulong first, ulong other)
    {
        using HostDirectMap map = Build(RangeAt(Giant, Large));
        _ = map.SetMemory4K(At(Giant), 1);
        for (ulong page = Giant; page < Giant + Large; page += Small)
        {
            ChangeLeaf(map, page, static value => value & ~AccessedDirty);
        }

        ChangeLeaf(map, Giant, value => value | first);
        ChangeLeaf(map, Giant + Large - Small, value => value | other);
        Assert.True(map.TryRejoin(At(Giant)));
        Assert.Equal(AccessedDirty, Leaf(map, Giant).Value & AccessedDirty);
    }

    [Fact]
    public void A_and_D_of_the_2M_leaves_are_made_equal_for_1G()
    {
        using HostDirectMap map = Build(RangeAt(0, Giant));
        ChangeLeaf(map, 0, static value => value & ~AccessedDirty);
        _ = map.SetMemory4K(At(0), 1);
        ChangeLeaf(map, 5 * Large, static value => value | AccessedDirty);
        Assert.True(map.TryRejoin(At(0)));
        Assert.Equal(3, Leaf(map, 0).Level);
        Assert.Equal(AccessedDirty, Leaf(map, 0).Value & AccessedDirty);
    }
}
