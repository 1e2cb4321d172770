using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Walk;

/// <summary>
/// What IOMMUs of real machines logged: a walk through tables as those machines had them, or the entry that was printed, gives the same
/// event.
/// </summary>
public sealed partial class IommuReportTests
{
    private const ulong Rights = 3UL << 61;

    [Fact]
    public void Addresses_beyond_three_levels_are_logged_as_real_machines_log_them()
    {
        Match[] events = Events("01-iommu-out-of-reach");
        Assert.Equal(7, events.Length);
        foreach (Match logged in events)
        {
            ulong flags = Number(logged.Groups["flags"]);
            ToolResult result = Walk(3, logged, (flags & 0x20) != 0);
            Assert.Contains("fault: the address is beyond the reach of the tables: 3 levels end at 0x7fffffffff", result.OutputLines);
            Assert.EndsWith(Tail(logged), result.OutputLines[^1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_same_address_within_the_reach_of_grown_tables_is_not_present()
    {
        using TemporaryFile image = new(Core(4, 7));
        string end = Tool.Run("walk", image.Path, "7fffff00000", "--device", "0", "--device-table", "20000").OutputLines[^1];
        Assert.EndsWith(
            "[IO_PAGE_FAULT device=0000:00:00.0 domain=0x0007 address=0x7fffff00000 flags=0x0000]", end, StringComparison.Ordinal);
    }

    [Fact]
    public void Faults_that_were_provoked_on_purpose_have_the_flags_that_were_measured()
    {
        Match[] events = Events("02-iommu-flags-measured");
        string[] args = ["4000", "4000", "1000", "2000"]; // nothing there, nothing there, write-only, read-only
        using TemporaryFile image = new(Core(1, 16));
        for (int i = 0; i < events.Length; i++)
        {
            string[] write = i % 2 == 1 ? ["--write"] : [];
            string end = Tool.Run(["walk", image.Path, args[i], "--device", "0", "--device-table", "20000", .. write]).OutputLines[^1];
            Assert.EndsWith($"domain=0x0010 address=0x{args[i]} flags={events[i].Groups["flags"].Value}]", end, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Flags_are_reported_in_words_one_line_each()
    {
        string[] lines = File.ReadAllLines(Fixture.PathOf("reports/02-iommu-flags-measured/input.txt"));
        string[] blocks = Tool.Run(["decode", "flags", .. lines]).SpeaksProperly().Output.TrimEnd('\n').Split("\n\n");
        Assert.Equal(
            ["meaning: read; the page is not mapped", "meaning: write; the page is not mapped",
                "meaning: read; the page, or the device, may not be read", "meaning: write; the page, or the device, may not be written"],
            blocks.Select(static block => block.Split('\n')[^1]));
        Assert.Equal(["set: -", "set: RW", "set: PR PE", "set: PR RW PE"], blocks.Select(static block => block.Split('\n')[1]));
        Assert.Equal(blocks, Tool.Run("decode", "flags", "0", "0x20", "0050", "0x0070").Output.TrimEnd('\n').Split("\n\n"));
    }

    [Fact]
    public void An_entry_of_a_laptop_that_resumed_is_illegal_while_EPHEn_is_clear()
    {
        string[] lines = File.ReadAllLines(Fixture.PathOf("reports/07-dte-guest-tables-after-resume/input.txt"));
        string[] printed = lines[1..5];
        string[] fields = Tool.Run(["decode", "dte", .. printed]).SpeaksProperly().OutputLines;
        foreach (string field in new[]
        {
            "mode: 0", "ppr: 1", "gv: 1", "giov: 0", "glx: 1  2 levels of the GCR3 table", "gcr3_root: 0x101fe7000", "domain: 9",
            "iotlb: 1",
        })
        {
            Assert.Contains(field, fields);
        }

        string both = Verdict(fields, "without_snp");
        Assert.StartsWith(
            "legal if control bit 16 (GTEn) and control bit 45 (EPHEn) are set, else illegal: ", both, StringComparison.Ordinal);
        Assert.Contains("PPR while control bit 45 (EPHEn) is clear", both, StringComparison.Ordinal);
        string resumed = Verdict(Tool.Run(["decode", "dte", .. printed, "--control", "1f40d"]).OutputLines, "without_snp");
        Assert.Equal(
            "illegal: PPR while control bit 45 (EPHEn) is clear; ILLEGAL_DEV_TABLE_ENTRY, RZ set, flags=0x0080 for a read, "
                + "0x00a0 for a write",
            resumed);
        Assert.Equal("legal", Verdict(Tool.Run(["decode", "dte", .. printed, "--control", "20000001f40d"]).OutputLines, "without_snp"));

        ulong[] words = Array.ConvertAll(printed, static line => Convert.ToUInt64(line[(line.LastIndexOf(' ') + 1)..], 16));
        byte[] core = new CoreBuilder()
            .Processor(0x1000)
            .Load(0x20_0000 + (0x600 * 32), Cores.Table([.. words.Select(static (word, index) => (index, word))]))
            .Build();
        using TemporaryFile image = new(core);
        ToolResult walk = Tool.Run(
            "walk", image.Path, "135300000", "--device", "06:00.0", "--device-table", "200000", "--control", "1f40d");
        Assert.Equal("event: " + lines[0][lines[0].IndexOf("AMD-Vi", StringComparison.Ordinal)..], walk.OutputLines[^1]);
        Assert.StartsWith(
            "page: 0x135300000, not translated",
            Tool.Run(
                "walk", image.Path, "135300000", "--device", "06:00.0", "--device-table", "200000", "--control",
                "20000001f40d").OutputLines[^1],
            StringComparison.Ordinal);
        Assert.Equal(
            "text: " + lines[0][lines[0].IndexOf("AMD-Vi", StringComparison.Ordinal)..],
            Tool.Run("decode", "event", "00000600", "10800000", "35300000", "1").OutputLines[0]);
    }

    [Fact]
    public void A_server_with_mode_0_under_SNP_logs_an_illegal_entry()
    {
        byte[] core = new CoreBuilder()
            .Processor(0x1000)
            .Load(0x20_0000 + (0x4300 * 32), Cores.Table((0, 0x6000_0000_0000_0003), (1, 1)))
            .Build();
        using TemporaryFile image = new(core);
        string end = Tool.Run(
            "walk", image.Path, "3737b01000", "--write", "--device", "43:00.0", "--device-table", "200000", "--snp").OutputLines[^1];
        string[] decoded = Tool.Run("decode", "event", "00004300", "10200000", "37b01000", "37").OutputLines;
        Assert.Equal(
            "event: AMD-Vi: Event logged [ILLEGAL_DEV_TABLE_ENTRY device=0000:43:00.0 pasid=0x00000 address=0x3737b01000 flags=0x0020]",
            end);
        Assert.Equal("text" + end[5..], decoded[0]);
        Assert.Equal("legal", Verdict(Tool.Run("decode", "dte", "6000000000000003", "1", "0", "0").OutputLines, "without_snp"));
        Assert.StartsWith(
            "illegal: Mode 0 while SNP is enabled; ",
            Verdict(Tool.Run("decode", "dte", "6000000000000003", "1", "0", "0").OutputLines, "with_snp"), StringComparison.Ordinal);
    }

    private static ToolResult Walk(int mode, Match logged, bool isWrite)
    {
        using TemporaryFile image = new(Core(mode, (int)Number(logged.Groups["domain"])));
        string[] write = isWrite ? ["--write"] : [];
        return Tool.Run(["walk", image.Path, logged.Groups["address"].Value, "--device", "0", "--device-table", "20000", .. write]);
    }

    /// <summary>
    /// A device with tables of some levels; those of one level have a write-only page at 0x1000 and a read-only one at 0x2000.
    /// </summary>
    private static byte[] Core(int mode, int domain) => new CoreBuilder()
        .Processor(0x1000)
        .Load(0x2_0000, Cores.Table((0, 0x2_1003 | ((ulong)mode << 9) | Rights), (1, (ulong)domain)))
        .Load(0x2_1000, Cores.Table((1, 0x9001 | (1UL << 62)), (2, 0x9001 | (1UL << 61))))
        .Build();

    private static string Verdict(IEnumerable<string> lines, string name) =>
        lines.Single(line => line.StartsWith(name + ": ", StringComparison.Ordinal))[(name.Length + 2)..];

    private static Match[] Events(string report) =>
        [
            .. File.ReadAllLines(Fixture.PathOf($"reports/{report}/input.txt"))
                .Select(static line => Logged().Match(line))
                .Where(static match => match.Success),
        ];

    private static string Tail(Match logged) => string.Create(
        CultureInfo.InvariantCulture,
        $"domain={logged.Groups["domain"].Value} address=0x{Number(logged.Groups["address"]):x} flags={logged.Groups["flags"].Value}]");

    private static ulong Number(Group group) => Convert.ToUInt64(group.Value, 16);

    [GeneratedRegex(@"\[IO_PAGE_FAULT domain=(?<domain>0x[0-9a-f]+) address=(?<address>0x[0-9a-f]+) flags=(?<flags>0x[0-9a-f]+)\]")]
    private static partial Regex Logged();
}
