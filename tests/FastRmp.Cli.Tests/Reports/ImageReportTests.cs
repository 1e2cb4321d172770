using System;
using System.IO;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Reports;

/// <summary>Memory images of public bug reports, with the right answer that each has beside it.</summary>
public class ImageReportTests
{
    private const string TextTwice = "reports/25-kdump-vmcore-text-segment/image.core.gz";
    private const string Formats = "reports/27-lime-avml-kdump-formats/";

    public static TheoryData<string, string> Commands => new()
    {
        { "map", "--cr3 2c00000" },
        { "map", "--cr3 2c00000 --ranges" },
        { "walk", "ffff888002c00000 --cr3 2c00000" },
        { "directmap", "--cr3 2c00000" },
        { "dma", "--device-table 2c01000 --entries 16" },
    };

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_kernel_text_that_is_there_twice_is_no_damage(string command, string? options)
    {
        ToolResult result = Tool.Run(Arguments(command, Fixture.PathOf(TextTwice), options));
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        Assert.NotEmpty(result.Output);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_copy_with_another_byte_is_reported_once_with_its_address(string command, string? options)
    {
        byte[] core = Fixture.Gunzipped(TextTwice);
        core[0x1ABC] ^= 1; // the segment of the text has 0x2c01000 at 0x1000
        using TemporaryFile file = new(core);
        ToolResult result = Tool.Run(Arguments(command, file.Path, options));
        result.IsBadInput(file.Path, "overlaps", "with other bytes, the first at 0x2c01abc");
        Assert.Single(result.ErrorLines, static line => line.Contains("overlaps", StringComparison.Ordinal));
        Assert.NotEmpty(result.Output);
    }

    [Fact]
    public void A_lime_image_is_read()
    {
        ToolResult map = Tool.Run("map", Fixture.PathOf(Formats + "mem.lime.gz"), "--cr3", "2c00000", "--tsv");
        Assert.Equal((0, string.Empty), (map.Code, map.Error));
        Assert.NotEmpty(map.OutputLines);
    }

    [Fact]
    public void An_avml_image_that_was_cut_is_told_where() =>
        Tool.Run("map", Fixture.PathOf(Formats + "mem.avml"), "--cr3", "2c00000").IsBadInput(
            "at offset 0x2a: the AVML range at 0x1000 has 0x9e000 bytes, and its compressed data ends or is damaged after 0x0");

    [Theory]
    [InlineData("vmcore.kdump", "is a compressed kdump")]
    [InlineData("vmcore.flat", "is a dump in makedumpfile's flattened form")]
    [InlineData("mem.rawcat.gz", "raw memory")]
    public void Formats_that_are_not_read_are_named_by_every_command(string name, string kind)
    {
        ArgumentNullException.ThrowIfNull(name);
        string path = Fixture.PathOf(Formats + name);
        foreach ((
            string command,
            string options) in ((string, string)[])[("map", ""), ("walk", "1000"), ("directmap", ""), ("dma", "--device-table 1000000")])
        {
            ToolResult result = Tool.Run(Arguments(command, path, options));
            result.IsBadInput($"fastrmp: {path}: ", kind);
            Assert.Empty(result.Output);
            Assert.NotEmpty(result.ErrorLines);
        }

        if (name.StartsWith("mem.raw", StringComparison.Ordinal)) return; // an RMP may be raw
        Tool.RunWith(File.ReadAllBytes(path), Arguments("rmp", "-", "--base 40000000 --end 41003fff")).IsBadInput("fastrmp: -: ", kind);
    }

    [Fact]
    public void A_poisoned_page_of_the_direct_map_is_explained_and_counted_apart()
    {
        string path = Fixture.PathOf("reports/09-pte-inverted-hwpoison/image.core.gz");
        ToolResult walk = Tool.Run("walk", path, "ffff888061234000", "--cr3", "2c00000", "--write");
        Assert.Equal((0, string.Empty), (walk.Code, walk.Error));
        Assert.Contains("800fffff9edcb062", walk.Output, StringComparison.Ordinal);
        Assert.Contains("\n    frame: 0x61234000  inverted: ", walk.Output, StringComparison.Ordinal);
        Assert.Contains("fault: #PF 0x2 ", walk.Output, StringComparison.Ordinal);
        ToolResult map = Tool.Run("directmap", path, "--cr3", "2c00000");
        Assert.Equal((0, string.Empty), (map.Code, map.Error));
        Assert.Contains("taken out of the map: 1 of 4K, 0 of 2M\n", map.Output, StringComparison.Ordinal);
        Assert.Contains("4K             511", map.Output, StringComparison.Ordinal);
        Assert.Contains(
            "\"unmapped_4k\":1,\"unmapped_2m\":0,", Tool.Run("directmap", path, "--cr3", "2c00000", "--json").Output,
            StringComparison.Ordinal);
    }

    private static string[] Arguments(
        string command, string path,
        string? options) => [command, path, .. (options ?? string.Empty).Split(' ', StringSplitOptions.RemoveEmptyEntries)];
}
