using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.DirectMap;

public class DirectMapCommandTests
{
    private const string Counts =
        "size        leaves                kB\n" +
        "4K            2046              8184\n" +
        "2M             508           1040384\n" +
        "1G               1           1048576\n" +
        "taken out of the map: 1 of 4K, 0 of 2M\n" +
        "marked KERNEL_4K: 2\n" +
        "mapped:\n" +
        "  0x0000000000000000-0x0000000000002fff              12 kB\n" +
        "  0x0000000000004000-0x0000000000608fff            6164 kB\n" +
        "  0x000000000060a000-0x000000007fffffff         2090968 kB\n" +
        "1G ranges in smaller leaves: 1; nothing differs in 0\n" +
        "  0x0000000000000000-0x000000003fffffff      1  4 split to 4K, made at boot\n" +
        "2M regions in 4K leaves: 4; nothing differs in 2\n" +
        "  0x0000000000000000-0x00000000001fffff      1  1 empty places (edge of RAM, hole), R/W differs, NX differs, made at boot\n" +
        "  0x0000000000200000-0x00000000005fffff      2  nothing differs: could be one leaf, split after boot\n" +
        "  0x0000000000600000-0x00000000007fffff      1  1 pages taken out of the map, 2 KERNEL_4K mark, split after boot\n";

    [Theory]
    [InlineData(false, "0xffff888000000000", "0x1000, 4 levels")]
    [InlineData(true, "0xff11000000000000", "0xb000, 5 levels")]
    public void People_get_place_totals_ranges_and_runs_with_the_same_reasons(bool fiveLevels, string start, string root) => Assert.Equal(
        $"direct map at {start}, found from the tables: the most memory at one constant distance\n" +
        $"tables: root of processor 0 at {root}\n" + Counts,
        Print(MapCores.Build(fiveLevels)));

    [Fact]
    public void Programs_get_one_row_a_region()
    {
        Assert.Equal(
            "ffff888000000000\t0000000000000000\t511\t1\t0\t0\t0000000000004067\t8000000000000163\tholes,write,execute,boot\n" +
            "ffff888000200000\t0000000000200000\t512\t0\t0\t0\t0000000000005063\t8000000000200163\trejoinable,after_boot\n" +
            "ffff888000400000\t0000000000400000\t512\t0\t0\t0\t0000000000006063\t8000000000400163\trejoinable,after_boot\n" +
            "ffff888000600000\t0000000000600000\t511\t0\t1\t2\t0000000000007063\t8000000000600163\tunmapped,kernel_4k,after_boot\n",
            Print(MapCores.Build(), "--tsv"));
    }

    [Fact]
    public void Json_holds_totals_reasons_and_all_lists()
    {
        using JsonDocument json = JsonDocument.Parse(Print(MapCores.Build(), "--json"));
        JsonElement root = json.RootElement;
        Assert.Equal("0xffff888000000000", root.GetProperty("base").GetString());
        Assert.Equal("tables", root.GetProperty("found_by").GetString());
        Assert.Equal("given", root.GetProperty("root_kind").GetString());
        Assert.Equal((0, 4), (root.GetProperty("cpu").GetInt32(), root.GetProperty("levels").GetInt32()));
        Assert.Equal(JsonValueKind.Null, root.GetProperty("c_bit").ValueKind);
        Assert.Equal([2046, 508, 1], Numbers(root, "leaves_4k", "leaves_2m", "leaves_1g"));
        Assert.Equal([8184, 1040384, 1048576], Numbers(root, "direct_map_4k_kb", "direct_map_2m_kb", "direct_map_1g_kb"));
        Assert.Equal([4, 1, 2, 0], Numbers(root, "split_2m_count", "split_1g_count", "rejoinable_2m_count", "rejoinable_1g_count"));
        Assert.Equal([1, 1, 1, 3], Numbers(root.GetProperty("reasons"), "holes", "kernel_4k", "boot", "after_boot"));
        Assert.Equal("""{"start":"0x4000","end":"0x609000"}""", root.GetProperty("ranges")[1].GetRawText());
        Assert.Equal(
            """{"va":"0xffff888000000000","pa":"0x0","leaves":508,"holes":0,"unmapped":0,"marked":0,"smaller":4,"table":"0x3067","first_leaf":"0x80000000008001e3","reasons":["smaller","boot"]}""",
            root.GetProperty("split_1g")[0].GetRawText());
        Assert.Equal(4, root.GetProperty("split_2m").GetArrayLength());
        Assert.Equal("rejoinable", root.GetProperty("split_2m")[1].GetProperty("reasons")[0].GetString());
    }

    [Fact]
    public void The_fixture_is_counted_as_its_tables_are()
    {
        ToolResult text = Tool.Run("directmap", Fixture.PathOf(Cores.Core));
        Assert.Equal((0, string.Empty), (text.Code, text.Error));
        Assert.Equal("direct map at 0xffff8e5b80000000, found by VMCOREINFO (mem_section)", text.OutputLines[0]);
        Assert.Equal("4K            4575             18300", text.OutputLines[3]);
        Assert.Equal("2M            2039           4175872", text.OutputLines[4]);
        string[] rows = Tool.Run("directmap", Fixture.PathOf(Cores.Core), "--tsv").OutputLines;
        Assert.Equal(4575, rows.Sum(static row => int.Parse(row.Split('\t')[2], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.All(rows, static row => Assert.Equal(9, row.Split('\t').Length));
    }

    [Fact]
    public void The_listing_in_the_manual_is_what_is_printed()
    {
        string manual = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "tool.md"));
        Assert.Contains("```\n" + Tool.Run("directmap", Fixture.PathOf(Cores.Core)).Output + "```", manual, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_way_to_name_the_tables_gives_the_same_map()
    {
        string[] expected = Tool.Run("directmap", Fixture.PathOf(Cores.Core), "--tsv").OutputLines;
        Assert.Equal(9, expected.Length);
        foreach (string[] options in (string[][])[["--cpu", "1"], ["--cr3", "0x100868fff"], ["--base", "ffff8e5b80000000"],
            ["--c-bit", "47"], ["-q"]])
        {
            Assert.Equal(expected, Tool.Run(["directmap", Fixture.PathOf(Cores.Core), "--tsv", .. options]).OutputLines);
        }
    }

    [Fact]
    public void Gzip_and_standard_input_are_read()
    {
        byte[] core = MapCores.Build();
        string expected = Print(core, "--tsv");
        Assert.Equal(expected, Print(Fixture.Gzipped(core), "--tsv"));
        Assert.Equal(expected, Tool.RunWith(core, "directmap", "-", "--tsv").Output);
    }

    [Fact]
    public void Five_levels_can_be_asked_for()
    {
        string text = Print(MapCores.Tables(fiveLevels: true).Build(), "--cr3", "b000", "--la57");
        Assert.StartsWith("direct map at 0xff11000000000000, ", text, StringComparison.Ordinal);
        Assert.Contains("\ntables: root at 0xb000, 5 levels\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dump_of_the_kernels_own_needs_no_processors()
    {
        byte[] core = MapCores.Tables(fiveLevels: true)
            .Notes("NUMBER(phys_base)=0\nSYMBOL(init_top_pgt)=ffffffff8000b000\nNUMBER(pgtable_l5_enabled)=1\n")
            .Build();
        string text = Print(core);
        Assert.StartsWith("direct map at 0xff11000000000000, ", text, StringComparison.Ordinal);
        Assert.Contains("\ntables: root at 0xb000, 5 levels\n", text, StringComparison.Ordinal);
        Assert.Equal(text, Print(core, "--cr3", "b000"));
    }

    [Fact]
    public void The_variable_that_the_notes_name_is_read()
    {
        byte[] core = MapCores.Tables().Processor(0x1000).Notes("SYMBOL(page_offset_base)=ffffffff80100008\n")
            .Load(0x10_0000, Cores.Table((1, MapCores.FourLevelBase))).Load(0x20_0000, new byte[4096]).Build();
        string text = Print(core);
        Assert.Contains("found by VMCOREINFO (page_offset_base)\n", text, StringComparison.Ordinal);
        Assert.EndsWith(Counts, text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_half_of_user_mode_leads_to_the_kernels()
    {
        byte[] core = new CoreBuilder().Processor(0x1_3000).Load(0x1_3000, new byte[4096])
            .Load(0x1_2000, Cores.Table((273, 0x1_4067))).Load(0x1_4000, Cores.Table((0, 0x8000_0000_0000_01E3))).Build();
        Assert.Contains(
            "\ntables: the kernel's half of the root of processor 0 at 0x12000, 4 levels\n", Print(core), StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(Print(core, "--json"));
        Assert.Equal("kernel_half", json.RootElement.GetProperty("root_kind").GetString());
    }

    [Fact]
    public void A_name_with_quotes_is_escaped_in_json()
    {
        string path = Path.Combine(Path.GetTempPath(), $"core \"{Guid.NewGuid():N}\".elf");
        File.WriteAllBytes(path, MapCores.Build());
        try
        {
            using JsonDocument json = JsonDocument.Parse(Tool.Run("directmap", path, "--json").Output);
            Assert.Equal(path, json.RootElement.GetProperty("image").GetString());
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static int[] Numbers(
        JsonElement parent, params string[] names) => [.. names.Select(name => parent.GetProperty(name).GetInt32())];

    private static string Print(byte[] core, params string[] options)
    {
        using TemporaryFile image = new(core);
        ToolResult result = Tool.Run(["directmap", image.Path, .. options]);
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        return result.Output;
    }
}
