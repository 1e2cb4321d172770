using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading;
using FastRmp.Cli.Tests.Report;
using FastRmp.Cli.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Replay;

/// <summary><c>replay --sweep</c>: traces times parameters, a line of JSON for each, gone on with after any end.</summary>
public sealed class SweepTests : IDisposable
{
    private const string Allocation =
        "     busybox-vm1-12    [001] .....     4.1: mm_page_alloc: page=00000000aa pfn=0x205 order=0 migratetype=1 gfp_flags=GFP_HIGHUSER_MOVABLE\n";
    private const string Write =
        "           sh-9     [000] .....     4.2: mm_page_alloc: page=00000000ab pfn=0x206 order=0 migratetype=0 gfp_flags=GFP_KERNEL\n";
    private const string Free = "     busybox-vm1-12    [001] .....     5.3: mm_page_free: page=00000000aa pfn=0x205 order=0\n";
    private const string Two =
        """{"traces": ["a.txt", {"files": ["b.txt"], "name": "b"}], "cpus": [8, 128], "cost": {"ipi": [400, 800]}}""";
    private const int TasksOfTwo = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fastrmp");

    public SweepTests()
    {
        File.WriteAllText(PathOf("a.txt"), Allocation + Write + Free);
        File.WriteAllText(PathOf("b.txt"), Allocation + Free + Write);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_row_has_what_a_replay_with_its_parameters_prints()
    {
        string plan = Plan(Two);
        ToolResult result = Tool.Run("replay", "--sweep", plan).IsDone();
        JsonObject[] rows = [.. Lines(result.Output).OrderBy(static row => (int)row["task"]!)];
        Assert.Equal(Enumerable.Range(0, TasksOfTwo), rows.Select(static row => (int)row["task"]!));
        Assert.All(rows, static row => Assert.Equal(TasksOfTwo, (int)row["tasks"]!));
        string[] seen = [.. rows.Select(static row => $"{row["trace"]} {row["costs"]!["cpus"]} {row["costs"]!["nanoseconds"]!["ipi"]}")];
        Assert.Equal(
            ["a.txt 8 400", "a.txt 128 400", "a.txt 8 800", "a.txt 128 800", "b 8 400", "b 128 400", "b 8 800", "b 128 800"], seen);
        foreach (JsonObject row in rows)
        {
            string trace = PathOf((string)row["inputs"]![0]!["name"]!);
            ToolResult alone = Tool.Run(
                "replay", trace, "--cpus", $"{row["costs"]!["cpus"]}", "--cost", $"ipi={row["costs"]!["nanoseconds"]!["ipi"]}", "--json");
            JsonNode expected = JsonNode.Parse(alone.Output)!;
            Assert.True(JsonNode.DeepEquals(expected["policies"], row["policies"]));
            Assert.True(JsonNode.DeepEquals(expected["costs"], row["costs"]));
            Assert.Equal(1, (long)row["owned_pages_peak"]!);
        }
    }

    [Fact]
    public void Traces_are_made_and_converted_as_a_replay_does()
    {
        const string Host = "ram=32G,guests=2,hours=0.02";
        string plan = Plan(
            $$"""{"traces": [{}, {"generate": "{{Host}}"}], "convert": ["none", "storm"], "seed": [1, 7], "policies": ["neighbour"]}""");
        JsonObject[] rows = [.. Lines(Tool.Run("replay", "--sweep", plan).IsDone().Output)];
        Assert.Equal(8, rows.Length);
        foreach (JsonObject row in rows)
        {
            List<string> alone = ["replay", "--json", "--policy", "neighbour", "--seed", $"{row["seed"]}"];
            if ((string)row["trace"]! == Host) alone.AddRange(["--generate", Host]);
            if (row["convert"] is { } convert) alone.AddRange(["--convert", (string)convert!]);
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Tool.Run([.. alone]).Output)!["policies"], row["policies"]));
        }

        Assert.Equal(7, rows.Select(static row => row["policies"]!.ToJsonString()).Distinct().Count()); // the sample has no seed
    }

    [Fact]
    public void A_plan_without_keys_is_a_replay_of_the_sample()
    {
        JsonObject row = Assert.Single(Lines(Tool.Run("replay", "--sweep", Plan("{}")).IsDone().Output));
        JsonNode alone = JsonNode.Parse(Tool.Run("replay", "--json").Output)!;
        Assert.True(JsonNode.DeepEquals(alone["policies"], row["policies"]));
    }

    [Fact]
    public void A_file_of_rows_that_was_cut_anywhere_is_gone_on_with()
    {
        string plan = Plan(Two);
        string path = PathOf("whole.jsonl");
        Tool.Run("replay", "--sweep", plan, "--rows", path).IsDone();
        byte[] all = File.ReadAllBytes(path);
        string[] rows = Sorted(path);
        Random random = new(7);
        foreach (int length in Enumerable.Range(0, 20).Select(_ => random.Next(all.Length)).Concat([0, 1, all.Length - 1, all.Length]))
        {
            string cut = PathOf("cut.jsonl");
            File.WriteAllBytes(cut, all[..length]);
            int left = all.AsSpan(0, length).Count((byte)'\n');
            ToolResult result = Tool.Run("replay", "--sweep", plan, "--rows", cut).IsDone();
            Assert.Equal(rows, Sorted(cut));
            int whole = all.AsSpan(0, length).LastIndexOf((byte)'\n') + 1;
            Assert.Equal(all[..whole], File.ReadAllBytes(cut)[..whole]);
            string told = $"{left} of {TasksOfTwo} rows are there, {TasksOfTwo - left} to do";
            if (left != 0) Assert.Contains(told, result.Error, StringComparison.Ordinal);
            if (length != 0 && all[length - 1] != '\n') Assert.Contains("is cut", result.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("notes without an end of line")]
    [InlineData("{\"task\";")]
    [InlineData("{}")]
    public void A_file_that_holds_something_else_is_refused_and_stays_as_it_is(string text)
    {
        string path = PathOf("other.jsonl");
        File.WriteAllText(path, text);
        Tool.Run("replay", "--sweep", Plan("{}"), "--rows", path).IsBadInput("line 1: is no row of a sweep");
        Assert.Equal(text, File.ReadAllText(path));
    }

    [Fact]
    public void A_file_without_an_end_of_line_is_not_read_for_ever()
    {
        string path = PathOf("zeros.jsonl");
        using (FileStream file = new(path, FileMode.Create))
        {
            file.SetLength(1L << 36); // sparse; longer than an array
        }

        Tool.Run("replay", "--sweep", Plan("{}"), "--rows", path).IsBadInput("line 1: is no row of a sweep");
    }

    [Fact]
    public void A_process_that_is_killed_loses_no_row_and_doubles_none()
    {
        string plan = Plan("""{"traces": [{}], "cpus": [1,2,3,4,5,6,7,8,9,10,11,12], "policies": ["eager", "neighbour", "optimum"]}""");
        string rows = PathOf("rows.jsonl");
        string assembly = typeof(Program).Assembly.Location;
        ProcessStartInfo start = new("dotnet", [assembly, "replay", "--sweep", plan, "--rows", rows, "--jobs", "1"])
        {
            RedirectStandardError = true,
        };
        using (Process process = Process.Start(start)!)
        {
            Stopwatch waited = Stopwatch.StartNew();
            while (!process.HasExited && waited.Elapsed < Patience && !(File.Exists(rows) && new FileInfo(rows).Length > 0))
            {
                Thread.Sleep(1);
            }

            process.Kill();
            process.WaitForExit();
            Assert.True(waited.Elapsed < Patience, "no row");
        }

        Tool.Run("replay", "--sweep", plan, "--rows", rows).IsDone();
        string[] once = Sorted(rows);
        string other = PathOf("other.jsonl");
        Tool.Run("replay", "--sweep", plan, "--rows", other, "--jobs", "3").IsDone();
        Assert.Equal(12, once.Length);
        Assert.Equal(Sorted(other), once);
    }

    [Fact]
    public void Each_task_of_a_batch_system_makes_its_row()
    {
        string plan = Plan(Two);
        string[] listed = Tool.Run("replay", "--sweep", plan, "--list").IsDone().OutputLines;
        Assert.Equal(TasksOfTwo, listed.Length);
        StringBuilder together = new();
        for (int task = 0; task < TasksOfTwo; task++)
        {
            string rows = PathOf($"{task}.jsonl");
            Tool.Run("replay", "--sweep", plan, "--task", $"{task}", "--rows", rows).IsDone();
            JsonObject row = JsonNode.Parse(Assert.Single(File.ReadAllLines(rows)))!.AsObject();
            foreach ((string key, JsonNode? value) in JsonNode.Parse(listed[task])!.AsObject())
            {
                Assert.True(JsonNode.DeepEquals(value, row[key]));
            }

            together.Append(File.ReadAllText(rows));
        }

        string all = PathOf("all.jsonl");
        File.WriteAllText(all, together.ToString());
        ToolResult drawn = Tool.Run("replay", "--sweep", plan, "--rows", all, "--report", PathOf("sweep.html")).IsDone();
        Assert.Contains("8 of 8 rows are there, 0 to do", drawn.Error, StringComparison.Ordinal);
        string whole = PathOf("whole.jsonl");
        Tool.Run("replay", "--sweep", plan, "--rows", whole).IsDone();
        Assert.Equal(Sorted(whole), Sorted(all));
        Refuses("--task: is 0 to 7", "replay", "--sweep", plan, "--task", "8");
        Refuses("--task", "replay", "--sweep", plan, "--task", "-1");
    }

    [Fact]
    public void Rows_of_another_plan_and_what_is_no_row_stay_as_they_are()
    {
        string rows = PathOf("rows.jsonl");
        Tool.Run("replay", "--sweep", Plan(Two), "--rows", rows).IsDone();
        byte[] before = File.ReadAllBytes(rows);
        string[] others =
        [
            """{"traces": ["a.txt"]}""", Two.Replace("8, 128", "8, 64", StringComparison.Ordinal),
            Two.Replace("400", "401", StringComparison.Ordinal), Two.Replace("\"b\"", "\"c\"", StringComparison.Ordinal),
            Two[..^1] + ", \"policies\": [\"eager\"]}", Two[..^1] + ", \"rmp\": \"4k\"}", Two[..^1] + ", \"guest_comm\": \"qemu*\"}",
        ];
        foreach (string other in others)
        {
            Tool.Run("replay", "--sweep", Plan(other), "--rows", rows).IsBadInput("is no row of this plan; name another file");
            Assert.Equal(before, File.ReadAllBytes(rows));
        }

        string[] none = ["{}\n", "null\n", "[]\n", "x\n", "{\"task\":0}\n", "\0\n", "{\"task\":0,\"tasks\":8,\"policies\":{\"x\":null}}\n"];
        foreach (string bad in none)
        {
            File.WriteAllText(rows, bad);
            Tool.Run("replay", "--sweep", Plan(Two), "--rows", rows).IsBadInput("line 1: is no row");
            Assert.Equal(bad, File.ReadAllText(rows));
        }
    }

    [Fact]
    public void A_damaged_row_is_a_message_and_never_a_crash()
    {
        string rows = PathOf("rows.jsonl");
        string plan = Plan("""{"traces": ["a.txt"], "policies": ["never", "eager", "optimum"]}""");
        Tool.Run("replay", "--sweep", plan, "--rows", rows).IsDone();
        byte[] good = File.ReadAllBytes(rows);
        Random random = new(11);
        for (int round = 0; round < Tool.Share(400); round++)
        {
            byte[] bytes = (byte[])good.Clone();
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (round % 2 == 0) bytes[random.Next(bytes.Length)] = "{}[]\",:0n-\n"u8[random.Next(11)];
            File.WriteAllBytes(rows, bytes);
            ToolResult result = Tool.Run("replay", "--sweep", plan, "--rows", rows, "--report", PathOf("page.html"));
            Assert.Contains(result.Code, (int[])[0, 3]);
            Assert.DoesNotContain("unexpected", result.Error, StringComparison.Ordinal);
            if (result.Code == 0) Pages.Parse(File.ReadAllText(PathOf("page.html")));
        }
    }

    [Fact]
    public void An_input_that_changed_between_two_runs_is_told()
    {
        string rows = PathOf("rows.jsonl");
        string plan = Plan(Two);
        Tool.Run("replay", "--sweep", plan, "--task", "0", "--rows", rows).IsDone();
        File.AppendAllText(PathOf("a.txt"), Allocation);
        string before = File.ReadAllText(rows);
        Tool.Run("replay", "--sweep", plan, "--rows", rows, "--jobs", "1").IsBadInput("'a.txt' has changed since");
        Assert.StartsWith(before, File.ReadAllText(rows), StringComparison.Ordinal);
    }

    [Fact]
    public void A_trace_that_is_missing_leaves_the_others_their_rows()
    {
        string plan = Plan("""{"traces": ["a.txt", "no.txt", "b.txt"], "cpus": [1, 2]}""");
        string rows = PathOf("rows.jsonl");
        ToolResult result = Tool.Run("replay", "--sweep", plan, "--rows", rows);
        result.IsBadInput("no.txt: there is no such file");
        Assert.Contains("2 of 6 replays have no row", result.Error, StringComparison.Ordinal);
        Assert.Single(result.ErrorLines, static line => line.Contains("no.txt", StringComparison.Ordinal));
        Assert.Equal(4, File.ReadAllLines(rows).Length);
        File.Copy(PathOf("a.txt"), PathOf("no.txt"));
        Tool.Run("replay", "--sweep", plan, "--rows", rows).IsDone();
        Assert.Equal(6, File.ReadAllLines(rows).Length);
    }

    [Fact]
    public void Lines_that_do_not_parse_are_told_by_the_exit_code_of_every_run()
    {
        File.AppendAllText(PathOf("a.txt"), Free.Replace("0x205", "0xzz", StringComparison.Ordinal));
        string plan = Plan("""{"traces": ["a.txt"]}""");
        string rows = PathOf("rows.jsonl");
        Tool.Run("replay", "--sweep", plan, "--rows", rows).IsBadInput("line 4");
        Assert.Equal(1, (long)Lines(File.ReadAllText(rows)).Single()["problems"]!);
        Assert.Equal(3, Tool.Run("replay", "--sweep", plan, "--rows", rows).Code);
    }

    [Theory]
    [InlineData("", "is not JSON")]
    [InlineData("{", "line 1: is not JSON")]
    [InlineData("{\n\"cpus\": [1,\n}", "line 3: is not JSON")]
    [InlineData("{\"cpus\": 1, \"cpus\": 2}", "is not JSON")]
    [InlineData("[]", "is not an object")]
    [InlineData("{\"cpu\": 1}", "there is no key 'cpu'; there are traces")]
    [InlineData("{\"cpus\": []}", "cpus: is empty")]
    [InlineData("{\"cpus\": [1, 0]}", "cpus[1]: is not a number of processors")]
    [InlineData("{\"cpus\": [1e99]}", "cpus[0]: is not a number of processors")]
    [InlineData("{\"cpus\": \"8\"}", "cpus: is not a number of processors")]
    [InlineData("{\"tlb\": [\"zen2\"]}", "tlb: 'zen2' is not one of zen3")]
    [InlineData("{\"rmp\": \"2m\"}", "rmp: '2m' is not one of auto, 4k")]
    [InlineData("{\"policies\": [\"best\"]}", "policies: 'best' is not one of never")]
    [InlineData("{\"cost\": {\"speed\": 1}}", "cost: there is no key 'speed'")]
    [InlineData("{\"cost\": {\"ipi\": -1}}", "cost.ipi: is not a number of nanoseconds")]
    [InlineData("{\"cost\": {\"ipi\": [\"1\"]}}", "cost.ipi[0]: is not a number of nanoseconds")]
    [InlineData("{\"cost\": {\"ipi\": 1e300}}", "cost.ipi: ")]
    [InlineData("{\"traces\": [1]}", "traces[0]: is neither the name of a file nor an object")]
    [InlineData("{\"traces\": [\"a.txt\", \"a.txt\"]}", "traces[1]: 'a.txt' is the name of another trace")]
    [InlineData("{\"traces\": [{\"files\": [\"a.txt\", \"a.txt\"]}]}", "traces[0].files[1]: 'a.txt' is named twice")]
    [InlineData("{\"traces\": [{\"iomem\": \"x\"}]}", "traces[0].iomem: needs files")]
    [InlineData("{\"traces\": [{\"file\": \"x\"}]}", "traces[0]: there is no key 'file'")]
    [InlineData("{\"traces\": [\"\"]}", "traces[0]: is no text, or an empty one")]
    [InlineData("{\"guest_comm\": [null]}", "guest_comm[0]: is no text")]
    [InlineData("{\"convert\": [\"linux\", \"windows\"]}", "convert: ")]
    [InlineData("{\"seed\": [1, -1]}", "seed[1]: is not a whole number")]
    [InlineData("{\"traces\": [{\"generate\": \"ram=1\"}]}", "traces[0].generate: ")]
    [InlineData("{\"traces\": [{\"generate\": \"hours=1\", \"files\": \"a.txt\"}]}", "traces[0].generate: makes the trace")]
    public void A_plan_that_is_wrong_is_told_by_line_or_key(string text, string message) =>
        Tool.Run("replay", "--sweep", Plan(text)).IsBadInput("plan.json: ", message);

    [Fact]
    public void Too_many_replays_are_refused_before_they_take_memory()
    {
        string numbers = string.Join(",", Enumerable.Range(1, 5000));
        Tool.Run("replay", "--sweep", Plan($$$"""{"cost": {"ipi": [{{{numbers}}}], "leaf": [{{{numbers}}}], "walk": [{{{numbers}}}]}}"""))
            .IsBadInput("has more than 1000000 replays");
    }

    [Fact]
    public void Options_that_do_not_go_together_are_refused()
    {
        string plan = Plan(Two);
        Refuses("TRACE is not used with it", "replay", "trace.txt", "--sweep", plan);
        Refuses("--cpus is not used with it", "replay", "--cpus", "8", "--sweep", plan);
        Refuses("--json is not used with it", "replay", "--json", "--sweep", plan);
        Refuses("--rows: needs --sweep", "replay", "--rows", "x");
        Refuses("--task: needs --sweep", "replay", "--task", "1");
        Refuses("--jobs: needs --sweep", "replay", "--jobs", "1");
        Refuses("--jobs: is 1 to", "replay", "--sweep", plan, "--jobs", "0");
        Refuses("--list: makes no rows", "replay", "--sweep", plan, "--list", "--rows", "x");
        Refuses("is the plan", "replay", "--sweep", plan, "--rows", plan);
        Refuses("--report: 'x' is an input", "replay", "--sweep", plan, "--rows", "x", "--report", "x");
        Refuses("not one --task", "replay", "--sweep", plan, "--task", "1", "--report", "x");
        Refuses("--sweep: needs the name of a file", "replay", "--sweep", "-");
        Tool.Run("replay", "--sweep", "/no/such/plan").IsBadInput("/no/such/plan: there is no such file");
        Tool.Run("replay", "--sweep", plan, "--rows", "/no/such/rows").IsBadInput("/no/such/rows: cannot be written");
    }

    [Fact]
    public void The_page_has_a_drawing_for_each_trace_and_is_the_same_again()
    {
        string plan = Plan(Two[..^1] + ", \"rmp\": [\"auto\", \"4k\"]}");
        string rows = PathOf("rows.jsonl");
        Tool.Run("replay", "--sweep", plan, "--rows", rows, "--report", PathOf("one.html")).IsDone();
        Tool.Run("replay", "--sweep", plan, "--rows", rows, "--report", PathOf("two.html")).IsDone();
        string page = File.ReadAllText(PathOf("one.html"));
        Assert.Equal(page, File.ReadAllText(PathOf("two.html")));
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        System.Xml.Linq.XElement root = Pages.Parse(page);
        Assert.Equal(4, Pages.All(root, "figure").Count());
        Assert.All(Pages.All(root, "figure"), static figure => Assert.NotEmpty(Pages.All(figure, "circle")));
        Assert.Contains("16 replays", page, StringComparison.Ordinal);
        string[] ids = [.. root.Descendants().Select(static one => (string?)one.Attribute("id")).OfType<string>()];
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    private static void Refuses(string message, params string[] args)
    {
        ToolResult result = Tool.Run(args).SpeaksProperly();
        Assert.Equal(2, result.Code);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    private static IEnumerable<JsonObject> Lines(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonNode.Parse(line)!.AsObject());

    private static string[] Sorted(string path)
    {
        string[] rows = File.ReadAllLines(path);
        Array.Sort(rows, StringComparer.Ordinal);
        return rows;
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private string Plan(string text)
    {
        string path = PathOf("plan.json");
        File.WriteAllText(path, text);
        return path;
    }
}
