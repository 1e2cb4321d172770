using System;
using System.Text;
using System.Text.Json;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Census;

/// <summary>An RMP that the image itself names, with segments or without, and the direct map beside it.</summary>
public class FoundRmpTests
{
    private const string DirectMap =
        """
        2M regions of the direct map at 0xffff888000000000:
          in 2M leaves, some pages assigned          1
          in 1G leaves, some pages assigned          1
          in 2M leaves, all pages assigned           1
          in 1G leaves, all pages assigned           1
          in 4K leaves, some pages assigned          1
          in 4K leaves, no page assigned             1

        """;

    private const string Faulting =
        """
        writes of the host to its own pages that would fault: to 1021 pages of 2 regions
          0xffff888000200000  2M    2 assigned, the first is PFN 0x205, of ASID 7
          0xffff888040200000  1G    1 assigned, the first is PFN 0x403ff, firmware's
        regions in 4K leaves without an assigned page: 1; 1 could be whole, since nothing else differs

        """;

    private const string Counts =
        """
        Firmware                       2
        Guest-Invalid               1027
        assigned                    1029  by the counts of the base entries
        2M pages                       1
        VMSA pages                     0
        the counters by ASID are not in the image
        consistent

        """;

    [Fact]
    public void The_kernels_log_says_where_a_contiguous_one_is()
    {
        ToolResult result = Run(Host().Log(HostKernel.ContiguousLog));
        Assert.Equal(
            "RMP 0x1000000-0x140bfff: entries of 264192 pages, found by the kernel's log in the image\n"
            + "Hypervisor                263163\n" + Counts + DirectMap + Faulting
            + "  0xffff888000000000  PFN 0x0, could be whole, after_boot\n",
            result.Output);
        Assert.Equal((1, string.Empty), (result.Code, result.Error));
    }

    [Fact]
    public void The_kernels_log_says_where_segments_are()
    {
        ToolResult result = Run(Host().Log(HostKernel.SegmentedLog));
        Assert.StartsWith(
            "RMP at 0x2000000, 2 segments of 1G: entries of 524288 pages, found by the kernel's log in the image\n"
            + "  segment 0: 0x3000000-0x33fffff covers 0x0-0x3fffffff\n  segment 1: 0x3800000-0x3bfffff covers 0x40000000-0x7fffffff\n"
            + "Hypervisor                523259\n" + Counts + DirectMap,
            result.Output, StringComparison.Ordinal);
        Assert.Equal(1, result.Code);
        Assert.EndsWith(
            ": the entries of a segmented RMP are read as those of Zen 3 and Zen 4: what Zen 5 has in memory is not public",
            Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("by its segment table", "--rst", "2004000", "--rmp-cfg", "1e01")]
    [InlineData("by its segment table", "--rst", "0x2004000")]
    [InlineData("found by the kernel's log in the image", "--rmp", "auto")]
    public void A_segmented_one_is_read_as_asked(string found, params string[] options)
    {
        ToolResult result = Run(Host().Log(HostKernel.SegmentedLog), options);
        Assert.StartsWith(
            $"RMP at 0x2000000, 2 segments of 1G: entries of 524288 pages, {found}\n", result.Output, StringComparison.Ordinal);
        Assert.Contains(Counts + DirectMap + Faulting, result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_kernels_variables_say_where_it_is()
    {
        HostKernel host = Host();
        host.Variables[0] = 0x100_0000;
        host.Variables[1] = 0x40_C000;
        using TemporaryFile symbols = new(Encoding.ASCII.GetBytes(HostKernel.SystemMap));
        ToolResult result = Run(host, "--symbols", symbols.Path);
        Assert.StartsWith(
            "RMP 0x1000000-0x140bfff: entries of 264192 pages, found by the kernel's variables\n", result.Output, StringComparison.Ordinal);
        host.Variables.AsSpan().Clear();
        Run(host, "--symbols", symbols.Path).IsBadInput(
            "it is not known where the RMP is: the kernel found no RMP (probed_rmp_size is 0); give --rmp BASE:END");
        Run(host, "--symbols", "/no/such/map").IsBadInput("/no/such/map: there is no such file");
        using TemporaryFile wrong = new("hello\n"u8);
        Run(host, "--symbols", wrong.Path).IsBadInput("is no list of symbols (System.map, /proc/kallsyms)");
    }

    [Theory]
    [InlineData("--rmp", HostKernel.Contiguous)]
    [InlineData("--base", "1000000", "--end", "140bfff")]
    public void Where_the_user_says_it_is_nothing_is_looked_for(params string[] options) =>
        Assert.StartsWith(
            "RMP 0x1000000-0x140bfff: entries of 264192 pages\n", Run(Host().Log(HostKernel.SegmentedLog), options).Output,
            StringComparison.Ordinal);

    [Fact]
    public void What_contradicts_the_images_own_log_is_told()
    {
        const string Logged = "but the kernel's log in the image has it at 0x2000000, 2 segments of 1G";
        ToolResult result = Run(Host().Log(HostKernel.SegmentedLog), "--rmp", HostKernel.Contiguous);
        Assert.EndsWith($": RMP 0x1000000-0x140bfff, as given; {Logged}", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        HostKernel host = Host().Log(HostKernel.SegmentedLog);
        host.Variables[0] = 0x100_0000;
        host.Variables[1] = 0x40_C000;
        using TemporaryFile symbols = new(Encoding.ASCII.GetBytes(HostKernel.SystemMap));
        result = Run(host, "--symbols", symbols.Path);
        Assert.EndsWith(
            $": RMP 0x1000000-0x140bfff, found by the kernel's variables; {Logged}", Assert.Single(result.ErrorLines),
            StringComparison.Ordinal);
        using TemporaryFile image = new(host.Build());
        foreach (string[] command in (string[][])[["directmap", image.Path], ["walk", image.Path, "0xffff888000000000"]])
        {
            Assert.Contains(Logged, Tool.Run([.. command, "--rmp", HostKernel.Contiguous]).Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Two_places_in_one_log_are_told() => Assert.Contains(
        "the same log has it at 0x1000000-0x140bfff, too: the last place that it names is taken",
        Run(Host().Log(HostKernel.ContiguousLog).Log(HostKernel.SegmentedLog)).Error, StringComparison.Ordinal);

    [Theory]
    [InlineData("is none: Segment 0: its RMP at 0x2000000-0x23fffff overlaps bookkeeping", 0x200_4001UL, 0x200_4001UL)]
    [InlineData("is none: Segment 0: the entry 0xffffffffffffffff of the segment table has reserved bits", ulong.MaxValue, 0x380_0001UL)]
    [InlineData("has other segments: 0x3800000 for 0x0-0x3fffffff, 0x3000000 for 0x40000000-0x7fffffff", 0x380_0001UL, 0x300_0001UL)]
    [InlineData("is none: the segment table at 0x2004000 has no segment", 0UL, 0UL)]
    public void Logged_segments_that_the_segment_table_does_not_have_are_told(string text, params ulong[] entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        HostKernel host = Host().Log(HostKernel.SegmentedLog);
        entries.CopyTo(host.Segments, 0);
        Assert.Contains(
            "found by the kernel's log in the image; but the segment table in the image " + text, Run(host).Error,
            StringComparison.Ordinal);
        host.HasSegmentTable = false;
        Assert.DoesNotContain("but the segment table", Run(host).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_fault_missing_entries_leave_it_open_whether_there_is_one()
    {
        HostKernel host = new HostKernel { HasEntries = false }.Log(HostKernel.ContiguousLog).Extra(0x100_4000, new byte[0x2000]);
        ToolResult result = Run(host);
        Assert.Equal(3, result.Code);
        Assert.Contains(
            "\nno large leaf whose entries are in the image has pages of both kinds; of 7 regions that is not known\n", result.Output,
            StringComparison.Ordinal);
    }

    /// <summary>What a table looks like that SNP_INIT has not been given, or what lies at a wrong place.</summary>
    [Fact]
    public void A_table_of_zeros_is_called_one_without_assigned_pages()
    {
        HostKernel host = new HostKernel { HasEntries = false }.Log(HostKernel.ContiguousLog).Extra(0x100_4000, new byte[0x40_8000]);
        ToolResult result = Run(host);
        Assert.Equal(0, result.Code);
        Assert.Contains("\nno page is assigned: there is nothing to compare\n", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("consistent", result.Output, StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(Run(host, "--json").Output);
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("consistent").ValueKind);
    }

    [Fact]
    public void Parts_that_are_not_in_the_image_are_counted_and_the_rest_is_compared()
    {
        HostKernel host = new HostKernel().Log(HostKernel.SegmentedLog);
        ToolResult result = Run(host);
        result.IsBadInput("the entries of 519680 pages are not in the image; the first is that of page 0xa00000");
        Assert.Contains("Hypervisor                  3579", result.OutputLines);
        Assert.Contains("  entries not in the image                 508", result.OutputLines);
        Assert.Contains(Faulting, result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Beside_a_direct_map_missing_entries_are_told()
    {
        ToolResult result = RunMap(new HostKernel().Log(HostKernel.SegmentedLog));
        result.IsBadInput("the RMP's entries of 508 regions of 2M are not in the image");
        Assert.Contains(Faulting, result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_RMP_that_is_named_and_not_in_the_image_is_told()
    {
        HostKernel host = new HostKernel { HasEntries = false }.Log(HostKernel.ContiguousLog);
        ToolResult result = Run(host);
        result.IsBadInput(
            "nothing of the RMP's entries at physical addresses 0x1004000 to 0x140bfff is in the image: "
            + "a kernel does not dump the memory that its firmware reserved");
        result.IsBadInput("RMP 0x1000000-0x140bfff, found by the kernel's log in the image");
        Run(new HostKernel { HasEntries = false }.Log(HostKernel.SegmentedLog)).IsBadInput(
            "nothing of the RMP's entries of 2 segments, the first at 0x3000000, is in the image");
    }

    [Fact]
    public void Without_any_place_the_options_are_named()
    {
        Run(Host()).IsBadInput(
            "it is not known where the RMP is: the kernel's log in the image does not say where the RMP is; give --rmp BASE:END",
            "--rst for a segmented RMP, or --symbols");
        ToolResult segments = Run(Host(), "--rst", "2004000");
        segments.IsBadInput("the size of a segment is not known (RMP_CFG): the kernel's log");
        Assert.EndsWith("does not say where the RMP is; give --rmp-cfg, or --symbols\n", segments.Error, StringComparison.Ordinal);
        Run(Host(), "--rst", "7004000", "--rmp-cfg", "1e01").IsBadInput("the segment table at 0x7004000 is not in the image");
        Assert.DoesNotContain("give --", Run(Host(), "--rst", "7004000", "--rmp-cfg", "1e01").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_for_programs_have_the_place_beside_them()
    {
        ToolResult rows = Run(Host().Log(HostKernel.SegmentedLog), "--tsv");
        Assert.Contains(
            ": RMP at 0x2000000, 2 segments of 1G, found by the kernel's log in the image\n", rows.Error, StringComparison.Ordinal);
        Tool.Run("directmap", "image", "--tsv", "--rmp", "auto")
            .IsUsageError("--tsv lists split regions alone: where the RMP is has no use with it");
    }

    [Fact]
    public void Json_has_place_pages_and_direct_map()
    {
        using JsonDocument json = JsonDocument.Parse(Run(Host().Log(HostKernel.SegmentedLog), "--json", "--owners").Output);
        JsonElement root = json.RootElement;
        JsonElement rmp = root.GetProperty("rmp");
        Assert.Equal("kernel_log", rmp.GetProperty("found_by").GetString());
        Assert.Equal("0x2000000", rmp.GetProperty("base").GetString());
        Assert.Equal("0x2004000", rmp.GetProperty("segment_table").GetString());
        Assert.Equal("0x40000000", rmp.GetProperty("segment_bytes").GetString());
        Assert.Equal("0x3800000", rmp.GetProperty("segments")[1].GetProperty("rmp").GetString());
        Assert.Equal(524288, rmp.GetProperty("covered_pages").GetInt64());
        Assert.Equal(1029, root.GetProperty("assigned").GetInt64());
        Assert.Equal(1027, root.GetProperty("states").GetProperty("Guest-Invalid").GetInt64());
        Assert.Equal(512, root.GetProperty("owners").GetProperty("8").GetInt64());
        Assert.Equal(0, root.GetProperty("findings").GetProperty("count_too_low").GetInt64());
        Assert.True(root.GetProperty("consistent").GetBoolean());
        JsonElement map = root.GetProperty("direct_map");
        Assert.Equal("0xffff888000000000", map.GetProperty("base").GetString());
        Assert.Equal(1021, map.GetProperty("faulting_pages").GetInt64());
        Assert.Equal((1, 1), (map.GetProperty("mixed_2m").GetInt64(), map.GetProperty("split_free_alike").GetInt64()));
        JsonElement fault = map.GetProperty("writes_fault")[1];
        Assert.Equal(
            ("0xffff888040200000", "0x40200000", "1G", 1, "0x403ff000", 0),
            (fault.GetProperty("va").GetString(), fault.GetProperty("pa").GetString(), fault.GetProperty("leaf").GetString(),
                fault.GetProperty("assigned").GetInt32(), fault.GetProperty("first_assigned").GetString(),
                fault.GetProperty("asid").GetInt32()));
        Assert.Equal("after_boot", map.GetProperty("could_be_whole")[0].GetProperty("reasons")[0].GetString());
        using JsonDocument contiguous = JsonDocument.Parse(Run(Host().Log(HostKernel.ContiguousLog), "--json").Output);
        Assert.Equal("0x140bfff", contiguous.RootElement.GetProperty("rmp").GetProperty("end").GetString());
        Assert.Empty(contiguous.RootElement.GetProperty("owners").EnumerateObject());
    }

    [Fact]
    public void Rows_for_programs_have_three_columns_and_with_list_every_region()
    {
        string[] lines = Run(Host().Log(HostKernel.ContiguousLog), "--tsv", "--list").OutputLines;
        Assert.All(lines, line => Assert.Equal(3, line.Split('\t').Length));
        foreach (string line in (string[])["direct_map\tmixed_2m\t1", "direct_map\tfaulting_pages\t1021", "direct_map\tabsent\t0",
            "writes_fault\t0x200000\t2", "writes_fault\t0x40200000\t1", "could_be_whole\t0x0\t1"])
        {
            Assert.Contains(line, lines);
        }

        Assert.DoesNotContain(
            Run(Host().Log(HostKernel.ContiguousLog), "--tsv").OutputLines,
            static line => line.StartsWith("writes_fault", StringComparison.Ordinal));
    }

    [Fact]
    public void Only_the_first_regions_are_listed_unless_all_are_wanted()
    {
        // 504 regions of the 1G leaf have one assigned page each.
        byte[] raw = new byte[0x80_4000];
        for (int region = 520; region < 1024; region++) raw[0x4000 + (region * 0x2000)] = 1;
        byte[] core = new HostKernel { HasEntries = false, HasSegmentTable = false }.Extra(0x500_0000, raw).Build();
        using TemporaryFile image = new(core);
        string[] lines = Tool.Run("rmp", image.Path, "--rmp", "5000000:5803fff").OutputLines;
        Assert.Contains("  and 488 more", lines);
        Assert.Contains("  0xffff888041000000  1G    1 assigned, the first is PFN 0x41000, firmware's", lines);
        string[] all = Tool.Run("rmp", image.Path, "--rmp", "5000000:5803fff", "--list").OutputLines;
        Assert.Equal(lines.Length - 1 + 488, all.Length);
        Assert.DoesNotContain(all, static line => line.EndsWith(" more", StringComparison.Ordinal));
    }

    [Fact]
    public void Directmap_shows_the_comparison_where_the_image_has_an_RMP()
    {
        ToolResult result = RunMap(Host().Log(HostKernel.ContiguousLog));
        Assert.EndsWith(
            "RMP 0x1000000-0x140bfff, found by the kernel's log in the image\n" + DirectMap + Faulting, result.Output,
            StringComparison.Ordinal);
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        Assert.EndsWith(
            "RMP at 0x2000000, 2 segments of 1G, by its segment table\n" + DirectMap + Faulting,
            RunMap(Host(), "--rst", "2004000", "--rmp-cfg", "1e01").Output, StringComparison.Ordinal);
        Assert.DoesNotContain("RMP", RunMap(Host()).Output, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "RMP", RunMap(new HostKernel { HasEntries = false }.Log(HostKernel.ContiguousLog)).Output, StringComparison.Ordinal);
        RunMap(Host(), "--rmp", "auto").IsBadInput("it is not known where the RMP is");
        RunMap(new HostKernel { HasEntries = false }, "--rmp", HostKernel.Contiguous).IsBadInput("nothing of the RMP's entries");
        using JsonDocument json = JsonDocument.Parse(RunMap(Host().Log(HostKernel.ContiguousLog), "--json").Output);
        JsonElement rmp = json.RootElement.GetProperty("rmp");
        Assert.Equal("kernel_log", rmp.GetProperty("place").GetProperty("found_by").GetString());
        Assert.Equal(1021, rmp.GetProperty("direct_map").GetProperty("faulting_pages").GetInt64());
        Assert.Single(
            RunMap(Host().Log(HostKernel.ContiguousLog), "--tsv").OutputLines,
            static line => line.StartsWith("ffff888000000000", StringComparison.Ordinal));
    }

    [Fact]
    public void Info_says_where_it_is()
    {
        using TemporaryFile image = new(new HostKernel { HasEntries = false }.Log(HostKernel.ContiguousLog).Build());
        Assert.Contains(
            "RMP:         0x1000000-0x140bfff, found by the kernel's log in the image; its entries are not in the image",
            Tool.Run("info", image.Path).OutputLines);
        using TemporaryFile segmented = new(new HostKernel().Log(HostKernel.SegmentedLog).Build());
        Assert.Contains(
            "RMP:         at 0x2000000, 2 segments of 1G, found by the kernel's log in the image",
            Tool.Run("info", segmented.Path).OutputLines);
        using JsonDocument json = JsonDocument.Parse(Tool.Run("info", segmented.Path, "--json").Output);
        JsonElement root = json.RootElement.ValueKind == JsonValueKind.Array ? json.RootElement[0] : json.RootElement;
        Assert.Equal("0x2000000", root.GetProperty("rmp_base").GetString());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("rmp_end").ValueKind);
        Assert.Equal(2, root.GetProperty("rmp").GetProperty("segments").GetArrayLength());
    }

    [Fact]
    public void Walk_checks_against_segments()
    {
        using TemporaryFile image = new(new HostKernel().Log(HostKernel.SegmentedLog).Build());
        foreach (string[] options in (string[][])[["--rst", "2004000", "--rmp-cfg", "1e01"], ["--rmp", "auto"]])
        {
            ToolResult result = Tool.Run(["walk", image.Path, "ffff888000203000", "--write", .. options]);
            Assert.Equal(
                "fault: #PF 0x80000003 (P W/R RMP): the RMP forbids it for the page at 0x203000, 2M", result.OutputLines[^1]);
            Assert.StartsWith("  RMP   at 0x3002030: ", result.OutputLines[^2], StringComparison.Ordinal);
            result = Tool.Run(["walk", image.Path, "ffff8880403ff000", "--write", .. options]);
            Assert.StartsWith("  RMP   at 0x3803ff0: 8000000000000005", result.OutputLines[^2], StringComparison.Ordinal);
            Assert.Contains("RMP at 0x2000000, 2 segments of 1G, ", result.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("--rmp-cfg needs --rst", "--rmp-cfg", "1e01")]
    [InlineData("--rmp-cfg and --symbols exclude each other", "--rst", "2004000", "--rmp-cfg", "1e01", "--symbols", "map")]
    [InlineData("--rmp and --rst exclude each other", "--rmp", "auto", "--rst", "2004000")]
    [InlineData("--rmp BASE:END and --symbols exclude each other", "--rmp", HostKernel.Contiguous, "--symbols", "map")]
    [InlineData("--symbols: a file name is empty", "--symbols", "")]
    [InlineData("--rst: 0x3000 is too low: the segment table lies 16 KiB above RMP_BASE", "--rst", "3000")]
    [InlineData("--rst: 0x10000000000000 is not a physical address, which ends at 0xfffffffffffff", "--rst", "10000000000000")]
    [InlineData("--rst: RMP_CFG 0x1e00 says that the RMP is not segmented.", "--rst", "2004000", "--rmp-cfg", "1e00")]
    [InlineData(
        "--rst: RMP_BASE 0x2001000 is not a multiple of 1 MiB, as that of a segmented RMP must be.", "--rst", "2005000", "--rmp-cfg",
        "1e01")]
    public void Wrong_command_lines_are_refused(string problem, params string[] options)
    {
        Tool.Run(["rmp", "image", .. options]).IsUsageError(problem);
        Tool.Run(["walk", "image", "0", .. options]).IsUsageError(problem);
        Tool.Run(["directmap", "image", .. options]).IsUsageError(problem);
        Tool.Run(["explain", "log", "--image", "image", .. options]).IsUsageError(problem);
    }

    [Theory]
    [InlineData("--base and --end say where the RMP is: no other option may", "--base", "1000000", "--end", "140bfff", "--rmp", "auto")]
    [InlineData("--tsv and --json exclude each other", "--tsv", "--json")]
    public void Wrong_command_lines_of_the_census_are_refused(string problem, params string[] options) =>
        Tool.Run(["rmp", "image", .. options]).IsUsageError(problem);

    [Fact]
    public void Damaged_images_end_with_a_documented_code()
    {
        byte[] core = new HostKernel().Log(HostKernel.SegmentedLog).Build();
        Mutator mutator = new(31);
        for (int round = 0; round < 150; round++)
        {
            using TemporaryFile image = new(mutator.Mutate(core, round % 2 == 0 ? 0x9000 : core.Length));
            ToolResult result = Tool.Run("rmp", image.Path).SpeaksProperly();
            Assert.InRange(result.Code, 0, 3);
            Assert.NotEqual(2, result.Code);
        }
    }

    private static HostKernel Host() => new() { IsWhole = true };

    private static ToolResult Run(HostKernel host, params string[] options)
    {
        using TemporaryFile image = new(host.Build());
        return Tool.Run(["rmp", image.Path, .. options]);
    }

    private static ToolResult RunMap(HostKernel host, params string[] options)
    {
        using TemporaryFile image = new(host.Build());
        return Tool.Run(["directmap", image.Path, .. options]);
    }
}
