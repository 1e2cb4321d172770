using System;
using System.Text.Json;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Reports;

/// <summary>Traces and listings of public bug reports, with the right answer that each has beside it.</summary>
public class TraceReportTests
{
    private const string Failed = "reports/21-ftrace-failed-allocation/";
    private const string Split = "reports/24-iomem-ranges-inside-a-page/";

    [Fact]
    public void A_failed_allocation_makes_no_guest_page()
    {
        ToolResult result = Tool.Run("replay", Fixture.PathOf(Failed + "trace.txt"), "--guest-comm", "qemu*", "--json");
        Assert.Equal(0, result.Code);
        using JsonDocument json = JsonDocument.Parse(result.Output);
        JsonElement events = json.RootElement.GetProperty("events");
        Assert.Equal(
            (2, 0, 1),
            (
                events.GetProperty("mm_page_alloc").GetInt64(), events.GetProperty("mm_page_free").GetInt64(),
                events.GetProperty("failed_allocations").GetInt64()));
        foreach (JsonProperty policy in json.RootElement.GetProperty("policies").EnumerateObject())
        {
            JsonElement counts = policy.Value.GetProperty("counts");
            Assert.Equal(
                (1, 1, 0),
                (
                    counts.GetProperty("guest_pages").GetInt64(), counts.GetProperty("owned_at_end").GetInt64(),
                    counts.GetProperty("outside").GetInt64()));
        }
    }

    [Fact]
    public void A_failed_allocation_is_reported_in_the_text()
    {
        ToolResult result = Tool.Run(
            "replay", Fixture.PathOf(Failed + "trace.txt"), "--iomem", Fixture.PathOf(Failed + "iomem.txt"), "--guest-comm", "qemu*",
            "--policy", "never");
        Assert.Equal(0, result.Code);
        Assert.Contains("2 mm_page_alloc (1 failed), 0 mm_page_free; 1 guests;", result.Output, StringComparison.Ordinal);
        Assert.Contains("1 owned at the end; 0 blocks outside RAM", result.Output, StringComparison.Ordinal);
        Assert.Contains("the trace has allocations and no release (mm_page_free", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("graph.txt")]
    [InlineData("input.txt")]
    public void A_function_graph_trace_is_read_and_its_failed_allocation_reported(string name)
    {
        ToolResult result = Tool.Run("replay", Fixture.PathOf(Failed + name), "--guest-comm", "*", "--policy", "never");
        Assert.Equal(0, result.Code);
        Assert.Contains("1 mm_page_alloc (1 failed), 0 mm_page_free; 0 guests;", result.Output, StringComparison.Ordinal);
        Assert.Contains("1 events name no task", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("iomem.txt")]
    [InlineData("iomem-merged.txt")]
    public void Ranges_that_touch_inside_a_page_are_one(string listing)
    {
        ToolResult result = Tool.Run(
            "replay", Fixture.PathOf(Split + "trace.txt"), "--iomem", Fixture.PathOf(Split + listing), "--guest-comm", "qemu*", "--policy",
            "never", "--json");
        Assert.Equal(0, result.Code);
        using JsonDocument json = JsonDocument.Parse(result.Output);
        JsonElement start = json.RootElement.GetProperty("policies").GetProperty("never").GetProperty("direct_map_start");
        Assert.Equal(
            (433, 562, 3), (start.GetProperty("4K").GetInt64(), start.GetProperty("2M").GetInt64(), start.GetProperty("1G").GetInt64()));
        Assert.Equal(
            1, json.RootElement.GetProperty("policies").GetProperty("never").GetProperty("counts").GetProperty("guest_pages").GetInt64());
    }

    [Fact]
    public void Every_name_of_a_trace_is_counted_in_text_and_JSON()
    {
        const string Head = " qemu-1 [000] .... 1.0: ";
        byte[] text = Tool.Utf8(
            Head + "mm_page_alloc_zone_locked: page=ffffea0000000140 pfn=5 order=0 migratetype=1 cpu=0 percpu_refill=1\n" +
            Head + "mm_page_alloc: page=ffffea0000000140 pfn=5 order=0 migratetype=1 gfp_flags=GFP_HIGHUSER_MOVABLE\n" +
            Head + "mm_page_free_direct: page=ffffea0000000140 pfn=5 order=0\n" +
            Head + "mm_pagevec_free: page=ffffea0000000140 pfn=5 order=0 cold=0\n" +
            Head + "mm_page_pcpu_drain: page=ffffea0000000140 pfn=5 order=0 migratetype=1\n");
        ToolResult table = Tool.RunWith(text, "replay", "-", "--guest-comm", "qemu*", "--policy", "eager");
        Assert.Equal((0, string.Empty), (table.Code, table.Error));
        Assert.StartsWith(
            "-: 1 mm_page_alloc, 0 mm_page_free, 1 mm_page_free_direct, 1 mm_pagevec_free; 1 guests;", table.Output,
            StringComparison.Ordinal);
        Assert.Contains(
            "\nskipped, as they neither allocate nor release a page: 1 mm_page_pcpu_drain, 1 mm_page_alloc_zone_locked\n", table.Output,
            StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(
            Tool.RunWith(text, "replay", "-", "--guest-comm", "qemu*", "--policy", "eager", "--json").Output);
        JsonElement names = json.RootElement.GetProperty("events").GetProperty("by_name");
        Assert.Equal(5, names.GetPropertyCount());
        Assert.Equal(1, names.GetProperty("mm_page_free_direct").GetInt64());
        JsonElement counts = json.RootElement.GetProperty("policies").GetProperty("eager").GetProperty("counts");
        Assert.Equal(
            (1, 0, 2),
            (
                counts.GetProperty("guest_pages").GetInt64(), counts.GetProperty("owned_at_end").GetInt64(),
                counts.GetProperty("rmpupdate").GetInt64()));
    }

    [Fact]
    public void A_trace_of_perf_script_gives_what_the_same_trace_of_ftrace_gives()
    {
        const string Fields = "page=0x5 pfn=5 order=0 migratetype=1 gfp_flags=GFP_HIGHUSER_MOVABLE\n";
        byte[] perf = Tool.Utf8(
            "qemu-system-x86  2213 [003]   100.000001: kmem:mm_page_alloc: " + Fields +
            "\tffffffff812b1c2e __alloc_pages+0x22e ([kernel.kallsyms])\n\n" +
            "qemu-system-x86  2213/2215 [003]   100.000002:            kmem:mm_page_free: page=0x5 pfn=5 order=0\n");
        byte[] ftrace = Tool.Utf8(
            " qemu-system-x86-2213    [003] .....   100.000001: mm_page_alloc: " + Fields +
            " qemu-system-x86-2213    [003] .....   100.000002: mm_page_free: page=0x5 pfn=5 order=0\n");
        ToolResult left = Tool.RunWith(perf, "replay", "-", "--guest-comm", "qemu-system-x86");
        ToolResult right = Tool.RunWith(ftrace, "replay", "-", "--guest-comm", "qemu-system-x86");
        Assert.Equal(right, left);
        Assert.Equal((0, string.Empty), (left.Code, left.Error));
        Assert.Contains("1 mm_page_alloc, 1 mm_page_free; 1 guests;", left.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Allocations_without_a_known_release_are_reported_with_the_names_that_are_there()
    {
        byte[] text = Tool.Utf8(
            " qemu-1 [000] .... 1.0: mm_page_alloc: page=a pfn=5 order=0 migratetype=1 gfp_flags=0\n"
                + " qemu-1 [000] .... 1.0: my_page_free: page=a pfn=5 order=0\n");
        ToolResult result = Tool.RunWith(text, "replay", "-", "--guest-comm", "qemu*", "--policy", "never");
        Assert.Equal(0, result.Code);
        Assert.Contains(
            "every page stays with its owner until it is allocated again; it has, and they are not read: 1 my_page_free\n", result.Error,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("qemu/2213 kmem:mm_page_alloc(pfn: 1705984, order: 0, gfp_flags: 1, migratetype: 1)\n", "perf script")]
    [InlineData("PERFILE2hhhh\n", "perf.data")]
    [InlineData("[12:34:56.789] (+0.1) host kmem_mm_page_alloc: { cpu_id = 0 }, { page = 0xFFFF, pfn = 12345, order = 0 }\n", "LTTng")]
    public void What_is_not_read_is_refused_by_name(string text, string name) =>
        Tool.RunWith(Tool.Utf8(text), "replay", "-").IsBadInput("fastrmp: -: ", name);
}
