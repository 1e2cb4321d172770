using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Tasks;
using FastRmp.Native.Tests.Support;
using Xunit;

namespace FastRmp.Native.Tests;

/// <summary>The check in the header answers as the library does, on random entries.</summary>
public sealed class InlineCheckTests
{
    private const int Pages = 4 * 512;
    private const int Questions = 20_000;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    [InlineData(4, 40)]
    public async Task Random_entries(int seed, int marks)
    {
        using TemporaryFolder folder = new();
        string program = await Programs.Compile("inline.c", folder);
        Random random = new(seed);
        ulong[] entries = Entries(random);
        using ReverseMapTable<RmpGeometry> table = Table(entries);
        using MemoryStream input = new();
        using BinaryWriter writer = new(input);
        writer.Write((ulong)Pages);
        writer.Write(MemoryMarshal.AsBytes<ulong>(entries));
        writer.Write((ulong)marks);
        for (int i = 0; i < marks; i++)
        {
            ulong page = (ulong)random.Next(Pages) << 12;
            writer.Write(page);
            table.MarkInUse(PhysicalAddress.Create(page));
        }

        writer.Write((ulong)Questions);
        StringBuilder expected = new(Questions);
        for (int i = 0; i < Questions; i++)
        {
            ulong address = random.Next(50) == 0 ? (ulong)random.NextInt64() : (ulong)random.NextInt64((Pages + 2L) << 12);
            uint mapping = (uint)random.Next(3);
            writer.Write(address);
            writer.Write((ulong)mapping);
            bool passes = PhysicalAddress.TryCreate(address, out PhysicalAddress physical)
                && table.IsHostWritable(physical, (PageSize)mapping);
            expected.Append(passes ? '1' : '0');
        }

        writer.Flush();
        (int code, string output) = await Programs.Run(program, input.ToArray());
        Assert.Equal((0, expected.Append('0').ToString()), (code, output));
    }

    /// <summary>Whole regions without anything assigned, too, so that large mappings pass now and then.</summary>
    private static ulong[] Entries(Random random)
    {
        ulong[] words = new ulong[2 * Pages];
        for (int region = 0; region < Pages / 512; region++)
        {
            for (int i = region * 512; i < (region + 1) * 512; i++)
            {
                if (region % 2 != 0 && i % 512 != 0) continue;
                words[2 * i] = (ulong)random.NextInt64() & ~(random.Next(3) == 0 ? 0UL : 1);
                words[(2 * i) + 1] = (ulong)random.NextInt64();
            }

            if (region == 1) words[2 * region * 512] &= ~0xFFFUL;
        }

        return words;
    }

    private static ReverseMapTable<RmpGeometry> Table(ulong[] entries)
    {
        ContiguousGeometry geometry = ContiguousGeometry.Covering(PhysicalAddress.Create(0x4000_0000), (ulong)Pages << 12);
        ReverseMapTable<RmpGeometry> table = new(new RmpGeometry(geometry), ProcessorModel.Genoa);
        for (int i = 0; i < Pages; i++)
        {
            Assert.True(table.TryWriteRaw(PhysicalAddress.Create((ulong)i << 12), new RmpEntry(entries[2 * i], entries[(2 * i) + 1])));
        }

        return table;
    }
}
