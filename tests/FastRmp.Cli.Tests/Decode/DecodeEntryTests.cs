using System;
using System.Linq;
using FastRmp.Cli.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Decode;

public class DecodeEntryTests
{
    [Theory]
    [InlineData("7000000000010001", null, "1", "maps a page of 4K", "65536", "4096")]
    [InlineData("7000000000010E01", null, "1", "maps a page of 8K, in 2 entries of the same value", "65536", "8192")]
    [InlineData("0x7000000000047E01", "1", "1", "maps a page of 64K, in 16 entries of the same value", "262144", "65536")]
    [InlineData("0x7000000000200001", "2", "2", "maps a page of 2M", "2097152", "2097152")]
    [InlineData("0x70000000005FFE01", null, "2", "maps a page of 4M, in 2 entries of the same value", "4194304", "4194304")]
    [InlineData("0x70000000BFFFFE01", null, "3", "maps a page of 2G, in 2 entries of the same value", "2147483648", "2147483648")]
    public void A_page_of_the_IOMMU_is_decoded(string value, string? level, string shownLevel, string kind, string page, string size)
    {
        ToolResult result = (level is null
            ? Tool.Run("decode", "iopte", value)
            : Tool.Run("decode", "iopte", value, "--level", level)).SpeaksProperly();
        Assert.Equal(0, result.Code);
        Assert.Equal($"level: {shownLevel}", result.OutputLines[0]);
        Assert.Equal($"kind: {kind}", result.OutputLines[1]);
        Assert.Contains($"page: 0x{ulong.Parse(page, System.Globalization.CultureInfo.InvariantCulture):x}", result.OutputLines);
        Assert.Contains($"size: {size}", result.OutputLines);
        Assert.Contains("ir: 1", result.OutputLines);
        Assert.Contains("force_coherent: 1", result.OutputLines);
    }

    [Theory]
    [InlineData("0", "1", "not present: all other bits are ignored")]
    [InlineData("1", "4", "malformed: no page of that size exists at level 4; IO_PAGE_FAULT with PR")]
    [InlineData("2601", "3", "malformed: a table of level 3 cannot be below level 3; IO_PAGE_FAULT with PR")]
    [InlineData("2401", "3", "points to a table of level 2")]
    [InlineData("2201", "4", "points to a table of level 1 and skips 2: the address bits between must be 0")]
    [InlineData("0400000000010001", "1", "reserved bits are set (0x400000000000000): IO_PAGE_FAULT with PR and RZ")]
    [InlineData("1800000000010201", "2", "reserved bits are set (0x1800000000000000): IO_PAGE_FAULT with PR and RZ")]
    [InlineData("1800000000010001", "1", "maps a page of 4K")]
    [InlineData("F_FFFFFFFFFE01", "1", null)]
    [InlineData("FFFFFFFFFFE01", "1", "malformed: no page of that size exists at level 1; IO_PAGE_FAULT with PR")]
    public void Other_entries_of_the_IOMMU_are_reported(string value, string level, string? kind)
    {
        ToolResult result = Tool.Run("decode", "iopte", value, "--level", level);
        if (kind is null) result.IsUsageError($"HEX: '{value}' is not a hexadecimal number of at most 64 bits");
        else Assert.Equal($"kind: {kind}", result.OutputLines[1]);
    }

    [Fact]
    public void A_device_table_entry_is_decoded_field_by_field()
    {
        ToolResult result = Tool.Run("decode", "dte", "6000000101234603", "0x7", "0", "0").SpeaksProperly();
        Assert.Equal("kind: tables of 3 levels", result.OutputLines[0]);
        foreach (string line in new[] { "valid: 1", "mode: 3", "root: 0x101234000", "ir: 1", "iw: 1", "domain: 7", "gcr3_root: 0x0" })
        {
            Assert.Contains(line, result.OutputLines);
        }

        Assert.DoesNotContain(result.OutputLines, static line => line.StartsWith("reserved", StringComparison.Ordinal));
        string[] ones = Tool.Run(
            "decode", "dte", "FFFFFFFFFFFFFFFF", "FFFFFFFFFFFFFFFF", "FFFFFFFFFFFFFFFF", "FFFFFFFFFFFFFFFF").OutputLines;
        Assert.Contains("gcr3_root: 0xffffffffff000", ones);
        Assert.Contains("interrupt_table: 0xfffffffffffc0", ones);
        Assert.Equal(
            ["reserved: 0x800000000000007c of quadword 0", "reserved: 0x40000000000 of quadword 1",
                "reserved: 0x830000000000000 of quadword 2", "reserved: 0x3fffffffffffff of quadword 3"],
            ones.Where(static line => line.StartsWith("reserved", StringComparison.Ordinal)).Select(static line => line.Split("  ")[0]));
    }

    [Fact]
    public void Entries_of_the_processor_are_decoded_by_level()
    {
        string[] large = Tool.Run("decode", "pte", "8000000000a000e3", "--level", "2").SpeaksProperly().OutputLines;
        Assert.Equal(["entry: PDE", "kind: maps a page of 2M"], large[..2]);
        Assert.Contains("page: 0xa00000", large);
        Assert.Contains("no_execute: 1", large);
        string[] two = Tool.Run("decode", "pte", "7001", "0").OutputLines;
        Assert.Equal("entry: PTE", two[0]);
        int second = Array.LastIndexOf(two, "entry: PTE");
        Assert.Equal(["entry: PTE", "kind: not present: all other bits are ignored"], two[second..(second + 2)]);
    }

    [Theory]
    [InlineData("pte", "6", 5)]
    [InlineData("iopte", "7", 6)]
    [InlineData("iopte", "0", 6)]
    public void Levels_that_do_not_exist_are_refused(string kind, string level, int highest) =>
        Tool.Run("decode", kind, "1", "--level", level).IsUsageError($"--level: there is no level {level}; 1 to {highest}");

    [Theory]
    [InlineData("1 2 3", "Q3 is missing: four quadwords, or eight 32-bit words or 32 bytes are needed, lowest first; there are 3 numbers")]
    [InlineData("1 2 3 4 5", "four quadwords, or eight 32-bit words or 32 bytes are needed, lowest first; there are 5 numbers")]
    [InlineData(
        "1 2 3 4 5 6 7 100000000", "four quadwords, or eight 32-bit words or 32 bytes are needed, lowest first; there are 8 numbers")]
    [InlineData("1 2 3 zz", "Q3: 'zz' is not a hexadecimal number of at most 64 bits")]
    [InlineData("DTE[0]: 1 DTE[1]: 2 DTE[3]: 4", "DTE[2] is missing")]
    [InlineData("DTE[0]: 1 DTE[1]: 2 DTE[2]: 3 DTE[4]: 4", "DTE[4]: an index from 0 to 3 is expected")]
    [InlineData("DTE[0]: 1 DTE[0]: 2 DTE[1]: 0 DTE[2]: 3 DTE[3]: 4", "DTE[0] is there twice: one entry at a time")]
    [InlineData("DTE[0]: 1 DTE[1]: zz DTE[2]: 3 DTE[3]: 4", "DTE[1]: 'zz' is not a hexadecimal number of at most 64 bits")]
    [InlineData("DTE[0]: 1 DTE[", "DTE[]: an index from 0 to 3 is expected")]
    public void A_device_table_entry_needs_four_quadwords(string printed, string message)
    {
        ArgumentNullException.ThrowIfNull(printed);
        Tool.Run("decode", "dte", printed).IsUsageError(message);
        Tool.Run(["decode", "dte", .. printed.Split(' ')]).IsUsageError(message);
    }

    [Theory]
    [InlineData("7d90000000000003 0000100103fc0009 2000000117840013 0")]
    [InlineData("0x7D90000000000003 0x0000100103FC0009 0X2000000117840013 0x0")]
    [InlineData("7d90000000000003, 0000100103fc0009, 2000000117840013, 0000000000000000")]
    [InlineData("{0x7d90000000000003,0x0000100103fc0009,0x2000000117840013,0x0}")]
    [InlineData("7d90000000000003:0000100103fc0009:2000000117840013:0000000000000000")]
    [InlineData("00000003 7d900000 03fc0009 00001001 17840013 20000000 00000000 00000000")]
    [InlineData("0x00000003, 0x7d900000, 0x03fc0009, 0x00001001, 0x17840013, 0x20000000, 0x0, 0x0")]
    [InlineData("03 00 00 00 00 00 90 7d 09 00 fc 03 01 10 00 00 13 00 84 17 01 00 00 20 00 00 00 00 00 00 00 00")]
    [InlineData(
        "AMD-Vi: DTE[0]: 7d90000000000003\nAMD-Vi: DTE[1]: 0000100103fc0009\nAMD-Vi: DTE[2]: 2000000117840013\n"
            + "AMD-Vi: DTE[3]: 0000000000000000")]
    [InlineData(
        "[    0.812345] AMD-Vi: DTE[0]: 7d90000000000003\r\n[    0.812346] AMD-Vi: DTE[1]: 0000100103fc0009\r\n"
            + "[    0.812347] AMD-Vi: DTE[2]: 2000000117840013\r\n[    0.812348] AMD-Vi: DTE[3]: 0000000000000000\r\n")]
    [InlineData("DTE[3]: 0 DTE[2]: 2000000117840013 DTE[1]: 0000100103fc0009 DTE[0]: 7d90000000000003")]
    [InlineData("DTE[0]=0x7d90000000000003 DTE[1]=0x0000100103fc0009 DTE[2]=0x2000000117840013 DTE[3]=0x0")]
    [InlineData(
        "DeviceId             QWORD[3]         QWORD[2]         QWORD[1]         QWORD[0] iommu\n"
            + "0000:06:00.0 0000000000000000 2000000117840013 0000100103fc0009 7d90000000000003 iommu0")]
    public void A_device_table_entry_is_taken_as_it_is_printed(string printed)
    {
        ArgumentNullException.ThrowIfNull(printed);
        string[] lines = Tool.Run("decode", "dte", printed).SpeaksProperly().OutputLines;
        Assert.Contains("gcr3_root: 0x101fe7000", lines);
        Assert.Contains("ppr: 1", lines);
        Assert.Contains("domain: 9", lines);
        Assert.Equal(
            lines, Tool.Run(["decode", "dte", .. printed.Split(null as char[], StringSplitOptions.RemoveEmptyEntries)]).OutputLines);
    }

    [Theory]
    [InlineData("600000010123468b 7 0 0", "illegal: reserved bit 3 is set; ")]
    [InlineData("e000000101234603 7 0 0", "illegal: reserved bit 63 is set; ")]
    [InlineData("6000000101234603 0000040000000007 0 0", "illegal: reserved bit 106 is set; ")]
    [InlineData("6000000101234603 7 0030000000000000 0", "illegal: reserved bits 180 to 181 are set; ")]
    [InlineData("6000000101234603 7 0 003fffffffffffff", "illegal: reserved bits 192 to 245 are set; ")]
    [InlineData(
        "6000000101234627 7 0 0000000000000005",
        "illegal: reserved bit 2 is set, reserved bit 5 is set, reserved bit 192 is set, reserved bit 194 is set; ")]
    [InlineData("6000000101234603 7 0 ffc0000000000000", "legal")]
    [InlineData("ffffffffffffffFE ffffffffffffffff ffffffffffffffff ffffffffffffffff", "legal: V = 0")]
    public void Reserved_bits_of_a_device_table_entry_are_named_in_both_verdicts(string words, string verdict)
    {
        ArgumentNullException.ThrowIfNull(words);
        ArgumentNullException.ThrowIfNull(verdict);
        string[] lines = Tool.Run(["decode", "dte", .. words.Split(' ')]).OutputLines;
        Assert.StartsWith("without_snp: " + verdict, lines[1], StringComparison.Ordinal);
        Assert.StartsWith("with_snp: " + verdict, lines[2], StringComparison.Ordinal);
        Assert.Equal(
            verdict.Contains("V = 0", StringComparison.Ordinal),
            Array.Exists(lines, static line => line.EndsWith("and not looked at", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(
        "6380000000000003 0 0 0", "kind: guest (v2) tables, reserved number of GCR3 levels (GLX 3): ILLEGAL_DEV_TABLE_ENTRY",
        "GLX 3 is reserved")]
    [InlineData(
        "6080000000000003 0 0080000000000000 0",
        "kind: guest (v2) tables, invalid number of levels (GuestPagingMode 2): ILLEGAL_DEV_TABLE_ENTRY",
        "GuestPagingMode 2 is not a number of levels")]
    [InlineData("6080000000000e03 0 0 0", "kind: reserved mode: ILLEGAL_DEV_TABLE_ENTRY", "Mode 7 is reserved")]
    public void The_kind_of_an_impossible_entry_is_no_kind(string words, string kind, string reason)
    {
        ArgumentNullException.ThrowIfNull(words);
        string[] lines = Tool.Run(["decode", "dte", .. words.Split(' ')]).OutputLines;
        Assert.Equal(kind, lines[0]);
        Assert.Contains(reason, lines[1], StringComparison.Ordinal);
    }
}
