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
        ToolResult result = (level is null ? Tool.Run("decode", "iopte", value) : Tool.Run("decode", "iopte", value, "--level", level)).SpeaksProperly();
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
    [InlineData("1", "4", "malformed: no page of that size stands at level 4; IO_PAGE_FAULT with PR")]
    [InlineData("2601", "3", "malformed: a table of level 3 cannot be below level 3; IO_PAGE_FAULT with PR")]
    [InlineData("2401", "3", "points to a table of level 2")]
    [InlineData("2201", "4", "points to a table of level 1 and skips 2: the address bits between must be 0")]
    [InlineData("0400000000010001", "1", "reserved bits are set (0x400000000000000): IO_PAGE_FAULT with PR and RZ")]
    [InlineData("1800000000010201", "2", "reserved bits are set (0x1800000000000000): IO_PAGE_FAULT with PR and RZ")]
    [InlineData("1800000000010001", "1", "maps a page of 4K")]
    [InlineData("F_FFFFFFFFFE01", "1", null)]
    [InlineData("FFFFFFFFFFE01", "1", "malformed: no page of that size stands at level 1; IO_PAGE_FAULT with PR")]
    public void Other_entries_of_the_IOMMU_are_told(string value, string level, string? kind)
    {
        ToolResult result = Tool.Run("decode", "iopte", value, "--level", level);
        if (kind is null) result.IsUsageError($"HEX: '{value}' is no hexadecimal number of at most 64 bits");
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
        string[] ones = Tool.Run("decode", "dte", "FFFFFFFFFFFFFFFF", "FFFFFFFFFFFFFFFF", "FFFFFFFFFFFFFFFF", "FFFFFFFFFFFFFFFF").OutputLines;
        Assert.Contains("gcr3_root: 0xffffffffff000", ones);
        Assert.Contains("interrupt_table: 0xfffffffffffc0", ones);
        Assert.Equal(
            ["reserved: 0x800000000000007c of quadword 0", "reserved: 0x40000000000 of quadword 1", "reserved: 0x830000000000000 of quadword 2", "reserved: 0x3fffffffffffff of quadword 3"],
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

    [Fact]
    public void A_device_table_entry_needs_four_quadwords()
    {
        Tool.Run("decode", "dte", "1", "2", "3").IsUsageError("Required argument 'Q3' missing for command: 'dte'.");
        Tool.Run("decode", "dte", "1", "2", "3", "zz").IsUsageError("Q3: 'zz' is no hexadecimal number of at most 64 bits");
    }
}
