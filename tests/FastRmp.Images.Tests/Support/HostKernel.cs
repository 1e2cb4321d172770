using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;

namespace FastRmp.Images.Tests.Support;

/// <summary>
/// A core of an SNP host with 2 GiB: the kernel's tables at 0x1000 to 0x7000, its image at 0xffffffff80000000 (physical 0), its variables
/// at 0x8000, 128 KiB of log at 0x10000, the direct map at 0xffff888000000000. Two RMPs, one contiguous at 0x1000000 for 1 GiB and four
/// regions, one with segments of 1 GiB at 0x2000000; of both the image has the entries of regions 0 to 4 and 512 to 515.
/// </summary>
/// <remarks>
/// Region 0 is mapped by 4K leaves that are alike, and no page is assigned. Region 1, a 2M leaf: page 5 is of ASID 7, page 9 firmware's.
/// Region 2, a 2M leaf: a 2M page of ASID 8. Region 3, 4K leaves: page 3 is of ASID 9. Region 4, a read-only 2M leaf: page 0 is of ASID
/// 9. From region 512 on a 1G leaf: page 511 of region 513 is firmware's, all of region 514 are of ASID 9.
/// </remarks>
internal sealed class HostKernel
{
    internal const string ContiguousLog = "SEV-SNP: RMP table physical range [0x0000000001000000 - 0x000000000140bfff]";
    internal const string Contiguous = "1000000:140bfff";
    internal const ulong SegmentTable = 0x200_4000;
    internal const ulong Configuration = 0x1E01; // segments of 2^30 bytes
    internal const ulong DirectMap = 0xFFFF_8880_0000_0000UL;

    internal const string BaseLog = "SEV-SNP: Segmented RMP base table physical range [0x0000000002000000 - 0x0000000002004fff]";
    internal const string SizeLog = "SEV-SNP: Segmented RMP using 1GB segments";

    internal static readonly string[] SegmentedLog =
    [
        BaseLog, SizeLog, "SEV-SNP: RMP segment 0 physical address [0x3000000 - 0x33fffff] covering [0x0 - 0x3fffffff]",
        "SEV-SNP: RMP segment 1 physical address [0x3800000 - 0x3bfffff] covering [0x40000000 - 0x7fffffff]",
    ];

    internal const string SystemMap =
        "ffffffff80000000 T _stext\nffffffff80001000 D init_top_pgt\nffffffff80008010 b rmp_cfg\n"
        + "ffffffff80008020 b probed_rmp_base_of_something\nffffffff80008008 b probed_rmp_size\nffffffff80008000 b probed_rmp_base\n";

    private const ulong Image = 0xFFFF_FFFF_8000_0000UL;
    private const ulong Leaf = 0x8000_0000_0000_0163UL;
    private const ulong LargeLeaf = 0x8000_0000_0000_01E3UL;

    private readonly byte[] _log;
    private const ulong FirstRecord = 0xFFFF_F000; // its last three bits are its place

    private readonly int _logBits;
    private readonly List<int> _lengths = [];
    private readonly List<(ulong Start, byte[] Content)> _extra = [];
    private int _logged;

    /// <param name="logBits">Its log has two to the power of this many bytes.</param>
    internal HostKernel(int logBits = 17)
    {
        _logBits = logBits;
        _log = new byte[1 << logBits];
    }

    /// <summary>The kernel's variables: probed_rmp_base, probed_rmp_size, rmp_cfg.</summary>
    internal ulong[] Variables { get; } = new ulong[3];

    internal ulong[] Segments { get; } = [0x300_0001, 0x380_0001, .. new ulong[510]];

    internal string Notes { get; set; } =
        "OSRELEASE=7.3.4\nSYMBOL(swapper_pg_dir)=ffffffff80001000\nSYMBOL(_stext)=ffffffff80000000\nNUMBER(phys_base)=0\n"
        + "NUMBER(pgtable_l5_enabled)=0\nKERNELOFFSET=0\nSYMBOL(prb)=ffffffff80008100\n"
        + "OFFSET(printk_ringbuffer.text_data_ring)=40\nOFFSET(prb_data_ring.size_bits)=0\nOFFSET(prb_data_ring.data)=8\n";

    internal bool HasEntries { get; set; } = true;

    /// <summary>Whether the image has the entries between regions 4 and 512, too: all zero.</summary>
    internal bool IsWhole { get; set; }

    internal bool HasSegmentTable { get; set; } = true;

    /// <summary>Writes messages into the log, each in a block as the kernel lays them out.</summary>
    internal HostKernel Log(params string[] messages)
    {
        foreach (string message in messages)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(_log.AsSpan(_logged), 0xFFFF_FFFF_FFFF_8000UL + (ulong)_logged);
            Encoding.ASCII.GetBytes(message).CopyTo(_log, _logged + 8);
            _logged = (_logged + 8 + message.Length + 1 + 7) & ~7;
        }

        return this;
    }

    /// <summary>Writes messages as a kernel leaves them that keeps their lengths: moved over their level, so that two characters and the
    /// line end of the message stay behind it.</summary>
    internal HostKernel LogRecords(params string[] messages)
    {
        Notes += "OFFSET(printk_ringbuffer.desc_ring)=0\nOFFSET(prb_desc_ring.count_bits)=0\nOFFSET(prb_desc_ring.descs)=8\n"
            + "OFFSET(prb_desc_ring.infos)=16\nSIZE(prb_desc)=24\nOFFSET(prb_desc.state_var)=0\nSIZE(printk_info)=88\n"
            + "OFFSET(printk_info.text_len)=16\n";
        foreach (string message in messages)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(_log.AsSpan(_logged), FirstRecord + (ulong)_lengths.Count);
            Encoding.ASCII.GetBytes(message + message[^2..] + "\n").CopyTo(_log, _logged + 8);
            _logged = (_logged + 8 + message.Length + 3 + 7) & ~7;
            _lengths.Add(message.Length);
        }

        return this;
    }

    /// <summary>Goes on at an offset of the log.</summary>
    internal HostKernel LogAt(int offset)
    {
        _logged = offset;
        return this;
    }

    /// <summary>More memory.</summary>
    internal HostKernel Extra(ulong start, byte[] content)
    {
        _extra.Add((start, content));
        return this;
    }

    internal byte[] Build()
    {
        CoreBuilder core = new CoreBuilder()
            .Note("VMCOREINFO", 0, Encoding.ASCII.GetBytes(Notes))
            .Load(0x1000, Table((273, 0x2067), (511, 0x5067)))
            .Load(0x2000, Table((0, 0x3067), (1, 0x4000_0000 | LargeLeaf)))
            .Load(0x3000, Table((0, 0x4063), (1, 0x20_0000 | LargeLeaf), (2, 0x40_0000 | LargeLeaf), (3, 0x7063),
                (4, 0x80_0000 | (LargeLeaf & ~2UL))))
            .Load(0x4000, Pages(0))
            .Load(0x5000, Table((510, 0x6067)))
            .Load(0x6000, Table((0, 0x1E3)))
            .Load(0x7000, Pages(3UL << 21))
            .Load(0x8000, VariablePage())
            .Load(0x1_0000, _log);
        if (HasSegmentTable) core.Load(SegmentTable, Words(Segments));
        if (HasEntries)
        {
            (byte[] low, byte[] high) = Entries();
            if (IsWhole)
            {
                byte[] zeros = new byte[0x40_0000 - low.Length];
                core.Load(0x100_4000, [.. low, .. zeros, .. high]);
                core.Load(0x300_0000, [.. low, .. zeros]).Load(0x380_0000, [.. high, .. new byte[0x40_0000 - high.Length]]);
            }
            else
            {
                core.Load(0x100_4000, low).Load(0x140_4000, high).Load(0x300_0000, low).Load(0x380_0000, high);
            }
        }

        foreach ((ulong start, byte[] content) in _extra) core.Load(start, content);
        return core.Build();
    }

    private static (byte[] Low, byte[] High) Entries()
    {
        ulong[] low = new ulong[5 * 1024];
        ulong[] high = new ulong[4 * 1024];
        low[(512 + 0) * 2] = 2 << 3;
        low[(512 + 5) * 2] = 0x0038_0000_0000_0001;
        low[(512 + 9) * 2] = 0x8000_0000_0000_0005;
        for (int page = 0; page < 512; page++)
        {
            low[(1024 + page) * 2] = page == 0 ? 0x0040_0000_4000_0003UL : 1;
            high[(1024 + page) * 2] = page == 0 ? 0x0048_0000_0000_0FF9UL : 0x0048_0000_0000_0001UL;
        }

        low[1536 * 2] = 1 << 3;
        low[(1536 + 3) * 2] = 0x0048_0000_0000_0001;
        low[2048 * 2] = 0x0048_0000_0000_0001;
        high[512 * 2] = 1 << 3;
        high[(512 + 511) * 2] = 0x8000_0000_0000_0005;
        return (Words(low), Words(high));
    }

    private byte[] VariablePage()
    {
        ulong[] page = new ulong[512];
        Variables.CopyTo(page, 0);
        page[0x100 / 8] = Image + 0x8200;
        page[(0x200 + 40) / 8] = (ulong)_logBits;
        page[(0x200 + 48) / 8] = Image + 0x1_0000;
        page[0x200 / 8] = 3; // eight records
        page[0x208 / 8] = Image + 0x8400;
        page[0x210 / 8] = Image + 0x8600;
        for (int i = 0; i < _lengths.Count; i++)
        {
            page[(0x400 + (24 * i)) / 8] = (FirstRecord + (ulong)i) | (2UL << 62); // finalized
            page[(0x600 + (88 * i) + 16) / 8] = (ulong)_lengths[i] | (5UL << 16); // and facility and flags
        }

        return Words(page);
    }

    private static byte[] Pages(ulong start)
    {
        ulong[] pages = new ulong[512];
        for (ulong index = 0; index < 512; index++)
        {
            pages[index] = (start + (index * 0x1000)) | Leaf;
        }

        if (start != 0) pages[3] |= 0x800; // KERNEL_4K
        return Words(pages);
    }

    private static byte[] Table(params (int Index, ulong Entry)[] entries)
    {
        ulong[] table = new ulong[512];
        foreach ((int index, ulong entry) in entries) table[index] = entry;
        return Words(table);
    }

    private static byte[] Words(ulong[] words)
    {
        byte[] bytes = new byte[words.Length * 8];
        for (int index = 0; index < words.Length; index++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(index * 8), words[index]);
        }

        return bytes;
    }
}
