using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using FastRmp.Cli.Report;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images;
using FastRmp.Images.Study;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Report;

/// <summary>The page that <c>replay --report</c> writes.</summary>
public sealed class ReportPageTests : IDisposable
{
    private const string Hostile = "<script>x\"'&";
    private const int MostBytes = 2_000_000;

    private static readonly (string Heading, string Path)[] Columns =
    [
        ("guest pages", "counts.guest_pages"), ("host writes", "counts.host_writes"), ("rmpupdate", "counts.rmpupdate"),
        ("psmash", "counts.psmash"), ("violations", "counts.violations"), ("handled", "counts.handled"), ("fatal", "counts.fatal"),
        ("splits 2M", "counts.splits_2m"), ("splits 1G", "counts.splits_1g"), ("rejoins 2M", "counts.rejoins_2m"),
        ("rejoins 1G", "counts.rejoins_1g"), ("peak 4K", "peak_4k"), ("end 4K", "direct_map_end.4K"), ("end 2M", "direct_map_end.2M"),
        ("end 1G", "direct_map_end.1G"), ("flushes of everything", "flushes.global"), ("flushes of pages", "flushes.ranged"),
        ("table pages, peak", "table_pages.peak"), ("table pages, mean", "table_pages.mean"), ("table pages, end", "table_pages.end"),
        ("walks of host accesses", "tlb.walks"), ("walks beyond the first map's", "tlb.extra_walks"),
        ("blocks for the allocator to move", "advised_blocks"), ("tables", "modelled_ns.tables"), ("flushes", "modelled_ns.flushes"),
        ("faults", "modelled_ns.faults"), ("scans", "modelled_ns.scans"), ("TLB", "modelled_ns.tlb"), ("all", "modelled_ns.total"),
        ("times the optimum", "of_optimum"),
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fastrmp");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Its_tables_have_the_figures_of_the_object_for_programs()
    {
        using JsonDocument json = JsonDocument.Parse(Tool.Run("replay", "--json").Output);
        JsonElement policies = json.RootElement.GetProperty("policies");
        XElement page = Pages.Parse(Write());
        Dictionary<string, Dictionary<string, string>> cells = [];
        foreach (XElement table in Pages.All(page, "table"))
        {
            string[] headings = [.. Pages.All(Pages.All(table, "thead").Single(), "th").Select(static one => one.Value)];
            foreach (XElement row in Pages.All(table, "tbody").SelectMany(static body => Pages.All(body, "tr")))
            {
                string[] values = [.. row.Elements().Select(static one => one.Value)];
                Assert.Equal(headings.Length, values.Length);
                cells.TryAdd(values[0], []);
                for (int column = 1; column < values.Length; column++)
                {
                    cells[values[0]].Add(headings[column], values[column]);
                }
            }
        }

        Assert.Equal(policies.EnumerateObject().Select(static one => one.Name), cells.Keys);
        int compared = 0;
        foreach (JsonProperty policy in policies.EnumerateObject())
        {
            Assert.Equal(Columns.Length, cells[policy.Name].Count);
            foreach ((string heading, string path) in Columns)
            {
                string cell = cells[policy.Name][heading];
                if (Find(policy.Value, path) is not { } value)
                {
                    Assert.Equal("-", cell);
                    continue;
                }

                if (cell == "-") continue; // the optimum's flushes are not all modelled; what is told is equal
                double shown = double.Parse(cell, NumberStyles.Number, CultureInfo.InvariantCulture);
                bool isMicroseconds = path.StartsWith("modelled", StringComparison.Ordinal);
                double slack = isMicroseconds ? 0.051 : path switch { "of_optimum" => 0.000_6, "table_pages.mean" => 0.005_1, _ => 0 };
                Assert.InRange(shown, (isMicroseconds ? value / 1000 : value) - slack, (isMicroseconds ? value / 1000 : value) + slack);
                compared++;
            }
        }

        Assert.InRange(compared, 36 * 28, int.MaxValue);
    }

    [Fact]
    public void The_verdict_stands_first_and_names_who_costs_least()
    {
        XElement page = Pages.Parse(Write());
        XElement main = Pages.All(page, "main").Single();
        XElement verdict = main.Elements().First();
        Assert.Equal("verdict", verdict.Attribute("class")?.Value);
        Assert.Contains(
            "neighbour and neighbour+debt cost the least of 36 policies: no more than the best schedule", verdict.Value,
            StringComparison.Ordinal);
        Assert.Contains("3,311 of 25,415 host writes are fatal under never", verdict.Value, StringComparison.Ordinal);
        string[] sections = [.. Pages.All(main, "h2").Select(static one => one.Value)];
        Assert.Equal(["Verdict", "Policies", "Cost", "Over time", "Memory", "Split regions", "Again"], sections);
    }

    [Fact]
    public void The_same_input_gives_the_same_bytes_and_so_does_the_command_that_it_names()
    {
        string first = Write("--cpus", "8", "--cost", "ipi=12.5", "--policy", "never", "--policy", "on-demand+rejoin", "--rmp", "4k");
        Assert.Equal(first, Write("--cpus", "8", "--cost", "ipi=12.5", "--policy", "never", "--policy", "on-demand+rejoin", "--rmp", "4k"));
        XElement page = Pages.Parse(first);
        string command = Pages.All(page, "pre").Single().Value;
        Assert.Equal(
            "fastrmp replay --policy never --policy on-demand+rejoin --rmp 4k --cpus 8 --cost ipi=12.5 --report report.html", command);
        string[] words = command.Split(' ');
        string again = Path.Combine(_folder.FullName, "again.html");
        Assert.Equal(0, Tool.Run([.. words[1..^1], again]).Code);
        Assert.Equal(first, File.ReadAllText(again));
    }

    [Fact]
    public void It_names_version_inputs_hashes_and_options()
    {
        string trace = Fixture.PathOf("page-trace/trace.txt.gz");
        string iomem = Fixture.PathOf("page-trace/iomem.txt");
        string text = Pages.Parse(Write(trace, "--iomem", iomem)).Value;
        foreach (string path in (string[])[trace, iomem])
        {
            Assert.Contains(
                $"{path}, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)))}", text, StringComparison.Ordinal);
        }

        Assert.Contains(Tool.Run("--version").Output.Trim(), text, StringComparison.Ordinal);
        Assert.Contains($"fastrmp replay {trace} --iomem {iomem} --report report.html", text, StringComparison.Ordinal);
        Assert.Contains("busybox-vm1, busybox-vm2, busybox-vm3, busybox-vm4", text, StringComparison.Ordinal);
        Assert.Contains("guests", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Standard_input_is_hashed_as_it_came()
    {
        byte[] trace = File.ReadAllBytes(Fixture.PathOf("page-trace/trace.txt.gz"));
        string path = Path.Combine(_folder.FullName, "r.html");
        Assert.Equal(0, Tool.RunWith(trace, "replay", "-", "--policy", "never", "--report", path).Code);
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(trace)), File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("module-6.12")]
    [InlineData("kvm-7.3")]
    public void A_trace_of_instructions_has_one_too(string name)
    {
        XElement page = Pages.Parse(Write(Fixture.PathOf($"real-kernel/{name}.trace.txt.gz")));
        Assert.Contains("Nothing has to be split on this trace", page.Value, StringComparison.Ordinal);
        Assert.NotEmpty(Pages.All(page, "svg"));
    }

    [Fact]
    public void Names_in_a_trace_stay_text()
    {
        string trace = Path.Combine(_folder.FullName, $"{Hostile}\u202E\u0001.txt");
        StringBuilder text = new();
        for (int i = 0; i < 9; i++)
        {
            AppendAllocation(text, $"{Hostile}{i}", 4 + (i / 10.0), i * 512, i);
        }

        text.Append($"     x-1 [000] ..... 5.0: mm_page_{Hostile}: page=00aa pfn=0x1 order=0 migratetype=0\n");
        File.WriteAllText(trace, text.ToString());
        string path = Path.Combine(_folder.FullName, "r.html");
        ToolResult result = Tool.Run("replay", trace, "--guest-comm", "<script>*", "--report", path);
        string html = File.ReadAllText(path);
        XElement page = Pages.Parse(html);
        Assert.True(File.Exists(path), result.Error);
        Assert.Equal(2, Pages.All(page, "script").Count()); // the data and the one that moves through it
        Assert.Contains($"{Hostile}8", page.Value, StringComparison.Ordinal);
        Assert.Contains($"{Hostile}\uFFFD\uFFFD.txt", page.Value, StringComparison.Ordinal);
        Assert.DoesNotContain(Hostile, html, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202E', html);
    }

    [Fact]
    public void Nothing_is_fetched_and_no_script_runs_but_its_own()
    {
        string html = Write();
        XElement page = Pages.Parse(html);
        Assert.DoesNotContain("url(", html, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", html, StringComparison.Ordinal);
        XAttribute[] references =
        [
            .. page.DescendantsAndSelf().Attributes()
                .Where(static one => one.Name.LocalName is "href" or "src" or "srcset" or "data" or "action" or "style"),
        ];
        Assert.All(references, static one => Assert.Equal(("a", "href"), (one.Parent!.Name.LocalName, one.Name.LocalName)));
        Assert.All(Pages.All(page, "a"), static one => Assert.StartsWith("#", one.Attribute("href")!.Value, StringComparison.Ordinal));
        XElement[] scripts = [.. Pages.All(page, "script")];
        string policy = Pages.All(page, "meta").Single(static one => one.Attribute("http-equiv") is not null).Attribute("content")!.Value;
        Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
        string hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(scripts[1].Value)));
        Assert.EndsWith($"script-src 'sha256-{hash}'", policy, StringComparison.Ordinal);
        Assert.Equal("application/json", scripts[0].Attribute("type")?.Value);
        JsonDocument.Parse(scripts[0].Value).Dispose();
    }

    [Fact]
    public void Every_drawing_has_words_every_table_a_caption_every_control_a_label()
    {
        XElement page = Pages.Parse(Write());
        HashSet<string> ids = [];
        Assert.All(page.DescendantsAndSelf().Attributes("id"), id => Assert.True(ids.Add(id.Value), id.Value));
        XElement[] drawings = [.. Pages.All(page, "svg").Where(static one => one.Attribute("aria-hidden") is null)];
        Assert.InRange(drawings.Length, 20, 60);
        foreach (XElement drawing in drawings)
        {
            Assert.Equal("img", drawing.Attribute("role")?.Value);
            Assert.All(drawing.Attribute("aria-labelledby")!.Value.Split(' '), id => Assert.Contains(id, ids));
            Assert.Equal(["title", "desc"], drawing.Elements().Take(2).Select(static one => one.Name.LocalName));
            Assert.All(drawing.Elements().Take(2), static one => Assert.NotEmpty(one.Value));
        }

        Assert.Equal(3, Pages.All(page, "table").Count());
        foreach (XElement table in Pages.All(page, "table"))
        {
            Assert.NotEmpty(Pages.All(table, "caption").Single().Value);
            Assert.All(Pages.All(table, "th"), static one => Assert.Contains(one.Attribute("scope")?.Value, (string[])["col", "row"]));
            Assert.Equal("0", table.Parent!.Attribute("tabindex")?.Value); // a table that is too wide is moved by keys
        }

        foreach (XElement control in Pages.All(page, "input").Concat(Pages.All(page, "select")))
        {
            Assert.Contains(Pages.All(page, "label"), one => one.Attribute("for")?.Value == control.Attribute("id")?.Value);
        }

        XElement instants = Pages.All(page, "div").Single(static one => one.Attribute("class")?.Value == "charts instants");
        Assert.Equal(4, Pages.All(instants, "svg").Count()); // what is there without scripts
    }

    [Fact]
    public void It_stays_small_whatever_happens_in_a_trace()
    {
        using PageTrace trace = PageTrace.Open(Fixture.PathOf("page-trace/trace.txt.gz"));
        StudyResult study = TraceStudy.Run(ReplayPlan.Create(trace), MapPolicies.All, new StudyCosts(), isRecorded: true);
        Random random = new(3);
        long[] times = [.. Enumerable.Range(0, StudyRecorder.MostSamples + 1).Select(static index => index * 1_000_000_007L)];
        MemoryHistory memory = new(
            StudyRecorder.MostCells << 9, 512, 64, [.. Enumerable.Repeat(true, StudyRecorder.MostCells)], times[..49],
            Frames(random, 4));
        PolicyHistory[] histories = Array.ConvertAll(
            [.. study.Histories!],
            one => one with
            {
                Times = times,
                Series = [.. one.Series.Select(_ => Array.ConvertAll(times, _ => random.NextInt64(1_000_000_000)))],
                Memory = memory,
                Splits = Frames(random, 3),
            });
        ReportSubject subject = new(
            new string('x', 9999), new string('<', 9999), [], 1, [.. Enumerable.Repeat(new string('"', 99), 9999)], 1, [], "fastrmp", [],
            "1");
        string html = ReportPage.Write(subject, study with { Histories = histories }, showsOptimum: true);
        Pages.Parse(html);
        Assert.InRange(Encoding.UTF8.GetByteCount(html), MostBytes / 2, MostBytes); // noise everywhere: no page is larger
    }

    [Fact]
    public void A_report_that_cannot_be_written_is_refused_before_the_work()
    {
        Tool.Run("replay", "--report", Path.Combine(_folder.FullName, "none", "r.html")).IsBadInput("none", "cannot be written");
        Tool.Run("replay", "--report", string.Empty).IsUsageError("a file name is empty");
        Tool.Run("replay", "--report", "-").IsUsageError("--report: needs the name of a file");
        using TemporaryFile trace = new("x"u8);
        string other = Path.Combine(Path.GetDirectoryName(trace.Path)!, ".", Path.GetFileName(trace.Path));
        Tool.Run("replay", trace.Path, "--report", other).IsUsageError($"--report: '{other}' is an input");
        Assert.Equal("x", File.ReadAllText(trace.Path));
    }

    [Fact]
    public void What_the_tool_prints_is_the_same_with_it()
    {
        string path = Path.Combine(_folder.FullName, "r.html");
        Assert.Equal(Tool.Run("replay"), Tool.Run("replay", "--report", path));
        Assert.Equal(Tool.Run("replay", "--json"), Tool.Run("replay", "--json", "--report", path));
    }

    private static byte[][] Frames(Random random, int levels) =>
    [
        .. Enumerable.Range(0, 49).Select(
            _ => Enumerable.Range(0, StudyRecorder.MostCells).Select(_ => (byte)random.Next(levels)).ToArray()),
    ];

    private static void AppendAllocation(StringBuilder text, string task, double seconds, int frame, int order) => text
        .Append(CultureInfo.InvariantCulture, $"     {task}-12    [001] .....     {seconds:F6}: mm_page_alloc: page=00000000aa")
        .Append(CultureInfo.InvariantCulture, $" pfn=0x{frame:x} order={order} migratetype=1 gfp_flags=GFP_KERNEL\n");

    private static double? Find(JsonElement policy, string path)
    {
        foreach (string key in path.Split('.'))
        {
            if (!policy.TryGetProperty(key, out policy)) return null;
        }

        return policy.GetDouble();
    }

    private string Write(params string[] arguments)
    {
        string path = Path.Combine(_folder.FullName, "report.html");
        ToolResult result = Tool.Run(["replay", .. arguments, "--report", path]);
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        return File.ReadAllText(path);
    }
}
