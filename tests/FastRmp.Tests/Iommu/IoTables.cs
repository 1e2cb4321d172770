using System;
using FastRmp.Iommu;
using FastRmp.Tests.Paging;

namespace FastRmp.Tests.Iommu;

/// <summary>A device table of one page, and page tables after it; bits are set by number, not by the library's layouts.</summary>
internal sealed class IoTables
{
    internal const ulong Start = 0x10_0000;
    internal const ulong Present = 1;
    internal const ulong Readable = 1UL << 61;
    internal const ulong Writable = 1UL << 62;
    internal const ulong AllRights = Readable | Writable;

    internal IoTables(int pages = 10) => Memory = new WalkMemory(Start, pages);

    internal WalkMemory Memory { get; }

    internal WalkView View => new(Memory);

    internal IommuState Iommu { get; set; } = new(Start);

    /// <summary>Address of a table: 0 is the first after the device table.</summary>
    internal static ulong Table(int index) => Start + 0x1000 + ((ulong)index * 0x1000);

    internal static ulong Pointer(int table, int nextLevel, ulong flags = AllRights | Present) =>
        Table(table) | ((ulong)nextLevel << 9) | flags;

    internal static ulong Leaf(ulong address, int shift, DmaRights rights = DmaRights.Read | DmaRights.Write) =>
        IoPageSize.Encode(PhysicalAddress.Create(address), shift, rights).Value;

    /// <summary>A device with tables from the first table on.</summary>
    internal IoTables Device(ushort id, int mode, ulong flags = AllRights | 3, ushort domain = 7)
    {
        ulong at = Start + (32UL * id);
        Memory[at] = Table(0) | ((ulong)mode << 9) | flags;
        Memory[at + 8] = domain;
        return this;
    }

    /// <summary>Writes an entry into a table.</summary>
    internal IoTables Set(int table, int index, ulong entry)
    {
        Memory[Table(table) + (8UL * (ulong)index)] = entry;
        return this;
    }

    internal IommuWalkResult Translate(ulong iova, bool isWrite = false, ushort device = 0)
    {
        WalkView view = View;
        return IommuWalker.Translate(ref view, Iommu, new DeviceId(device), new DeviceAddress(iova), isWrite);
    }

    /// <summary>Fills the page tables with entries of all kinds, most of them useful.</summary>
    internal void Scramble(Random random)
    {
        Span<ulong> words = Memory.Words;
        int tables = (words.Length / 512) - 1;
        for (int i = 512; i < words.Length; i++)
        {
            words[i] = Entry(random, tables);
        }
    }

    private static ulong Entry(Random random, int tables)
    {
        ulong entry = (ulong)random.NextInt64() & ~0x1FFF_FFFF_FFFF_FE61UL; // ignored and rights bits at random; neither Accessed nor Dirty
        if (random.Next(25) == 0) entry |= 1UL << random.Next(52, 61); // reserved, or U and FC of a page
        if (random.Next(4) != 0) entry |= AllRights;
        if (random.Next(12) != 0) entry |= Present;
        ulong address = random.Next(30) == 0 ? 0x8_0000_0000_0000UL : Table(random.Next(tables));
        int level = random.Next(9) switch { 7 or 8 => random.Next(1, 4), int any => any };
        if (random.Next(5) == 0) level = 7;
        if (level == 7)
        {
            address = (ulong)random.NextInt64() & 0x000F_FFFF_FFFF_F000UL & ~(1UL << random.Next(12, 53))
                | ((1UL << random.Next(12, 53)) - 1) & 0x000F_FFFF_FFFF_F000UL;
        }

        if (level == 0) address = (ulong)random.NextInt64() & 0x000F_FFFF_FFFF_F000UL;
        return entry | address | ((ulong)level << 9);
    }
}
