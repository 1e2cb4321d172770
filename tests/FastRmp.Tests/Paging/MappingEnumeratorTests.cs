using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using FastRmp.Paging;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Tests.Paging;

public sealed class MappingEnumeratorTests
{
    private const ulong Start = 0x8_0800; // the first and the last table are there by half only
    private const int Tables = 10;

    [Theory]
    [InlineData(1, 4)]
    [InlineData(2, 4)]
    [InlineData(3, 5)]
    [InlineData(4, 5)]
    public void Random_trees_are_listed_as_by_recursion(int seed, int levels)
    {
        Random random = new(seed);
        long found = 0;
        long absent = 0;
        for (int round = 0; round < 60; round++)
        {
            WalkMemory memory = RandomTree(random, levels);
            ulong root = 0x8_1000;
            bool nxe = random.Next(4) != 0;
            (ulong first, ulong last) = round % 3 == 0 ? (0, ulong.MaxValue) : RandomRange(random, levels);
            PagingState state = new(
                PhysicalAddress.Create(root), levels == 5 ? PagingMode.FiveLevel : PagingMode.FourLevel, ProcessorModel.Genoa,
                noExecute: nxe);
            ulong mask = (1UL << (3 + (9 * (levels + 1)))) - 1;
            NaiveMappings naive = new NaiveMappings(memory, levels, nxe, first & mask, last & mask).List(root);
            MappingEnumerator<WalkView> mappings = new(new WalkView(memory), state, new VirtualAddress(first), new VirtualAddress(last));
            foreach (Mapping expected in naive.Found)
            {
                Assert.True(mappings.MoveNext());
                Assert.Equal(expected, mappings.Current);
            }

            Assert.False(mappings.MoveNext());
            Assert.False(mappings.MoveNext());
            Assert.Equal(naive.AbsentTables, mappings.AbsentTables);
            Assert.Equal(naive.FirstAbsent, mappings.FirstAbsentEntry.Value);
            found += naive.Found.Count;
            absent += naive.AbsentTables;
        }

        Assert.True(found > 5000 && absent > 100, $"{found} leaves, {absent} absent tables");
    }

    [Fact]
    public void The_lower_half_comes_first_and_the_upper_half_is_sign_extended()
    {
        TableTree tree = new TableTree()
            .Map(0xFFFF_FFFF_FFFF_F000UL, 0x1000)
            .Map(0, 0x2000)
            .Map(0xFFFF_8000_0000_0000UL, 0x3000)
            .Map(0x0000_7FFF_FFFF_F000UL, 0x4000);
        Assert.Equal([0UL, 0x0000_7FFF_FFFF_F000UL, 0xFFFF_8000_0000_0000UL, 0xFFFF_FFFF_FFFF_F000UL], Addresses(tree, 0, ulong.MaxValue));
    }

    [Theory]
    [InlineData(0x0000_0000_4000_0000UL, 0x0000_0000_4000_0FFFUL, 1)]
    [InlineData(0x0000_0000_4000_0FFFUL, 0x0000_0000_4000_1000UL, 2)]
    [InlineData(0x0000_0000_4000_1000UL, 0x0000_0000_401F_FFFFUL, 1)]
    [InlineData(0x0000_0000_4000_2000UL, 0x0000_0000_401F_FFFFUL, 0)]
    [InlineData(0x0000_0000_403F_FFFFUL, 0x0000_0000_403F_FFFFUL, 1)]
    [InlineData(0x0000_0000_4000_1FFFUL, 0x0000_0000_4020_0000UL, 2)]
    [InlineData(0x0000_0000_0000_0000UL, 0x0000_0000_3FFF_FFFFUL, 0)]
    [InlineData(0x0000_0000_4040_0000UL, 0x0000_FFFF_FFFF_FFFFUL, 0)]
    public void A_range_lists_the_leaves_that_touch_it(ulong first, ulong last, int count)
    {
        TableTree tree = new TableTree().Map(0x4000_0000, 0x1000).Map(0x4000_1000, 0x2000).Map(0x4020_0000, 0x20_0000, 2);
        Assert.Equal(count, Addresses(tree, first, last).Count);
    }

    [Fact]
    public void Rights_and_reserved_bits_are_not_judged()
    {
        TableTree tree = new TableTree().Map(0x4000_0000, 0x0008_7654_3210_0000UL, 2, flags: TableTree.P | TableTree.NX | 0x2000);
        WalkView view = tree.View;
        MappingEnumerator<WalkView> mappings = new(view, tree.State(nxe: false));
        Assert.True(mappings.MoveNext());
        Assert.Equal(0x0008_7654_3200_0000UL, mappings.Current.Address.Value);
        Assert.Equal(PagingRights.Execute, mappings.Current.Rights);
        Assert.False(mappings.MoveNext());
    }

    [Fact]
    public void An_empty_tree_and_an_absent_root_list_nothing()
    {
        TableTree tree = new();
        Assert.Empty(Addresses(tree, 0, ulong.MaxValue));
        PagingState state = new(PhysicalAddress.Create(0x7000_0000), PagingMode.FourLevel, tree.Processor);
        MappingEnumerator<WalkView> mappings = new(tree.View, state);
        Assert.False(mappings.MoveNext());
        Assert.Equal(1, mappings.AbsentTables);
        Assert.Equal(0x7000_0000UL, mappings.FirstAbsentEntry.Value);
    }

    [Fact]
    public void A_top_entry_that_points_at_its_own_table_lists_the_tables_once()
    {
        TableTree tree = new TableTree().Map(0x4000_0000, 0x1000);
        const ulong Slot = 0x1EC;
        tree.Memory[tree.Root + (8 * Slot)] = tree.Root | TableTree.P | TableTree.W;
        List<ulong> found = Addresses(tree, 0, ulong.MaxValue);

        // The page; through the slot once: its page table; twice: the directory; thrice: the pointer table; four times: the top table.
        Assert.Equal(5, found.Count);
        Assert.Equal(0xFFFF_F67B_3D9E_C000UL, found[^1]);
    }

    [Fact]
    public void Listing_allocates_nothing()
    {
        using PinnedMemory memory = PinnedMemory.Allocate(0x4000);
        TableTree tree = new TableTree(start: 0x8000, pages: 4).Map(0x4000_0000, 0x1000).Map(0x4000_5000, 0x2000);
        MemoryMarshal.AsBytes(tree.Memory.Words).CopyTo(memory.Span(0, 0x4000));
        PagingState state = tree.State();
        int count = 0;
        Allocations.RequireNone(() => count += Count(memory, state));
        Assert.Equal(202, count);
    }

    private static int Count(PinnedMemory memory, in PagingState state)
    {
        int count = 0;
        foreach (Mapping mapping in new MappingEnumerator<PinnedMemoryView>(memory.View(PhysicalAddress.Create(0x8000)), state))
        {
            count += mapping.Size == PageSize.Size4K ? 1 : 1000;
        }

        return count;
    }

    private static List<ulong> Addresses(TableTree tree, ulong first, ulong last)
    {
        List<ulong> found = [];
        foreach (Mapping mapping in new MappingEnumerator<WalkView>(
            tree.View, tree.State(), new VirtualAddress(first), new VirtualAddress(last)))
        {
            found.Add(mapping.VirtualAddress.Value);
        }

        return found;
    }

    // A few entries in each table lead to any table, cycles and half-absent ones included.
    private static WalkMemory RandomTree(Random random, int levels)
    {
        WalkMemory memory = new(Start, Tables - 1);
        int fanOut = levels == 5 ? 4 : 6;
        for (ulong table = 0; table < Tables; table++)
        {
            for (int i = 0; i < fanOut; i++)
            {
                ulong entry = 0x8_0000 + (table * 0x1000) + (8 * (ulong)random.Next(512));
                ulong target = random.Next(30) == 0
                    ? (ulong)random.NextInt64() & TableTree.AddressField
                    : 0x8_0000 + ((ulong)random.Next(Tables) * 0x1000);
                ulong flags = ((ulong)random.NextInt64(long.MinValue, long.MaxValue) & 0xFFF0_0000_0000_0F7EUL) | TableTree.P;
                if (random.Next(8) == 0) flags |= TableTree.PS;
                if (random.Next(20) == 0) flags &= ~TableTree.P;
                if (memory.Holds(entry)) memory[entry] = target | flags;
            }
        }

        return memory;
    }

    private static (ulong First, ulong Last) RandomRange(Random random, int levels)
    {
        ulong limit = 1UL << (3 + (9 * (levels + 1)));
        ulong a = (ulong)random.NextInt64() % limit;
        ulong b = (ulong)random.NextInt64() % limit;
        return a < b ? (a, b) : (b, a);
    }
}
