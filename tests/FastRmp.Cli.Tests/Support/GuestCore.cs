using System;
using System.Buffers.Binary;
using FastRmp.Images.Tests.Support;

namespace FastRmp.Cli.Tests.Support;

/// <summary>
/// A host's core with a guest in it. Nested tables at 0x9000 to 0xc000; the guest's own at gPA 0x1000 to 0x4000, which is sPA 0x1_1000 to
/// 0x1_4000; its pages at gPA 0x5000 and above. Device tables at 0x2_0000. An RMP for 8 MiB at 0x100_0000.
/// </summary>
internal static class GuestCore
{
    internal const string Rmp = "1000000:100bfff";

    private const ulong Private = 1UL << 51;
    private const ulong FirstEntry = 0x100_4000;
    private const int Entries = 2048;
    private const ushort Asid = 5;
    private const VmplPermissions Data = VmplPermissions.Read | VmplPermissions.Write;

    internal static byte[] Build(int rmpEntries = Entries, ulong cr4 = 0x20) =>
        Builder(cr4).Load(FirstEntry, Table()[..(rmpEntries * RmpEntry.SizeInBytes)]).Build();

    internal static byte[] WithoutRmp() => Builder(0x20).Build();

    private static CoreBuilder Builder(ulong cr4) => new CoreBuilder()
        .Processor(0x9000, cr4: cr4)
        .Load(0x9000, Cores.Table((0, 0xA027)))
        .Load(0xA000, Cores.Table((0, 0xB027)))
        .Load(0xB000, Cores.Table((0, 0xC027), (1, 0x40_00E7), (2, 0xE7)))
        .Load(
            0xC000,
            Cores.Table(
                (1, 0x1_1067), (2, 0x1_2067), (3, 0x1_3067), (4, 0x1_4067), (5, 0x1_5067), (6, 0x1_6067), (8, 0x1_8067), (9, 0x1_9065),
                (10, 0x99_9067)))
        .Load(0x1_1000, Cores.Table((0, 0x2007), (1, 0xA007), (2, 0xB007)))
        .Load(0x1_2000, Cores.Table((0, 0x3007)))
        .Load(0x1_3000, Cores.Table((0, 0x4007), (1, 0x20_00E7)))
        .Load(
            0x1_4000,
            Cores.Table(
                (0, Private | 0x5067), (1, Private | 0x6067), (2, 0x7067), (4, 0x20_1067), (5, 0x1_0000_0000_0067), (6, Private | 0x8067),
                (7, 0x8067), (8, 0x9067), (9, 0x5067)))
        .Load(0x1_7000, Io((0, 0x3_0001)))
        .Load(0x2_0000, Devices())
        .Load(0x2_1000, Io((0, 0x1_5001), (1, 0x3_0001), (2, 0x2_1000 | (3 << 9) | 1), (3, 0)));

    /// <summary>Entries of I/O page tables with both rights.</summary>
    private static byte[] Io(params (int Index, ulong Entry)[] entries) =>
        Cores.Table(Array.ConvertAll(entries, static entry => (entry.Index, entry.Entry | (entry.Entry == 0 ? 0 : 3UL << 61))));

    // Device 0: level 1; device 1: level 1 below an assigned page, with A and D; device 2: untranslated; device 3: aborted, silent; device
    // 4: v2; device 5: tables elsewhere; device 6: not valid.
    private static byte[] Devices()
    {
        ulong rights = 3UL << 61;
        return Cores.Table(
            (0, 0x2_1203 | rights),
            (1, 9),
            (4, 0x1_7383 | rights),
            (8, 3 | rights),
            (12, 0x2_1201 | rights),
            (16, 0x2_1203 | rights | (1UL << 55)),
            (20, 0x77_7203 | rights));
    }

    private static byte[] Table()
    {
        byte[] table = new byte[Entries * RmpEntry.SizeInBytes];
        for (ulong gpa = 0x1000; gpa <= 0x6000; gpa += 0x1000)
        {
            RmpEntry entry = new RmpEntry
            {
                Assigned = true,
                Asid = Asid,
                Gpa = GuestPhysicalAddress.Create(gpa),
                Validated = gpa != 0x6000,
                Vmpl0Permissions = VmplPermissions.All,
            };
            Write(table, 0x1_0000 + gpa, gpa == 0x5000 ? entry : entry with { Vmpl1Permissions = Data });
        }

        Write(table, 0x1_7000, new RmpEntry { Assigned = true, Immutable = true });
        Write(table, 0, new RmpEntry { SubpageCount = 7 });
        return table;
    }

    private static void Write(byte[] table, ulong page, RmpEntry entry)
    {
        Span<byte> at = table.AsSpan((int)(page / 4096) * RmpEntry.SizeInBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(at, entry.Low);
        BinaryPrimitives.WriteUInt64LittleEndian(at[sizeof(ulong)..], entry.High);
    }
}
