using System.Collections.Generic;
using System.Text.Json;
using FastRmp.Addressing;
using FastRmp.Layouts;
using FastRmp.Model;
using FastRmp.Rmp;
using Xunit;

namespace FastRmp.Tests.Corpus;

/// <summary>RMPs of real hosts: what they cover, where they end, and what RMPUPDATE says beside them.</summary>
public sealed class LogTableTests
{
    private const ulong Region = 0x20_0000;

    public static TheoryData<string> Tables() => LogCase.With("rmp_tables");

    public static TheoryData<string> Segments() => LogCase.With("rmp_segments");

    public static TheoryData<string> Updates() => LogCase.With("rmpupdate");

    public static TheoryData<string> Registers() => LogCase.With("rmp_not_reserved");

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_table_covers_what_its_size_says(string name)
    {
        foreach (JsonElement item in LogCase.Open(name).Items("rmp_tables"))
        {
            ContiguousGeometry geometry = LogCase.Geometry(item);
            Assert.Equal(LogCase.Hex(item, "size"), geometry.StorageBytes);
            Assert.Equal(LogCase.Hex(item, "covers_bytes"), geometry.CoveredPages << 12);
            bool coversItself = geometry.TryGetIndex(geometry.Base, out _) && geometry.TryGetIndex(geometry.End, out _);
            Assert.Equal(item.GetProperty("covers_itself").GetBoolean(), coversItself);
            Assert.Equal(item.GetProperty("start_2m_aligned").GetBoolean(), geometry.Base.IsAligned(PageSize.Size2M));
            Assert.Equal(item.GetProperty("end_2m_aligned").GetBoolean(), (geometry.End + 1).IsAligned(PageSize.Size2M));
            Assert.Null(coversItself ? geometry.FirmwareRefusal([]) : null);
            Assert.True(new RmpRegisters(geometry.Base.Value, geometry.End.Value, 0).TryGetContiguous(out ContiguousGeometry same, out _));
            Assert.Equal(geometry, same);
        }
    }

    [Theory]
    [MemberData(nameof(Segments))]
    public void Segments_cover_what_their_sizes_say(string name)
    {
        LogCase log = LogCase.Open(name);
        int shift = System.Numerics.BitOperations.TrailingZeroCount(LogCase.Hex(log.Fact("rmp_segment_size")));
        List<RmpSegment> segments = [];
        foreach (JsonElement item in log.Items("rmp_segments"))
        {
            segments.Add(new RmpSegment(item.GetProperty("index").GetInt32(), LogCase.Hex(item, "covers_bytes") >> 30, LogCase.Hex(item, "start")));
        }

        PhysicalAddress start = PhysicalAddress.Create(LogCase.Hex(log.Fact("rmp_segment_table"), "start"));
        SegmentedGeometry geometry = new(start, shift, segments.ToArray(), ProcessorModel.Turin);
        int number = 0;
        foreach (JsonElement item in log.Items("rmp_segments"))
        {
            PhysicalRange covered = geometry.CoveredRange(number);
            Assert.Equal((LogCase.Hex(item, "covers_start"), LogCase.Hex(item, "covers_end")), (covered.Start.Value, covered.End - 1));
            PhysicalRange own = geometry.OwnRange(++number);
            Assert.Equal((LogCase.Hex(item, "start"), LogCase.Hex(item, "end")), (own.Start.Value, own.End - 1));
            Assert.True(geometry.TryGetEntryAddress(covered.Start, out PhysicalAddress first));
            Assert.Equal(own.Start, first);
        }

        Assert.Equal(LogCase.Hex(log.Fact("rmp_segment_table"), "size"), geometry.OwnRange(0).Length);
        if (log.Root.GetProperty("expect").TryGetProperty("total_covered_bytes", out JsonElement total)) Assert.Equal(LogCase.Hex(total), geometry.CoveredPages << 12);
    }

    [Theory]
    [MemberData(nameof(Updates))]
    public void An_update_in_the_block_that_the_table_ends_in_is_refused_as_on_the_host(string name)
    {
        LogCase log = LogCase.Open(name);
        foreach (JsonElement item in log.Items("rmpupdate"))
        {
            ulong page = LogCase.Hex(item, "phys");
            using ReverseMapTable<ContiguousGeometry> table = new(HostOf(log, page), ProcessorModel.Genoa);
            table.ClaimOwnPages();
            FixRestOfBlock(table, page);
            foreach (JsonElement printed in log.Entries())
            {
                Assert.True(table.TryReadRaw(PhysicalAddress.Create(LogCase.Hex(printed, "pfn") << 12), out RmpEntry entry));
                Assert.Equal(LogEntryTests.Entry(printed), entry);
            }

            RmpUpdateOperand operand = Rmp.Operands.Assign(0x1000, 1, LogCase.Number(item, "pg_level") == 1 ? PageSize.Size4K : PageSize.Size2M);
            RmpResult result = table.RmpUpdate(ExecutionState.Host, PhysicalAddress.Create(page), operand);
            Assert.Equal($"{LogCase.Number(item, "ret")} {item.GetProperty("name").GetString()}", result.ToString());
        }
    }

    [Theory]
    [MemberData(nameof(Registers))]
    public void Registers_that_the_BIOS_left_alone_are_no_table(string name)
    {
        JsonElement registers = LogCase.Open(name).Fact("msrs");
        RmpRegisters values = new(LogCase.Hex(registers, "0xc0010132"), LogCase.Hex(registers, "0xc0010133"), 0);
        Assert.False(values.TryGetContiguous(out _, out string? refusal));
        Assert.Contains("there is no RMP", refusal, System.StringComparison.Ordinal);
    }

    /// <summary>The host's table; if the log does not say where it is, one that ends where its last pages were dumped.</summary>
    private static ContiguousGeometry HostOf(LogCase log, ulong page)
    {
        List<JsonElement> tables = log.Items("rmp_tables");
        if (tables.Count > 0) return LogCase.Geometry(tables[0]);
        ulong block = page & ~(Region - 1);
        uint rest = LogCase.Number(log.Entries()[0], "subpage_count");
        return new ContiguousGeometry(PhysicalAddress.Create(block - 0x1000_0000), PhysicalAddress.Create(block + ((rest + 1UL) << 12) - 1));
    }

    /// <summary>The kernel reserves the rest of the block, and firmware makes what is reserved HV_Fixed.</summary>
    private static void FixRestOfBlock(ReverseMapTable<ContiguousGeometry> table, ulong page)
    {
        ulong block = page & ~(Region - 1);
        for (ulong at = block; at < block + Region; at += 0x1000)
        {
            PhysicalAddress address = PhysicalAddress.Create(at);
            if (table.StateOf(address) == PageState.Hypervisor) Assert.True(table.TryWriteRaw(address, default(RmpEntry).WithImmutable(true)));
        }
    }
}
