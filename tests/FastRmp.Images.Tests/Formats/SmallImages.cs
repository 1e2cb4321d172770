using System;
using System.Buffers.Binary;
using FastRmp.Images.Tests.Codecs;
using FastRmp.Images.Tests.Support;

namespace FastRmp.Images.Tests.Formats;

/// <summary>The smallest whole file of each format.</summary>
internal static class SmallImages
{
    /// <summary>A file of a format.</summary>
    internal static byte[] Of(string kind)
    {
        byte[] page = PackedPages.Page(new Random(6), 3);
        byte[] elf = new CoreBuilder().Cpu(0x1000).Load(0x1000, page).Load(0x8000, page[..64], memorySize: 4096).Build();
        switch (kind)
        {
            case "kdump":
                return Dump(page).Build();
            case "flattened":
                return KdumpBuilder.Flatten(Dump(page).Build(), 9);
            case "flattened elf":
                return KdumpBuilder.Flatten(elf, 5);
            case "excluded":
                return elf;
            case "lime":
                return [.. Range(0x1000, page), .. Range(0x8000, page[..512]), .. Range(0x1_0000_0000, page)];
            case "avml":
                return AvmlBuilder.Image((0x1000, 0x1_2000), (0x10_0000, 0x1000));
            case "xen":
                return XenBuilder.Core([5, 6, 9], 0x5000);
            case "raw":
                return [.. page, .. page];
            case "virtualbox":
                byte[] core = new byte[24];
                BinaryPrimitives.WriteUInt32LittleEndian(core, 0xC01A_C0DE);
                return new CoreBuilder().Note("VBCORE", 0xB00, core).Note("VBCPU", 0xB01, new byte[400]).Load(0x1000, page)
                    .Load(0xFEC0_0000, [], memorySize: 4096).Build();
            default:
                using (ZstdSharp.Compressor compressor = new(1))
                {
                    return compressor.Wrap(elf).ToArray();
                }
        }
    }

    private static KdumpBuilder Dump(byte[] page) => new KdumpBuilder
    {
        Notes = new CoreBuilder().Cpu(0x3000).Build()[(64 + 56)..],
        VmCoreInfo = [.. "OSRELEASE=6.1.0-test\nSYMBOL(swapper_pg_dir)=ffffffff81000000\nNUMBER(phys_base)=-4096\n"u8],
    }.Add(1, page, "zlib").Add(2, page, "lzo").Add(3, page, "snappy").Add(5, page, "zstd").Add(6, page, "");

    private static byte[] Range(ulong start, byte[] content)
    {
        byte[] header = new byte[32];
        "EMiL"u8.CopyTo(header);
        header[4] = 1;
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(8), start);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(16), start + (ulong)content.Length - 1);
        return [.. header, .. content];
    }
}
