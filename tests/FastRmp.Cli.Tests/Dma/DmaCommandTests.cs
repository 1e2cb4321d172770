using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Dma;

public class DmaCommandTests
{
    private const string Table = "1000000";
    private const ulong Rights = 3UL << 61;

    private static readonly string Core = Fixture.PathOf("amd-vi/core.elf");

    [Fact]
    public void The_listing_equals_the_kernels_mappings_byte_for_byte()
    {
        ToolResult result = Tool.Run("dma", Core, "--device-table", Table, "--tsv");
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        Assert.Equal(File.ReadAllText(Fixture.PathOf("amd-vi/mappings.tsv")), result.Output);
        Assert.Equal(result, Tool.Run("dma", Core, "--device-table", "0x1000000", "--entries", "256", "--tsv"));
        Assert.Equal(result, Tool.RunWith(File.ReadAllBytes(Core), "dma", "-", "--device-table", Table, "--tsv"));
    }

    [Theory]
    [InlineData("0x0018", 9)]
    [InlineData("00:03.0", 9)]
    [InlineData("20", 257)]
    [InlineData("00:05.0", 0)]
    public void One_device_may_be_chosen(string device, int rows)
    {
        ToolResult result = Tool.Run("dma", Core, "--device-table", Table, "--device", device, "--tsv").SpeaksProperly();
        Assert.Equal(0, result.Code);
        Assert.Equal(rows + 1, result.OutputLines.Length);
    }

    [Fact]
    public void One_address_may_be_chosen_also_in_the_middle_of_a_page_in_several_entries() => Assert.Equal(
        ["0x0018\t3\t3\t0xfffc0000\t0x103bf0000\t65536\t1\t1", "0x0020\t4\t3\t0xfffc1000\t0x104049000\t4096\t0\t1"],
        Tool.Run("dma", Core, "--device-table", Table, "--iova", "fffc1234", "--tsv").OutputLines[1..]);

    [Fact]
    public void Json_and_text_list_the_same_pages()
    {
        string[] rows = Tool.Run("dma", Core, "--device-table", Table, "--tsv").OutputLines[1..];
        using JsonDocument json = JsonDocument.Parse(Tool.Run("dma", Core, "--device-table", Table, "--json").Output);
        Assert.Equal("0x1000000", json.RootElement.GetProperty("device_table").GetString());
        string[] names = ["devid", "domain", "mode", "iova", "pa", "size", "ir", "iw"];
        Assert.Equal(
            rows,
            json.RootElement.GetProperty("mappings")
                .EnumerateArray()
                .Select(page => string.Join('\t', names.Select(name => page.GetProperty(name).ToString()))));
        string[] text = Tool.Run("dma", Core, "--device-table", Table).OutputLines;
        Assert.Equal(rows.Length + 2, text.Length);
        Assert.Equal("00:03.0       3     3        -  00000000fffc0000  0000000103bf0000  64K    rw", text[2]);
        Assert.Equal("266 pages of 2 devices", text[^1]);
    }

    [Fact]
    public void A_missing_image_and_a_missing_table_are_reported()
    {
        Tool.Run("dma", "/no/such/core", "--device-table", Table).IsBadInput("fastrmp: /no/such/core: there is no such file");
        ToolResult absent = Tool.Run("dma", Core, "--device-table", "77770000", "--tsv");
        absent.IsBadInput(Core, "nothing of the device table at physical address 0x77770000 is in the image");
        Assert.Empty(absent.Output);
        Tool.Run("dma", Core, "--device-table", Table, "--device", "ff:1f.7").IsBadInput(Core, "ff:1f.7", "not in the image");
    }

    [Fact]
    public void Wrong_command_lines_are_refused()
    {
        Tool.Run("dma", Core).IsUsageError("Option '--device-table' is required.");
        Tool.Run("dma", Core, "--device-table", "1000010")
            .IsUsageError("--device-table: 0x1000010 is not a physical address of a 4K page, which ends at 0xfffffffffffff");
        Tool.Run("dma", Core, "--device-table", "10000000000000")
            .IsUsageError("--device-table: 0x10000000000000 is not a physical address of a 4K page, which ends at 0xfffffffffffff");
        Tool.Run("dma", Core, "--device-table", Table, "--entries", "0").IsUsageError("--entries: 0 is not a number from 1 to 65536");
        Tool.Run("dma", Core, "--device-table", Table, "--entries", "65537")
            .IsUsageError("--entries: 65537 is not a number from 1 to 65536");
        Tool.Run("dma", Core, "--device-table", Table, "--device", "00:20.0")
            .IsUsageError("--device: '00:20.0' is not a device: bb:dd.f, or at most 16 bits in hexadecimal");
        Tool.Run("dma", Core, "--device-table", Table, "--device", "100", "--entries", "256")
            .IsUsageError("--device: 01:00.0 is number 256, beyond the 256 entries of the table");
        Tool.Run("dma", Core, "--device-table", Table, "--json", "--tsv").IsUsageError("--tsv and --json exclude each other");
        Tool.Run("dma", string.Empty, "--device-table", Table).IsUsageError("a file name is empty");
    }

    [Fact]
    public void What_a_cut_core_still_holds_is_listed()
    {
        byte[] core = Fixture.Bytes("amd-vi/core.elf");
        HashSet<string> all = [.. Tool.Run("dma", Core, "--device-table", Table, "--tsv").OutputLines];
        bool some = false;
        for (int missing = 4096; missing < core.Length; missing += 8 * 4096)
        {
            using TemporaryFile image = new(core.AsSpan(0, core.Length - missing));
            ToolResult result = Tool.Run("dma", image.Path, "--device-table", Table, "--tsv");
            result.IsBadInput(image.Path);
            Assert.Subset(all, new HashSet<string>(result.OutputLines));
            some |= result.OutputLines.Length > 1;
        }

        Assert.True(some);
    }

    [Fact]
    public void Absent_tables_odd_groups_and_malformed_entries_are_counted_and_the_first_is_named()
    {
        byte[] core = new CoreBuilder()
            .Processor(0x1000)
            .Load(0x1000, Cores.Table((0, 0x2000 | (2 << 9) | Rights | 3), (1, 5)))
            .Load(
                0x2000,
                Cores.Table((0, 0x3000 | (1 << 9) | Rights | 1), (1, 0x99_9000 | (1 << 9) | Rights | 1), (2, 0x2000 | (2 << 9) | 1)))
            .Load(0x3000, Cores.Table((0, 0x1_0E01 | Rights), (2, 0x1_4E01 | Rights), (3, 0x1_4E01 | Rights), (4, 0x7001)))
            .Build();
        using TemporaryFile image = new(core);
        ToolResult result = Tool.Run("dma", image.Path, "--device-table", "1000", "--tsv");
        result.IsBadInput("a table is not in the image, whole or in part; the first missing entry is at physical address 0x999000");
        Assert.Contains(
            "1 entry claims to be part of a page whose other entries differ; the first is at physical address 0x3000", result.Error,
            StringComparison.Ordinal);
        Assert.Contains(
            "1 entry is malformed and maps nothing; the first is at physical address 0x2010", result.Error, StringComparison.Ordinal);
        Assert.Equal(
            ["0x0000\t5\t2\t0x0\t0x10000\t8192\t1\t1", "0x0000\t5\t2\t0x2000\t0x14000\t8192\t1\t1",
                "0x0000\t5\t2\t0x4000\t0x7000\t4096\t0\t0"],
            result.OutputLines[1..]);
    }
}
