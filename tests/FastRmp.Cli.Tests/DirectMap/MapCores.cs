using System;
using System.Text;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;

namespace FastRmp.Cli.Tests.DirectMap;

/// <summary>
/// Small cores with a direct map in them: 2 GiB at 0xffff888000000000 (four levels) or 0xff11000000000000 (five), tables from 0x1000 on.
/// </summary>
internal static class MapCores
{
    internal const ulong FourLevelBase = 0xFFFF_8880_0000_0000UL;
    internal const ulong FiveLevelBase = 0xFF11_0000_0000_0000UL;
    internal const ulong Variable = 0xFFFF_FFFF_8010_0008UL;
    private const ulong Leaf = 0x8000_0000_0000_0163UL;
    private const ulong LargeLeaf = 0x8000_0000_0000_01E3UL;
    private const ulong LongMode = 0x20;
    private const ulong FiveLevels = 0x1000;

    /// <summary>
    /// The first GiB in smaller leaves: region 0 with read-only and executable pages and a hole, regions 1 and 2 split for nothing, region
    /// 3 split with two marked pages and one taken out; the second GiB is one leaf.
    /// </summary>
    internal static CoreBuilder Tables(bool fiveLevels = false, int absentTable = 0)
    {
        byte[] directory = Cores.Table();
        for (int index = 0; index < 512; index++)
        {
            ulong entry = index == 0 ? 0x4067 : index < 4 ? 0x4063 + ((ulong)index * 0x1000) : ((ulong)index << 21) | LargeLeaf;
            BitConverter.TryWriteBytes(directory.AsSpan(index * 8), entry);
        }

        ulong[] first = Pages(0);
        first[1] &= ~2UL;
        first[2] &= ~0x8000_0000_0000_0000UL;
        first[3] = 0;
        ulong[] third = Pages(3 << 21);
        third[7] |= 0x800;
        third[8] |= 0x800;
        third[9] &= ~3UL;
        CoreBuilder core = new CoreBuilder()
            .Load(0x1000, Cores.Table((fiveLevels ? 0 : 273, 0x2067), (511, 0x9067)))
            .Load(0x2000, Cores.Table((0, 0x3067), (1, 0x4000_0000 | LargeLeaf)))
            .Load(0x3000, directory)
            .Load(0x9000, Cores.Table((510, 0xA067)))
            .Load(0xA000, Cores.Table((0, 0x10_01E3)));
        ulong[][] tables = [first, Pages(1 << 21), Pages(2 << 21), third];
        for (int index = 0; index < tables.Length; index++)
        {
            byte[] table = new byte[4096];
            Buffer.BlockCopy(tables[index], 0, table, 0, table.Length);
            if (index + 4 != absentTable) core.Load(0x4000 + ((ulong)index * 0x1000), table);
        }

        if (fiveLevels) core.Load(0xB000, Cores.Table((273, 0x1067)));
        return core;
    }

    internal static byte[] Build(bool fiveLevels = false, int absentTable = 0) => Tables(fiveLevels, absentTable)
        .Processor(fiveLevels ? 0xB000U : 0x1000U, cr4: fiveLevels ? LongMode | FiveLevels : LongMode)
        .Processor(0x1000, cr0: 0)
        .Processor(0x1000, cr4: 0)
        .Processor(0xD000)
        .Load(0xC000, Cores.Full(0))
        .Load(0xD000, Cores.Full(0))
        .Build();

    internal static CoreBuilder Notes(this CoreBuilder core, string text) => core.Note("VMCOREINFO", 0, Encoding.ASCII.GetBytes(text));

    private static ulong[] Pages(ulong start)
    {
        ulong[] pages = new ulong[512];
        for (ulong index = 0; index < 512; index++)
        {
            pages[index] = (start + (index * 0x1000)) | Leaf;
        }

        return pages;
    }
}
