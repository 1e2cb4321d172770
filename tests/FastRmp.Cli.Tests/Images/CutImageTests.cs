using System;
using System.Text.Json;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Formats;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Images;

/// <summary>An image that was cut short: what is not there is lost, in every format alike, and the exit code says so.</summary>
public class CutImageTests
{
    [Theory]
    [InlineData("elf", 512)]
    [InlineData("lime", 512)]
    [InlineData("avml", 2000)]
    [InlineData("raw", 512)]
    [InlineData("xen", 512)]
    [InlineData("kdump", 5000)]
    public void What_is_cut_off_is_lost(string kind, int bytes)
    {
        ArgumentNullException.ThrowIfNull(kind);
        byte[] whole = kind == "elf"
            ? new CoreBuilder().Cpu(0x1000).Load(0x1000, new byte[4096]).Load(0x8000, new byte[4096]).Build() : SmallImages.Of(kind);
        string[] layout = kind == "raw" ? ["--ram", "0-fff,100000-100fff"] : [];
        using (TemporaryFile right = new(whole))
        {
            ToolResult info = Tool.Run(["info", right.Path, "--json", .. layout]);
            Assert.Equal((0, string.Empty), (info.Code, info.Error));
            Assert.Equal((0L, 0L), Counts(info));
        }

        using TemporaryFile file = new(whole.AsSpan(0, whole.Length - bytes));
        ToolResult json = Tool.Run(["info", file.Path, "--json", .. layout]);
        json.IsBadInput(file.Path, "at offset 0x");
        (long lost, long excluded) = Counts(json);
        Assert.True(lost > 0, json.Output);
        Assert.Equal(0, excluded);
        ToolResult text = Tool.Run(["info", file.Path, .. layout]);
        Assert.Equal(3, text.Code);
        Assert.Contains(text.OutputLines, line => line.EndsWith($", 0 kB excluded, {lost >> 10} kB lost", StringComparison.Ordinal));
        Assert.Contains(
            $"missing:     {lost >> 10} kB of memory that are lost: the image was cut short, or a part of it is missing", text.OutputLines);
    }

    [Fact]
    public void What_is_excluded_and_what_is_cut_off_are_told_apart()
    {
        byte[] core = new CoreBuilder().Cpu(0x1000).Load(0x1000, new byte[4096], memorySize: 0x3000).Load(0x8000, new byte[8192]).Build();
        using TemporaryFile file = new(core.AsSpan(0, core.Length - 4096));
        Assert.Equal((4096L, 8192L), Counts(Tool.Run("info", file.Path, "--json")));
    }

    [Fact]
    public void A_dump_with_a_wrong_bit_is_not_read()
    {
        byte[] dump = SmallImages.Of("kdump");
        dump[3 * 4096] ^= 1 << 2;
        using TemporaryFile file = new(dump);
        ToolResult info = Tool.Run("info", file.Path);
        info.IsBadInput("at offset 0x4000: bitmap and page descriptors do not agree");
        Assert.Contains("missing:     16 kB of memory that are damaged, and not read", info.OutputLines);
        Assert.EndsWith("16 kB damaged", Array.Find(info.OutputLines, static line => line.StartsWith("memory:", StringComparison.Ordinal)));
        ToolResult map = Tool.Run("map", file.Path, "--tsv");
        map.IsBadInput("at offset 0x4000: bitmap and page descriptors do not agree");
        Assert.Empty(map.Output);
    }

    [Fact]
    public void A_damaged_descriptor_is_found_when_all_are_looked_at()
    {
        byte[] dump = SmallImages.Of("kdump");
        dump[(4 * 4096) + 24 + 8] = 0;
        dump[(4 * 4096) + 24 + 9] = 0;
        using TemporaryFile file = new(dump);
        Tool.Run("info", file.Path).IsBadInput("4 kB of memory are lost or damaged, and not read");
    }

    [Fact]
    public void A_walk_that_needs_a_damaged_table_is_not_answered()
    {
        byte[] dump = SmallImages.Of("kdump");
        dump.AsSpan((4 * 4096) + (2 * 24) + 8, 4).Clear(); // of page 3, the root
        using TemporaryFile file = new(dump);
        ToolResult walk = Tool.Run("walk", file.Path, "0", "--cr3", "3000");
        walk.IsBadInput("the PML4E at 0x3000 is not in the image: its page is damaged and cannot be decompressed");
        Assert.EndsWith("its page is damaged and cannot be decompressed\n", walk.Output, StringComparison.Ordinal);
    }

    private static (long Lost, long Excluded) Counts(ToolResult info)
    {
        using JsonDocument json = JsonDocument.Parse(info.Output);
        JsonElement memory = json.RootElement.GetProperty("memory");
        return (memory.GetProperty("lost").GetInt64(), memory.GetProperty("excluded").GetInt64());
    }
}
