using System;
using System.Buffers.Binary;
using FastRmp.Images.Tests.Support;

namespace FastRmp.Cli.Tests.Support;

/// <summary>Small cores with page tables in them.</summary>
internal static class Cores
{
    internal const string Core = "linux-4level/core.elf";
    private const ulong PagingOn = 0x8005_0033;
    private const ulong LongMode = 0x20;
    private const ulong FiveLevels = 0x1000;

    /// <summary>The emulator's note of one processor.</summary>
    internal static CoreBuilder Processor(this CoreBuilder core, ulong cr3, ulong cr0 = PagingOn, ulong cr4 = LongMode)
    {
        byte[] state = new byte[440];
        BinaryPrimitives.WriteUInt32LittleEndian(state, 1);
        BinaryPrimitives.WriteUInt32LittleEndian(state.AsSpan(4), 440);
        BinaryPrimitives.WriteUInt64LittleEndian(state.AsSpan(392), cr0);
        BinaryPrimitives.WriteUInt64LittleEndian(state.AsSpan(416), cr3);
        BinaryPrimitives.WriteUInt64LittleEndian(state.AsSpan(424), cr4);
        return core.Note("QEMU", 0, state);
    }

    /// <summary>A table with entries at some indices.</summary>
    internal static byte[] Table(params (int Index, ulong Entry)[] entries)
    {
        byte[] table = new byte[4096];
        foreach ((int index, ulong entry) in entries)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(index * 8), entry);
        }

        return table;
    }

    /// <summary>A table whose every entry is the same.</summary>
    internal static byte[] Full(ulong entry)
    {
        byte[] table = new byte[4096];
        for (int index = 0; index < 512; index++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(index * 8), entry);
        }

        return table;
    }

    /// <summary>One table page at 0x1000 that points at itself 512 times: 512^4 mappings.</summary>
    internal static byte[] SelfReferencing() => new CoreBuilder().Processor(0x1000).Load(0x1000, Full(0x1007)).Build();

    /// <summary>
    /// Four levels at 0x1000 to 0x4000, five with another one at 0x5000. Pages: 4K user read-only at 0, 4K with PAT at 0x1000, 2M at
    /// 0x20_0000, 1G at 0x4000_0000, and a 4K page at the top of the address space.
    /// </summary>
    internal static byte[] Sizes(bool fiveLevels = false)
    {
        CoreBuilder core = new CoreBuilder()
            .Processor(fiveLevels ? 0x5000U : 0x1000U, cr4: fiveLevels ? LongMode | FiveLevels : LongMode)
            .Processor(0x1000, cr0: 0)
            .Processor(0x1000, cr4: 0)
            .Load(0x1000, Table((0, 0x2007), (511, 0x6003)))
            .Load(0x2000, Table((0, 0x3007), (1, 0x4000_00E3)))
            .Load(0x3000, Table((0, 0x4007), (1, 0x8000_0000_00A0_00E3)))
            .Load(0x4000, Table((0, 0xA_0005), (1, 0xB_0187)))
            .Load(0x6000, Table((511, 0x7003)))
            .Load(0x7000, Table((511, 0x8003)))
            .Load(0x8000, Table((511, 0xF_FFFF_FFFF_F001)));
        if (fiveLevels) core.Load(0x5000, Table((0, 0x1007), (511, 0x1007)));
        return core.Build();
    }
}
