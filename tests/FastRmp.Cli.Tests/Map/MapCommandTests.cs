using System.Text.Json;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Map;

/// <summary>Listings of small images that were put together by hand.</summary>
public class MapCommandTests
{
    private const string Page0 = "0000000000000000\t00000000000a0000\t4K\t-------U-\n";
    private const string Page1 = "0000000000001000\t00000000000b0000\t4K\t-G-----UW\n";
    private const string Large = "0000000000200000\t0000000000a00000\t2M\tX-PDA---W\n";
    private const string Huge = "0000000040000000\t0000000040000000\t1G\t--PDA---W\n";
    private const string Top = "fffffffffffff000\t000ffffffffff000\t4K\t---------\n";

    [Fact]
    public void All_sizes_are_listed_and_PAT_is_no_page_size_flag() => Assert.Equal(Page0 + Page1 + Large + Huge + Top, List("--tsv"));

    [Fact]
    public void Ranges_end_where_rights_change_and_the_last_one_ends_at_0() => Assert.Equal(
        "0000000000000000\t0000000000001000\t0000000000001000\tur-\n" +
        "0000000000001000\t0000000000002000\t0000000000001000\turw\n" +
        "0000000000200000\t0000000000400000\t0000000000200000\t-rw\n" +
        "0000000040000000\t0000000080000000\t0000000040000000\t-rw\n" +
        "fffffffffffff000\t0000000000000000\t0000000000001000\t-r-\n",
        List("--tsv", "--ranges"));

    [Fact]
    public void People_get_a_heading_the_rights_of_all_levels_and_a_sum() => Assert.Equal(
        "virtual address   physical address  size  flags      rights\n" +
        "0000000000000000  00000000000a0000  4K    -------U-  ur-x\n" +
        "0000000000001000  00000000000b0000  4K    -G-----UW  urwx\n" +
        "0000000000200000  0000000000a00000  2M    X-PDA---W  -rw-\n" +
        "0000000040000000  0000000040000000  1G    --PDA---W  -rwx\n" +
        "fffffffffffff000  000ffffffffff000  4K    ---------  -r-x\n" +
        "3 mappings of 4K, 1 of 2M, 1 of 1G\n",
        List());

    [Fact]
    public void People_get_ranges_with_a_heading_and_a_sum()
    {
        string text = List("--ranges");
        Assert.StartsWith(
            "start             end               length            rights\n0000000000000000  0000000000001000  0000000000001000  ur-\n",
            text, System.StringComparison.Ordinal);
        Assert.EndsWith("\n5 ranges\n", text, System.StringComparison.Ordinal);
    }

    [Fact]
    public void Json_ranges_are_one_object()
    {
        using JsonDocument json = JsonDocument.Parse(List("--ranges", "--json", "--cr3", "1000"));
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("cpu").ValueKind);
        JsonElement ranges = json.RootElement.GetProperty("ranges");
        Assert.Equal(5, ranges.GetArrayLength());
        Assert.Equal("""{"start":"0x40000000","end":"0x80000000","length":"0x40000000","rights":"-rw"}""", ranges[3].GetRawText());
    }

    [Fact]
    public void A_name_with_quotes_is_escaped_in_json()
    {
        string directory = System.IO.Directory.CreateTempSubdirectory().FullName;
        string path = System.IO.Path.Combine(directory, "a\"b\\c");
        try
        {
            System.IO.File.WriteAllBytes(path, Cores.Sizes());
            using JsonDocument json = JsonDocument.Parse(Tool.Run("map", path, "--json").Output);
            Assert.Equal(path, json.RootElement.GetProperty("image").GetString());
        }
        finally
        {
            System.IO.Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData("0", "1", Page0)]
    [InlineData("0", "1000", Page0)]
    [InlineData("0", "1001", Page0 + Page1)]
    [InlineData("fff", "1000", Page0)] // a page that holds the start is listed whole
    [InlineData("1000", "200000", Page1)]
    [InlineData("2000", "200000", "")]
    [InlineData("3fffff", "400000", Large)]
    [InlineData("7fffffff", "80000000", Huge)]
    [InlineData("40000000", "ffffffffffffffff", Huge + Top)] // the end is exclusive, and the page touches what is below it
    [InlineData("80000000", "fffffffffffff000", "")]
    [InlineData("0x0000900000000000", "0xffff700000000000", "")] // between the canonical halves there is nothing
    [InlineData("0x0000900000000000", "0xffffffffffffffff", Top)]
    [InlineData("1000", "0x0000900000000000", Page1 + Large + Huge)]
    public void Start_and_end_choose_pages(string start, string end, string expected) =>
        Assert.Equal(expected, List("--tsv", "--start", start, "--end", end));

    [Fact]
    public void Start_alone_goes_to_the_end() => Assert.Equal(Huge + Top, List("--tsv", "--start", "400000"));

    [Fact]
    public void Five_levels_are_followed_where_CR4_says_so_and_sign_extended_from_bit_56()
    {
        using TemporaryFile image = new(Cores.Sizes(fiveLevels: true));
        ToolResult result = Tool.Run("map", image.Path, "--tsv");
        string[] lines = result.OutputLines;
        Assert.Equal(0, result.Code);
        Assert.Equal(10, lines.Length);
        Assert.StartsWith("0000fffffffff000\t", lines[4], System.StringComparison.Ordinal);
        Assert.StartsWith("ffff000000000000\t", lines[5], System.StringComparison.Ordinal);
        Assert.StartsWith("fffffffffffff000\t", lines[9], System.StringComparison.Ordinal);
        Assert.Equal(lines[5..], Tool.Run("map", image.Path, "--tsv", "--start", "0100000000000000").OutputLines);
    }

    [Fact]
    public void The_user_may_say_that_there_are_five_levels()
    {
        using TemporaryFile image = new(Cores.Sizes(fiveLevels: true));
        Assert.Equal(Tool.Run("map", image.Path, "--tsv").Output, Tool.Run("map", image.Path, "--tsv", "--cr3", "5000", "--la57").Output);
        using TemporaryFile four = new(Cores.Sizes());
        Assert.NotEqual(Tool.Run("map", four.Path, "--tsv").Output, Tool.Run("map", four.Path, "--tsv", "--la57").Output);
    }

    [Fact]
    public void Adjacent_pages_merge_over_sizes_and_targets()
    {
        byte[] core = new CoreBuilder()
            .Processor(0x1000)
            .Load(0x1000, Cores.Table((0, 0x2007)))
            .Load(0x2000, Cores.Table((0, 0x3007)))
            .Load(0x3000, Cores.Table((0, 0x4007), (1, 0x80_0087), (2, 0x8000_0000_00C0_0087)))
            .Load(0x4000, Cores.Table((511, 0xA_0007)))
            .Build();
        using TemporaryFile image = new(core);
        Assert.Equal(
            "00000000001ff000\t0000000000600000\t0000000000401000\turw\n", Tool.Run("map", image.Path, "--tsv", "--ranges").Output);
    }

    [Fact]
    public void Tsv_and_json_exclude_each_other() =>
        Tool.Run("map", "image", "--tsv", "--json").IsUsageError("--tsv and --json exclude each other");

    [Fact]
    public void Cpu_and_cr3_exclude_each_other() =>
        Tool.Run("map", "image", "--cpu", "0", "--cr3", "1000").IsUsageError("--cpu and --cr3 exclude each other");

    [Fact]
    public void A_virtual_address_is_no_root() =>
        Tool.Run("map", "image", "--cr3", "ffff888100868000")
            .IsUsageError("--cr3: 0xffff888100868000 is not a physical address, which ends at 0xfffffffffffff");

    [Theory]
    [InlineData("1000", "1000")]
    [InlineData("1000", "0")]
    [InlineData("0", "0")]
    public void An_empty_range_of_addresses_is_refused(string start, string end) =>
        Tool.Run("map", "image", "--start", start, "--end", end).IsUsageError($"--end: 0x{end} is not above --start 0x{start}");

    [Fact]
    public void An_image_must_be_named()
    {
        Tool.Run("map").IsUsageError("Required argument 'IMAGE' missing for command: 'map'.");
        Tool.Run("map", string.Empty).IsUsageError("a file name is empty");
    }

    private static string List(params string[] options)
    {
        using TemporaryFile image = new(Cores.Sizes());
        ToolResult result = Tool.Run(["map", image.Path, .. options]);
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        return result.Output;
    }
}
