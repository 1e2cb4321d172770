using System;
using FastRmp.Images.Tests.Support;

namespace FastRmp.Cli.Tests.Support;

/// <summary>
/// A core with an IOMMU's tables in it. Device table at 0x2_0000: device 0 has guest tables alone, device 1 the same tables over host
/// tables of one level, device 2 guest tables with a GCR3 table of two levels that points at itself, device 3 GLX 3, device 4 guest tables
/// for requests without PASID. GCR3 table at 0x3_0000: PASID 0 and 5. Guest tables at 0x3_1000 to 0x3_4000; host tables at 0x3_8000 map
/// 0x3_0000 onto itself and page 0x40 to 0x7_0000.
/// </summary>
internal static class GuestIoCore
{
    internal const string Table = "20000";

    private const ulong Rights = 3UL << 61;
    private const ulong Guest = 1UL << 55;
    private const ulong NoExecute = 1UL << 63;

    internal static byte[] Build() => new CoreBuilder()
        .Processor(0x1000)
        .Load(
            0x2_0000,
            Cores.Table(
                [.. Device(0, 3 | Guest), .. Device(1, 0x3_8203 | Guest), .. Device(2, 3 | Guest | (1UL << 56), 0x3_5000),
                    .. Device(3, 3 | Guest | (3UL << 56)), .. Device(4, 3 | Guest | (1UL << 54))]))
        .Load(0x3_0000, Cores.Table((0, 0x3_1001), (5, 0x3_1001), (6, 0x77_7001)))
        .Load(0x3_1000, Cores.Table((0, 0x3_2007), (1, 0x3_2107)))
        .Load(0x3_2000, Cores.Table((0, 0x3_3007)))
        .Load(0x3_3000, Cores.Table((0, 0x3_4007), (1, 0x20_0087), (2, 0x3_6087)))
        .Load(0x3_4000, Cores.Table((0, NoExecute | 0x4_0007), (1, 0x4_0005), (2, 0x4_0003), (3, 0x4_1007)))
        .Load(0x3_5000, Cores.Full(0x3_5007))
        .Load(0x3_8000, Cores.Table(Array.ConvertAll(
            new (int Index, ulong Page)[]
            {
                (0x30, 0x3_0000), (0x31, 0x3_1000), (0x32, 0x3_2000), (0x33, 0x3_3000), (0x34, 0x3_4000), (0x40, 0x7_0000),
            },
            static page => (page.Index, page.Page | Rights | 1))))
        .Build();

    // Quadwords of a device table entry: GCR3 root bits [30:15] at [31:16] of the second.
    private static (int Index, ulong Entry)[] Device(int id, ulong low, ulong gcr3 = 0x3_0000) =>
        [(4 * id, low | Rights | ((gcr3 >> 12 & 7) << 58)), ((4 * id) + 1, 9 | (gcr3 >> 15 << 16))];
}
