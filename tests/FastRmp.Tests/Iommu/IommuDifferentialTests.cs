using System;
using System.Collections.Generic;
using FastRmp.Iommu;
using FastRmp.Tests.Paging;
using Xunit;

namespace FastRmp.Tests.Iommu;

/// <summary>Walks against the reference: every combination of mode, level and next level, then tables at random.</summary>
public sealed class IommuDifferentialTests
{
    [Fact]
    public void Every_mode_next_level_and_encoded_size_agrees()
    {
        for (int mode = 1; mode <= 6; mode++)
        {
            for (int next = 0; next <= 7; next++)
            {
                for (int run = 12; run <= 52; run++)
                {
                    if (next != 7 && run > 14) break;
                    ulong address = next == 7 ? ((1UL << run) - 1) & 0x000F_FFFF_FFFF_F000UL : IoTables.Table(1);
                    IoTables tables = new IoTables().Device(0, mode, domain: 0xABCD);
                    for (int index = 0; index < 512; index++)
                    {
                        _ = tables.Set(0, index, address | ((ulong)next << 9) | IoTables.AllRights | IoTables.Present)
                            .Set(1, index, IoTables.Leaf(0x12_3000, 12));
                    }

                    WalkView view = tables.View;
                    foreach (ulong iova in Addresses(mode))
                    {
                        _ = IommuComparison.Translate(ref view, tables.Memory.Read, tables.Iommu, 0, iova, isWrite: true);
                    }
                }
            }
        }
    }

    [Fact]
    public void Random_tables_agree_with_the_reference()
    {
        Random random = new(21);
        Dictionary<IommuStatus, int> met = [];
        for (int round = 0; round < 60; round++)
        {
            IoTables tables = new();
            tables.Scramble(random);
            for (int mode = 1; mode <= 6; mode++)
            {
                ulong rights = random.Next(4) == 0 ? (ulong)random.Next(4) << 61 : IoTables.AllRights;
                _ = tables.Device((ushort)mode, mode, flags: rights | 3 | ((ulong)random.Next(4) << 7), domain: (ushort)random.Next(65536));
            }

            WalkView view = tables.View;
            for (int i = 0; i < 600; i++)
            {
                ushort device = (ushort)(1 + (i % 6));
                ulong iova = Iova(random, device);
                IommuStatus status = IommuComparison.Translate(
                    ref view, tables.Memory.Read, tables.Iommu, device, iova, isWrite: i % 4 < 2);
                met[status] = met.GetValueOrDefault(status) + 1;
                _ = IommuComparison.Access(tables.Memory, tables.Iommu, device, new IommuRequest(new DeviceAddress(iova), i % 4 < 2));
            }
        }

        foreach (IommuStatus status in new[]
        {
            IommuStatus.Mapped, IommuStatus.NotPresent, IommuStatus.MalformedEntry, IommuStatus.RightsViolation, IommuStatus.OutOfReach,
            IommuStatus.OutsideMemory, IommuStatus.ForbiddenBits, IommuStatus.SkippedBits,
        })
        {
            Assert.True(met.GetValueOrDefault(status) > 100, $"{status}: {met.GetValueOrDefault(status)}");
        }
    }

    [Fact]
    public void Listings_of_random_tables_agree_with_the_reference()
    {
        Random random = new(22);
        int listed = 0;
        for (int round = 0; round < 40; round++)
        {
            IoTables tables = new(pages: 4);
            Thin(tables, random);
            _ = tables.Device(5, 1 + (round % 3), flags: ((ulong)random.Next(4) << 61) | 3);
            WalkView view = tables.View;
            listed += IommuComparison.List(ref view, tables.Memory.Read, tables.Iommu, 5);
        }

        Assert.True(listed > 5_000, $"{listed}");
    }

    /// <summary>Tables of which few entries lead on, with groups of replicated entries, whole and broken.</summary>
    private static void Thin(IoTables tables, Random random)
    {
        tables.Scramble(random);
        Span<ulong> words = tables.Memory.Words;
        for (int i = 512; i < words.Length; i++)
        {
            bool leads = (words[i] >> 9 & 7) is > 0 and < 7;
            if (leads && random.Next(20) != 0) words[i] = 0;
        }

        for (int group = 0; group < 60; group++)
        {
            int level = random.Next(1, 4);
            int slots = 1 << random.Next(1, 9);
            int shift = 12 + (9 * (level - 1)) + System.Numerics.BitOperations.Log2((uint)slots);
            ulong entry = IoTables.Leaf((ulong)random.Next(1, 1 << 10) << shift, shift, (DmaRights)random.Next(4));
            int start = 512 + (random.Next((words.Length - 512) / slots) * slots);
            words.Slice(start, slots).Fill(entry);
            if (random.Next(3) == 0) words[start + random.Next(slots)] ^= 1UL << random.Next(12, 20);
        }
    }

    private static IEnumerable<ulong> Addresses(int mode)
    {
        yield return 0;
        yield return ulong.MaxValue;
        for (int bit = 11; bit < 64; bit++)
        {
            yield return 1UL << bit;
            yield return (1UL << bit) - 1;
            yield return (1UL << bit) | 0xABC;
        }

        if (mode < 6) yield return (1UL << (12 + (9 * mode))) + 0x5123;
    }

    /// <summary>Addresses that mostly stay in reach, often with zeros where levels may be skipped.</summary>
    private static ulong Iova(Random random, int mode)
    {
        ulong iova = (ulong)random.NextInt64() << 1;
        if (mode < 6 && random.Next(10) != 0) iova &= (1UL << (12 + (9 * mode))) - 1;
        for (int level = 1; level < mode; level++)
        {
            if (random.Next(2) == 0) iova &= ~(511UL << (12 + (9 * (level - 1))));
        }

        return iova;
    }
}
