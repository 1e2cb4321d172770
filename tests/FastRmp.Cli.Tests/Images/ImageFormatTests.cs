using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Formats;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Images;

/// <summary>The image commands over one machine's memory in every format: the same answer, byte for byte.</summary>
public class ImageFormatTests
{
    private const string Root = "1050de000"; // CR3 of processor 0

    public static TheoryData<string> Files
    {
        get
        {
            List<string> names = [];
            foreach (string path in Directory.GetFiles(Fixture.PathOf("images"), "*.zst", SearchOption.AllDirectories))
            {
                if (IsOfOneMoment(Name(path))) names.Add(Name(path));
            }

            names.Sort(StringComparer.Ordinal);
            return [.. names];
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Map_walk_and_directmap_are_the_same_in_every_format(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string[] map = Line("map", name, "--cr3", Root, "--tsv");
        Same(Line("map", "qemu/core.elf.zst", "--cr3", Root, "--tsv"), map);
        Same(Line("map", "qemu/core.elf.zst", "--cr3", Root, "--ranges", "--tsv"), Line("map", name, "--cr3", Root, "--ranges", "--tsv"));
        string[] addresses = ["ffff8eca00100000", "ffffffff8b010000", "400000", "ffffd39280000000", "1234", "ffff8ecb05232000"];
        Same([.. Line("walk", "qemu/core.elf.zst", addresses), "--cr3", Root], [.. Line("walk", name, addresses), "--cr3", Root]);
        Same(Line("directmap", "qemu/core.elf.zst", "--cr3", Root), Line("directmap", name, "--cr3", Root));
    }

    [Fact]
    public void Info_tells_what_an_image_is()
    {
        ToolResult result = Tool.Run(Line("info", "makedumpfile/zstd-d31.kdump.zst"));
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        foreach (string line in (string[])[
            "format:      compressed kdump, pages in zstd, dump level 31, packed with zstd",
            "written by:  makedumpfile, from a core of QEMU",
            "kernel:      6.1.0-57-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.192-3 (2026-11-26)",
            "tables:      the kernel's are at 0x102410000, four levels, by VMCOREINFO",
            "KASLR:       kernel image moved by 0x8600000 (KERNELOFFSET)",
            "             phys_base 0xf7400000",
            "             direct map at 0xffff8eca00000000",
            "missing:     118884 kB of memory that were excluded by dump level 31 (zero, cache, private cache, user, free pages)"])
        {
            Assert.Contains(line, result.OutputLines);
        }

        Assert.Contains("0: CR0 0x80050033 CR2 0x9653730 CR3 0x1050de000 CR4 0x6f0", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "", "pages not compressed")]
    [InlineData(2, "", "pages in lzo by the header's flags, all stored plain")]
    [InlineData(2, "lzo", "pages in lzo")]
    [InlineData(2, "zstd", "pages in zstd (the header's flags name lzo)")]
    [InlineData(0, "zlib", "pages in zlib (the header's flags name no compression)")]
    public void Info_tells_how_the_pages_of_a_kdump_are_stored(uint status, string codec, string text)
    {
        using TemporaryFile file = new(new KdumpBuilder { Status = status }.Add(1, new byte[4096], codec).Build());
        ToolResult result = Tool.Run("info", file.Path);
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        Assert.Contains($"format:      compressed kdump, {text}, dump level 31", result.OutputLines);
    }

    [Theory]
    [InlineData("qemu/core.elf.zst", "elf", 2, 2)]
    [InlineData("vmcore/zlib-d31.kdump.zst", "kdump", 0, 2)]
    [InlineData("lime/lime.lime.zst", "lime", 0, 0)]
    [InlineData("kcore/compact.elf.zst", "kcore", 0, 0)]
    [InlineData("synthetic/virtualbox.elf.zst", "virtualbox", 2, 0)]
    public void Info_is_one_object_for_programs(string name, string format, int processors, int threads)
    {
        ArgumentNullException.ThrowIfNull(name);
        ToolResult result = Tool.Run(Line("info", name, "--json"));
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        using JsonDocument json = JsonDocument.Parse(result.Output);
        JsonElement root = json.RootElement;
        Assert.Equal(format, root.GetProperty("format").GetString());
        Assert.Equal("zstd", root.GetProperty("packing").GetString());
        Assert.Equal("6.1.0-57-amd64", root.GetProperty("kernel_release").GetString());
        Assert.Equal(processors, root.GetProperty("processors").GetArrayLength());
        Assert.Equal(threads, root.GetProperty("threads").GetArrayLength());
        Assert.Equal(0, root.GetProperty("problems").GetInt32());
        Assert.NotEqual(0, root.GetProperty("missing").GetArrayLength());
        string tables = name.StartsWith("vmcore", StringComparison.Ordinal) ? "0x15e10000" : "0x102410000";
        Assert.Equal(tables, root.GetProperty("root").GetString());
    }

    [Fact]
    public void A_split_dump_is_taken_whole_or_from_any_part()
    {
        string first = PathOf("makedumpfile/split-1.kdump.zst");
        string second = PathOf("makedumpfile/split-2.kdump.zst");
        string expected = Tool.Run("map", first, "--tsv").Output;
        Assert.Equal(expected, Tool.Run("map", second, first, "--tsv").Output);
        ToolResult walk = Tool.Run("walk", first, "ffff8eca00100000", "--part", second);
        Assert.Equal((0, string.Empty), (walk.Code, walk.Error));
        Tool.Run("map", first, "-").IsUsageError("- cannot be one of several files");
        Tool.Run("map", PathOf("qemu/core.elf.zst"), first).IsBadInput("is not a split dump");
    }

    [Fact]
    public void Excluded_and_lost_pages_are_named()
    {
        ToolResult walk = Tool.Run(Line("walk", "makedumpfile/zlib-d31.kdump.zst", "400000"));
        Assert.Equal(0, walk.Code);
        Assert.Contains("the page at 0x107975000 was excluded when the dump was written", walk.Error, StringComparison.Ordinal);
        ToolResult root = Tool.Run(Line("walk", "makedumpfile/zlib-d31.kdump.zst", "400000", "--cr3", "107975000"));
        Assert.Contains("is not in the image: its page was excluded when the dump was written", root.Output, StringComparison.Ordinal);
        ToolResult hole = Tool.Run(Line("walk", "makedumpfile/zlib-d31.kdump.zst", "400000", "--cr3", "90000000"));
        Assert.EndsWith("is not in the image\n", hole.Output, StringComparison.Ordinal);
        ToolResult map = Tool.Run(Line("map", "makedumpfile/elf-d31.elf.zst", "--tsv"));
        Assert.Equal(0, map.Code);
        Assert.Contains("a table was excluded when the dump was written, and taken as zeros", map.Error, StringComparison.Ordinal);
        ToolResult cut = Tool.Run(Line("map", "makedumpfile/incomplete-disk-full.kdump.zst", "--tsv"));
        cut.IsBadInput("the dump is incomplete");
        cut.IsBadInput("2 tables are not in the image");
        Assert.Contains("it was cut short, or a part of it is missing", cut.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Raw_memory_needs_a_layout()
    {
        string raw = PathOf("raw/ram.raw.zst");
        Tool.Run("map", raw).IsBadInput("is not a memory image of a known format", "--ram");
        Tool.Run("map", raw, "--ram", "").IsUsageError("--ram: the layout is empty");
        Tool.Run("map", raw, "--ram", "nowhere.txt").IsBadInput("nowhere.txt: there is no such file");
        string expected = Tool.Run("map", raw, "--ram", PathOf("raw/layout.txt"), "--tsv").Output;
        Assert.NotEmpty(expected);
        Assert.Equal(expected, Tool.Run("map", raw, "--ram", PathOf("oracle/iomem.txt"), "--tsv").Output);
        Assert.Equal(expected, Tool.Run("map", raw, "--ram", "0-7ffffff,100000000-107ffffff", "--tsv").Output);
        Tool.Run("map", PathOf("lime/lime.lime.zst"), "--ram", "0-fff").IsBadInput("is not raw memory");
    }

    [Fact]
    public void Standard_input_takes_every_format()
    {
        byte[] packed = File.ReadAllBytes(PathOf("makedumpfile/zstd-d31.kdump.zst"));
        Assert.Equal(Tool.Run(Line("map", "qemu/core.elf.zst", "--tsv")).Output, Tool.RunWith(packed, "map", "-", "--tsv").Output);
    }

    private static void Same(string[] expected, string[] arguments)
    {
        ToolResult right = Tool.Run(expected);
        ToolResult result = Tool.Run(arguments);
        Assert.Equal(0, result.Code);
        bool isSame = right.Output == result.Output;
        Assert.True(isSame, $"{string.Join(' ', arguments)}: {result.Output.Length} characters differ from {right.Output.Length}");
    }

    private static string[] Line(string command, string name, params string[] more)
    {
        string[] ram = name.Contains("padded", StringComparison.Ordinal) ? ["--ram", "0-107ffffff"]
            : name.Contains("ram.raw", StringComparison.Ordinal) ? ["--ram", PathOf("raw/layout.txt")] : [];
        return [command, PathOf(name), .. more, .. ram];
    }

    private static string Name(string path) => Path.GetRelativePath(Fixture.PathOf("images"), path).Replace('\\', '/');

    // The others were taken earlier, of another boot, or lack pages.
    private static bool IsOfOneMoment(string name) =>
        !name.StartsWith("vmcore/", StringComparison.Ordinal) && !name.StartsWith("kcore/", StringComparison.Ordinal)
            && !name.Contains("lime.lime", StringComparison.Ordinal) && !name.Contains("incomplete", StringComparison.Ordinal);

    private static string PathOf(string name) => Fixture.PathOf("images/" + name);
}
