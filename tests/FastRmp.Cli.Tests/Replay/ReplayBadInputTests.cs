using System;
using System.Globalization;
using System.IO;
using System.Text;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Replay;

public class ReplayBadInputTests
{
    private const string Allocation =
        "     busybox-vm1-12    [001] .....     4.1: mm_page_alloc: page=00000000aa pfn=0x5 order=0 migratetype=1 gfp_flags=GFP_KERNEL\n";
    private const string Free = "     busybox-vm1-12    [001] .....     4.2: mm_page_free: page=00000000aa pfn=0x5 order=0\n";
    private const string Broken = "     busybox-vm1-12    [001] .....     4.3: mm_page_free: page=00000000aa pfn=0xzz order=0\n";

    [Fact]
    public void A_missing_trace_or_listing_is_named()
    {
        Tool.Run("replay", "/no/such/trace").IsBadInput("fastrmp: /no/such/trace: there is no such file");
        Tool.RunWith(Tool.Utf8(Allocation), "replay", "-", "--iomem", "/no/such/iomem")
            .IsBadInput("fastrmp: /no/such/iomem: there is no such file");
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("# tracer: nop\n", "neither an mm_page_alloc nor an mm_page_free event")]
    [InlineData(
        "   sh-1 [000] ..... 1.0: mm_page_pcpu_drain: page=00aa pfn=0x1 order=0 migratetype=0\n",
        "neither an mm_page_alloc nor an mm_page_free event; what it has is 1 mm_page_pcpu_drain")]
    public void A_trace_without_one_event_is_reported_and_no_table_printed(string text, string message)
    {
        ToolResult result = Tool.RunWith(Tool.Utf8(text), "replay", "-");
        result.IsBadInput("-: ", message);
        Assert.Empty(result.Output);
    }

    [Fact]
    public void A_malformed_line_is_reported_by_number_and_the_table_printed()
    {
        ToolResult result = Tool.RunWith(Tool.Utf8(Allocation + Broken + Free), "replay", "-");
        result.IsBadInput("fastrmp: -: line 2: ");
        Assert.Contains("1 mm_page_alloc, 1 mm_page_free", result.Output, StringComparison.Ordinal);
        Assert.Contains("on-demand+rejoin", result.Output, StringComparison.Ordinal);
        Assert.Single(result.ErrorLines);
    }

    [Fact]
    public void Of_many_malformed_lines_the_first_ten_are_reported_then_the_count()
    {
        StringBuilder text = new(Allocation);
        for (int i = 0; i < 25; i++)
        {
            text.Append(Broken);
        }

        ToolResult result = Tool.RunWith(Tool.Utf8(text.ToString()), "replay", "-", "--policy", "never");
        result.IsBadInput("line 2: ");
        Assert.Equal(11, result.ErrorLines.Length);
        Assert.StartsWith("fastrmp: -: line 11: ", result.ErrorLines[9], StringComparison.Ordinal);
        Assert.Equal("fastrmp: -: 15 more problems like these, 25 in all", result.ErrorLines[10]);
    }

    [Fact]
    public void Only_broken_lines_give_no_table()
    {
        ToolResult result = Tool.RunWith(Tool.Utf8(Broken), "replay", "-");
        result.IsBadInput("line 1: ");
        Assert.Empty(result.Output);
    }

    [Fact]
    public void A_cut_gzip_is_reported_and_what_was_read_is_replayed()
    {
        byte[] packed = Fixture.Bytes("page-trace/trace.txt.gz");
        using TemporaryFile trace = new(packed.AsSpan(0, packed.Length / 2));
        ToolResult result = Tool.Run("replay", trace.Path, "--iomem", Fixture.PathOf("page-trace/iomem.txt"));
        result.IsBadInput(trace.Path, "gzip");
        Assert.Contains("level-aware", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Lost_events_are_a_remark_and_no_failure()
    {
        byte[] text = Tool.Utf8(Allocation + "CPU:1 [LOST 123 EVENTS]\n" + Free);
        ToolResult result = Tool.RunWith(text, "replay", "-");
        Assert.Equal((0, "fastrmp: -: the kernel lost events (123 as far as it knows): pages may go stale\n"), (result.Code, result.Error));
        Assert.Empty(Tool.RunWith(text, "replay", "-", "--quiet").Error);
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("00000000-00000fff : Reserved\n", "without one System RAM range")]
    [InlineData("00000000-00000000 : System RAM\n  00000000-00000000 : Kernel code\n", "without root")]
    [InlineData("00001000-0009ffff : System RAM\nnonsense\n", "line 2: ")]
    [InlineData("00001000-0009ffff : System RAM\n00002000-00002fff : System RAM\n", "overlaps")]
    [InlineData("00000800-00000fff : System RAM\n", "no whole page of System RAM")]
    public void A_bad_listing_is_reported(string text, string message)
    {
        using TemporaryFile listing = new(Tool.Utf8(text));
        ToolResult result = Tool.RunWith(Tool.Utf8(Allocation), "replay", "-", "--iomem", listing.Path);
        result.IsBadInput(message);
        Assert.Empty(result.Output);
    }

    [Fact]
    public void More_guests_than_ASIDs_are_reported()
    {
        StringBuilder text = new();
        for (int guest = 0; guest <= 1006; guest++)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $" vm{guest}-12 [001] ..... 4.1: mm_page_alloc: page=00aa pfn=0x{guest + 1:x} order=0 migratetype=1 gfp_flags=0\n");
        }

        ToolResult result = Tool.RunWith(Tool.Utf8(text.ToString()), "replay", "-", "--guest-comm", "vm*");
        result.IsBadInput("more than 1006 tasks match 'vm*'", "'vm1006'", "no ASID");
        Assert.Empty(result.Output);
    }

    [Fact]
    public void A_page_at_the_end_of_the_address_space_leaves_no_room_and_is_reported()
    {
        byte[] text = Tool.Utf8(Allocation.Replace("pfn=0x5", "pfn=0xffffffffff", StringComparison.Ordinal));
        Tool.RunWith(text, "replay", "-").IsBadInput("-: RAM up to 0xfffffffffffff leaves no room");
    }

    [Fact]
    public void A_core_is_no_trace() => Tool.Run("replay", Fixture.PathOf(Cores.Core)).IsBadInput("core.elf");

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public void Damaged_traces_end_in_a_table_or_a_message(int seed, bool hasListing)
    {
        byte[] trace = Shortened(1500);
        Mutator mutator = new(seed);
        string[] args = hasListing
            ? ["replay", "-", "--iomem", Fixture.PathOf("page-trace/iomem.txt"), "--policy", "eager+rejoin", "--policy", "on-demand"]
            : ["replay", "-", "--policy", "level-aware", "--json"];
        for (int round = 0; round < 40; round++)
        {
            byte[] damaged = mutator.Mutate(trace, trace.Length);
            ToolResult result = Tool.RunWith(round % 4 == 0 ? Fixture.Gzipped(damaged) : damaged, args);
            Assert.True(result.SpeaksProperly().Code is 0 or 3, $"round {round}: {result.Code}");
        }
    }

    [Fact]
    public void Damaged_listings_end_in_a_table_or_a_message()
    {
        byte[] listing = Fixture.Bytes("page-trace/iomem.txt");
        byte[] trace = Shortened(200);
        Mutator mutator = new(5);
        for (int round = 0; round < 100; round++)
        {
            using TemporaryFile file = new(mutator.Mutate(listing, listing.Length));
            ToolResult result = Tool.RunWith(trace, "replay", "-", "--iomem", file.Path, "--policy", "eager");
            Assert.True(result.SpeaksProperly().Code is 0 or 3, $"round {round}: {result.Code}");
        }
    }

    // Lines from the middle of the real trace, where guests are at work.
    private static byte[] Shortened(int lines)
    {
        using StreamReader reader = new(new MemoryStream(Fixture.Gunzipped("page-trace/trace.txt.gz")));
        for (int i = 0; i < 60_000; i++)
        {
            _ = reader.ReadLine();
        }

        StringBuilder text = new();
        for (int i = 0; i < lines; i++)
        {
            text.Append(reader.ReadLine()).Append('\n');
        }

        return Tool.Utf8(text.ToString());
    }
}
