using System;
using System.IO;
using System.Linq;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Decode;

/// <summary>Inputs of public bug reports: what was printed goes in as it stands, the answer is the one that the report came to.</summary>
public class ReportTests
{
    [Fact]
    public void The_frame_of_a_poisoned_page_is_the_one_that_the_kernel_named()
    {
        string[] lines = Lines("09-pte-inverted-hwpoison");
        Assert.EndsWith("page 0x61234", lines[0], StringComparison.Ordinal);
        string[] pte = Blocks(Tool.Run("decode", "pte", lines[^1]))[^1];
        Assert.Equal("entry: PTE", pte[0]);
        Assert.Contains("present: 0", pte);
        string frame = Assert.Single(pte, static line => line.StartsWith("frame: ", StringComparison.Ordinal));
        Assert.StartsWith("frame: 0x61234000  inverted: ", frame, StringComparison.Ordinal);
        Assert.DoesNotContain(pte, static line => line.StartsWith("page: ", StringComparison.Ordinal));
        ToolResult fault = Tool.Run("decode", "pf", lines[3]);
        Assert.Equal("meaning: a kernel write of an address that no present page maps; the RMP is not involved", fault.OutputLines[^1]);
    }

    [Fact]
    public void The_entries_of_the_poisoned_page_are_those_of_its_image()
    {
        string report = Lines("09-pte-inverted-hwpoison")[^1];
        string walk = Tool.Run(
            "walk", PathOf("09-pte-inverted-hwpoison/image.core.gz"), "ffff888061234000", "--write", "--cr3", "2c00000").Output;
        foreach (string value in report.Split(' ').Where(static (_, index) => index % 2 == 1))
        {
            Assert.Contains($": {value.PadLeft(16, '0')} ", walk, StringComparison.Ordinal);
        }

        Assert.Contains("fault: #PF 0x2 ", walk, StringComparison.Ordinal);
    }

    [Fact]
    public void The_width_that_makes_the_entry_of_a_device_malformed_is_reported()
    {
        string[] lines = Lines("12-rsvd-guest-width-nested");
        string oops = lines[^2];
        Assert.Contains(
            "reserved: 0x8000000000  bit 39 is reserved if MAXPHYADDR is 39 or less", Blocks(Tool.Run("decode", "pte", oops))[^1]);
        Assert.Contains(
            "reserved: 0x8000000000  bit 39: MAXPHYADDR is 39: #PF with RSVD",
            Blocks(Tool.Run("decode", "pte", oops, "--maxphyaddr", "39"))[^1]);
        Assert.Contains(
            "reserved: none  bit 36, bit 37, bit 38, bit 39: not reserved, MAXPHYADDR is 40",
            Blocks(Tool.Run("decode", "pte", oops, "--maxphyaddr", "40"))[^1]);
        Assert.Equal(
            "meaning: a kernel read that met a reserved bit in a present paging entry; the RMP is not involved",
            Tool.Run("decode", "pf", lines[2]).OutputLines[^1]);
    }

    [Fact]
    public void A_walk_of_the_entry_of_a_device_faults_with_39_address_bits_alone()
    {
        string[] rows = Tool.Run("walk", "--rows", PathOf("12-rsvd-guest-width-nested/rows.tsv")).OutputLines;
        Assert.Equal(["1\t0\t-", "2\t1\t9", "3\t0\t-", "4\t1\tb"], rows.Select(static row => string.Join('\t', row.Split('\t')[..3])));
    }

    [Theory]
    [InlineData(0, "0x405fc00000 (257.496 GiB)")]
    [InlineData(2, "0x2005fc00000 (2049.496 GiB)")]
    [InlineData(3, "0x105fc00000 (65.496 GiB)")]
    [InlineData(4, "0x105fc00000 (65.496 GiB)")]
    public void The_coverage_of_a_table_is_read_from_the_line_that_names_it(int line, string covered)
    {
        string text = Lines("20-rmp-range-how-much")[line];
        ToolResult whole = Tool.Run("decode", "rmp-range", text).SpeaksProperly();
        Assert.Equal(0, whole.Code);
        Assert.Equal("rmp: usable", whole.OutputLines[0]);
        Assert.Contains($"covered: {covered}", whole.OutputLines);
        Assert.Equal(whole.Output, Tool.Run(["decode", "rmp-range", .. text.Split(' ')]).Output);
    }

    [Fact]
    public void The_tables_are_made_and_end_where_the_coverage_does()
    {
        string[] answers = Tool.Run("run", PathOf("20-rmp-range-how-much/script.txt")).SpeaksProperly().OutputLines;
        Assert.Equal(["ok", "ok", "0000000000000000 0000000000000000", "error: not covered", "ok", "ok", "ok"], answers);
    }

    private static string[] Lines(string report) => File.ReadAllLines(PathOf(report + "/input.txt"));

    private static string[][] Blocks(ToolResult result)
    {
        Assert.Equal(0, result.SpeaksProperly().Code);
        return [.. result.Output.Split("\n\n").Select(static block => block.Split('\n', StringSplitOptions.RemoveEmptyEntries))];
    }

    private static string PathOf(string name) => Fixture.PathOf("reports/" + name);
}
