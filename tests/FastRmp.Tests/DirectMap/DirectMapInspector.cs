using System;
using System.Collections.Generic;
using FastRmp.DirectMap;
using FastRmp.Paging;
using Xunit;

namespace FastRmp.Tests.DirectMap;

/// <summary>Looks into a direct map's tables by the arithmetic of the manual, and holds the whole map to its invariants.</summary>
internal static class DirectMapInspector
{
    internal const ulong Small = 0x1000;
    internal const ulong Large = 0x20_0000;
    internal const ulong Giant = 0x4000_0000;
    private const ulong AddressField = 0x000F_FFFF_FFFF_F000UL;

    internal static HostDirectMap Build(DirectMapOptions options, params ReadOnlySpan<PhysicalRange> ranges) => new(ranges, options);

    internal static HostDirectMap Build(params ReadOnlySpan<PhysicalRange> ranges) => Build(new DirectMapOptions(), ranges);

    /// <summary>A map with room for exactly so many table pages more than it is built from.</summary>
    internal static HostDirectMap BuildWithSpare(long spare, params ReadOnlySpan<PhysicalRange> ranges)
    {
        using HostDirectMap roomy = Build(ranges);
        return Build(new DirectMapOptions { MaxTablePages = roomy.Statistics.TablePages + spare }, ranges);
    }

    internal static ulong Read(HostDirectMap map, ulong entryAddress)
    {
        Assert.True(map.View().TryRead(At(entryAddress), out ulong entry));
        return entry;
    }

    /// <summary>The entry of a level on the way to an address: where it stands and what it holds.</summary>
    internal static (ulong Address, ulong Value) Entry(HostDirectMap map, ulong pa, int level)
    {
        ulong va = map.ToVirtual(At(pa)).Value;
        ulong table = map.State.Root.Value;
        for (int at = map.State.Mode == PagingMode.FiveLevel ? 5 : 4; ; at--)
        {
            ulong address = table + (8 * ((va >> (3 + (9 * at))) & 511));
            ulong value = Read(map, address);
            if (at == level) return (address, value);
            Assert.True((value & 1) != 0 && (at > 3 || (value & 0x80) == 0), $"The entry of level {at} points to no table.");
            table = value & AddressField;
        }
    }

    /// <summary>The leaf that maps an address, and its level.</summary>
    internal static (ulong Address, ulong Value, int Level) Leaf(HostDirectMap map, ulong pa)
    {
        Assert.True(map.TryGetMapping(At(pa), out PageSize size));
        (ulong address, ulong value) = Entry(map, pa, 1 + (int)size);
        return (address, value, 1 + (int)size);
    }

    /// <summary>Changes the leaf that maps an address, as other kernel code does.</summary>
    internal static void ChangeLeaf(HostDirectMap map, ulong pa, Func<ulong, ulong> change)
    {
        (ulong address, ulong value, _) = Leaf(map, pa);
        Assert.True(map.View().TryCompareExchange(At(address), change(value), value, out ulong prior));
        Assert.Equal(value, prior);
    }

    /// <summary>Every word of every table page, free ones included.</summary>
    internal static ulong[] Words(HostDirectMap map)
    {
        ulong[] words = new ulong[map.Tables.Length / 8];
        PinnedMemoryView view = map.View();
        for (int i = 0; i < words.Length; i++)
        {
            Assert.True(view.TryRead(map.Tables.Start + (8 * (ulong)i), out words[i]));
        }

        return words;
    }

    internal static void AssertLeaves(HostDirectMap map, long leaves4K, long leaves2M, long leaves1G)
    {
        DirectMapStatistics now = map.Statistics;
        Assert.Equal((leaves4K, leaves2M, leaves1G), (now.Leaves4K, now.Leaves2M, now.Leaves1G));
    }

    internal static void AssertWork(HostDirectMap map, long splits2M, long splits1G, long rejoins2M, long rejoins1G, long flushes)
    {
        DirectMapStatistics now = map.Statistics;
        Assert.Equal(
            (splits2M, splits1G, rejoins2M, rejoins1G, flushes),
            (now.Splits2M, now.Splits1G, now.Rejoins2M, now.Rejoins1G, now.GlobalFlushes));
    }

    /// <summary>The leaves cover the RAM and nothing else, each at its place; the counters agree with them.</summary>
    internal static void AssertWhole(HostDirectMap map)
    {
        long[] leaves = new long[3];
        List<(ulong Start, ulong End)> covered = [];
        foreach (Mapping mapping in new MappingEnumerator<PinnedMemoryView>(map.View(), map.State))
        {
            Assert.Equal(map.ToVirtual(mapping.Address), mapping.VirtualAddress);
            leaves[(int)mapping.Size]++;
            ulong start = mapping.Address.Value;
            ulong end = start + (Small << (9 * (int)mapping.Size));
            if (covered.Count > 0 && covered[^1].End == start)
            {
                covered[^1] = (covered[^1].Start, end);
            }
            else
            {
                covered.Add((start, end));
            }
        }

        Assert.Equal(Expected(map), covered);
        DirectMapStatistics now = map.Statistics;
        Assert.Equal((leaves[0], leaves[1], leaves[2]), (now.Leaves4K, now.Leaves2M, now.Leaves1G));
        Assert.Equal(CountTables(map, map.State.Root.Value, map.State.Mode == PagingMode.FiveLevel ? 5 : 4), now.TablePages);
        Assert.True(now.Peak4K >= now.Leaves4K && now.PeakTablePages >= now.TablePages);
    }

    private static List<(ulong Start, ulong End)> Expected(HostDirectMap map)
    {
        List<(ulong Start, ulong End)> joined = [];
        foreach (PhysicalRange range in map.Ram)
        {
            if (joined.Count > 0 && joined[^1].End == range.Start.Value)
            {
                joined[^1] = (joined[^1].Start, range.End);
            }
            else
            {
                joined.Add((range.Start.Value, range.End));
            }
        }

        return joined;
    }

    private static long CountTables(HostDirectMap map, ulong table, int level)
    {
        long count = 1;
        for (ulong i = 0; level > 1 && i < 512; i++)
        {
            ulong entry = Read(map, table + (8 * i));
            if ((entry & 1) != 0 && (level > 3 || (entry & 0x80) == 0)) count += CountTables(map, entry & AddressField, level - 1);
        }

        return count;
    }
}
