using System;
using System.Collections.Generic;
using System.Text.Json;
using FastRmp.Tests.Rmp;
using Xunit;

namespace FastRmp.Tests.Logs;

/// <summary>Tables, segments and ASIDs of real machines, and what RMPUPDATE said beside a table.</summary>
public sealed class LoggedTableTests
{
    public static TheoryData<string> WithTables() => RmpLog.With("rmp_tables");

    public static TheoryData<string> WithAsids() => RmpLog.With("asids");

    [Theory]
    [MemberData(nameof(WithTables))]
    public void A_table_covers_what_was_computed_from_its_ends(string name)
    {
        RmpLog log = RmpLog.Load(name);
        foreach (JsonElement logged in log.All("rmp_tables"))
        {
            ContiguousGeometry geometry = Contiguous(logged);
            Assert.Equal(RmpLog.Number(logged, "size"), geometry.StorageBytes);
            Assert.Equal(RmpLog.Number(logged, "covers_bytes"), geometry.CoveredRange(0).Length);
            Assert.Equal(logged.GetProperty("start_2m_aligned").GetBoolean(), geometry.Base.IsAligned(PageSize.Size2M));
            Assert.Equal(logged.GetProperty("end_2m_aligned").GetBoolean(), (geometry.End.Value + 1) % ModelPair.RegionBytes == 0);
            Assert.Equal(logged.GetProperty("covers_itself").GetBoolean(), geometry.FirmwareRefusal([]) is null);
            if (log.Expect.TryGetProperty("covers_top_mem2", out JsonElement covers))
            {
                PhysicalAddress last = PhysicalAddress.Create(RmpLog.Number(log.Expect.GetProperty("msrs"), "top_mem2") - 1);
                Assert.Equal(covers.GetBoolean(), geometry.TryGetIndex(last, out _));
            }
        }
    }

    [Fact]
    public void Registers_that_a_BIOS_left_alone_are_no_table()
    {
        RmpLog log = RmpLog.Load("021");
        JsonElement msrs = log.Expect.GetProperty("msrs");
        RmpRegisters registers = new(RmpLog.Number(msrs, "0xc0010132"), RmpLog.Number(msrs, "0xc0010133"), 0);
        Assert.Equal(log.Expect.GetProperty("rmp_not_reserved").GetBoolean(), !registers.TryGetContiguous(out _, out string? refusal));
        Assert.NotNull(refusal);
    }

    [Fact]
    public void A_segmented_table_covers_what_was_printed()
    {
        RmpLog log = RmpLog.Load("012");
        List<RmpSegment> segments = [];
        foreach (JsonElement segment in log.All("rmp_segments"))
        {
            segments.Add(
                new RmpSegment(
                    (int)RmpLog.Number(segment, "index"), RmpLog.Number(segment, "covers_bytes") >> 30, RmpLog.Number(segment, "start")));
        }

        JsonElement header = log.Expect.GetProperty("rmp_segment_table");
        int shift = System.Numerics.BitOperations.Log2(RmpLog.Number(log.Expect, "rmp_segment_size"));
        SegmentedGeometry geometry = new(PhysicalAddress.Create(RmpLog.Number(header, "start")), shift, segments.ToArray(), log.Processor!);
        Assert.Equal(RmpLog.Number(log.Expect, "total_covered_bytes"), geometry.CoveredPages << 12);
        Assert.Equal(RmpLog.Number(header, "size"), geometry.OwnRange(0).Length);
        int range = 0;
        foreach (JsonElement segment in log.All("rmp_segments"))
        {
            Assert.Equal(RmpLog.Number(segment, "covers_start"), geometry.CoveredRange(range).Start.Value);
            Assert.Equal(RmpLog.Number(segment, "covers_end"), geometry.CoveredRange(range).End - 1);
            Assert.Equal(RmpLog.Number(segment, "size"), geometry.OwnRange(++range).Length);
        }

        foreach (JsonElement index in log.All("segments_not_printed"))
        {
            Assert.False(geometry.TryGetIndex(PhysicalAddress.Create(RmpLog.Number(index) << shift), out _));
        }
    }

    [Theory]
    [MemberData(nameof(WithAsids))]
    public void RMPUPDATE_takes_every_ASID_of_the_machine_and_no_more(string name)
    {
        RmpLog log = RmpLog.Load(name);
        bool isVirtual = log.Expect.TryGetProperty("sev_asid_range_empty", out _);
        bool hasAll = log.Expect.GetProperty("asids").TryGetProperty("sev", out JsonElement range);
        if (log.Processor is not { } processor || isVirtual || !hasAll) return;
        uint highest = (uint)RmpLog.Number(range[1]);
        using ModelPair pair = new(1, processor, ModelChoices.Default);
        Assert.True(pair.Update(0x1000, Operands.Assign(0, highest)).IsSuccess);
        Assert.Equal(RmpStatus.FailInput, pair.Update(0x2000, Operands.Assign(0, highest + 1)).Status);
        Assert.Equal(highest, processor.MaxAsid);
    }

    [Fact]
    public void ASIDs_of_all_kinds_add_up_to_what_the_processor_has()
    {
        RmpLog log = RmpLog.Load("020");
        JsonElement counts = log.Expect.GetProperty("asid_counts");
        Assert.Equal(log.Processor!.MaxAsid, RmpLog.Number(counts, "sev") + RmpLog.Number(counts, "sev_es_and_snp"));
    }

    /// <summary>
    /// The block of 2 MiB around the end of the table is reserved, and so HV_Fixed where it is not a table: firmware got the list at
    /// SNP_INIT.
    /// </summary>
    [Theory]
    [InlineData("003", "003")]
    [InlineData("015", "016")]
    public void RMPUPDATE_refuses_what_follows_the_table_in_its_last_block(string refused, string table)
    {
        JsonElement logged = RmpLog.Load(table).Expect.GetProperty("rmp_tables")[0];
        JsonElement update = RmpLog.Load(refused).Expect.GetProperty("rmpupdate")[0];
        ContiguousGeometry geometry = Contiguous(logged);
        ulong block = geometry.End.Value & ~(ModelPair.RegionBytes - 1);
        using ModelPair pair = new(geometry, ProcessorModel.Genoa, ModelChoices.Default);
        pair.Enable();
        Fix(pair, PhysicalAddress.Create(block));

        ulong page = RmpLog.Number(update, "phys");
        Assert.Equal(block, page & ~(ModelPair.RegionBytes - 1));
        PageSize size = RmpLog.Number(update, "page_size") == 0x1000 ? PageSize.Size4K : PageSize.Size2M;
        string expected = FormattableString.Invariant($"{RmpLog.Number(update, "ret")} {update.GetProperty("name").GetString()}");
        Assert.Equal(expected, pair.Update(page, Operands.Assign(0, 1, size)).ToString());
        Assert.Equal(PageState.HvFixed, pair.StateOf(page));
        Assert.Equal("0 SUCCESS", pair.Update(block + ModelPair.RegionBytes + (page - block), Operands.Assign(0, 1, size)).ToString());

        // Reading of the dump: the page is the hypervisor's, and yet no large mapping may write beside the table.
        Assert.Equal(0UL, pair.HostAccess(AccessKind.Write, page, PageSize.Size4K, user: false));
        Assert.Equal(0x8000_0003UL, pair.HostAccess(AccessKind.Write, page, PageSize.Size2M, user: false));
        pair.CompareRegion(block / ModelPair.RegionBytes);
    }

    [Fact]
    public void The_tables_own_pages_are_the_entries_that_were_dumped()
    {
        RmpLog dump = RmpLog.Load("015");
        ContiguousGeometry geometry = Contiguous(RmpLog.Load("016").Expect.GetProperty("rmp_tables")[0]);
        JsonElement relation = dump.Expect.GetProperty("relations");
        Assert.Equal(RmpLog.Number(relation.GetProperty("assigned_4k_pages_if_table_ends_at"), "rmp_table_end"), geometry.End.Value);
        using ModelPair pair = new(geometry, ProcessorModel.Genoa, ModelChoices.Default);
        pair.Enable();
        foreach (JsonElement logged in dump.Entries())
        {
            Assert.Equal(LoggedEntryTests.Entry(logged), pair.Raw(RmpLog.Number(logged, "pfn") << 12));
        }

        ulong block = RmpLog.Number(dump.Expect.GetProperty("unassigned_regions")[0], "start_pfn") << 12;
        Assert.Equal(RmpLog.Number(relation, "subpage_count_of_base"), pair.Raw(block).SubpageCount);
        Assert.Equal(
            (int)RmpLog.Number(relation.GetProperty("assigned_4k_pages_if_table_ends_at"), "assigned_pages"),
            AssignedScan.Count(pair.Table.Region(PhysicalAddress.Create(block))));

        // A block that is the table's alone counts all the others.
        Assert.Equal(511, pair.Raw(block - ModelPair.RegionBytes).SubpageCount);
        Assert.Equal(512, AssignedScan.Count(pair.Table.Region(PhysicalAddress.Create(block - ModelPair.RegionBytes))));
        pair.CompareRegion(block / ModelPair.RegionBytes);
    }

    private static ContiguousGeometry Contiguous(JsonElement logged) =>
        new(PhysicalAddress.Create(RmpLog.Number(logged, "start")), PhysicalAddress.Create(RmpLog.Number(logged, "end")));

    /// <summary>
    /// Makes a block HV_Fixed but for the RMP's own pages: by SNP_INIT where the table is small enough to be written whole, else page by
    /// page.
    /// </summary>
    private static void Fix(ModelPair pair, PhysicalAddress block)
    {
        const ulong Small = 1UL << 28;
        if (pair.Geometry.StorageBytes <= Small)
        {
            PhysicalRange log = new(PhysicalAddress.Create(0), 0x1000);
            Assert.Equal(0, pair.SnpInit(new PhysicalRange(block, ModelPair.RegionBytes), log));
            return;
        }

        for (ulong page = pair.Geometry.End.Value + 1; page < block.Value + ModelPair.RegionBytes; page += ModelPair.PageBytes)
        {
            pair.Poke(page, 0x4, 0);
        }
    }
}
