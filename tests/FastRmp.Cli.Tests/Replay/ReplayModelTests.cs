using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Text.Json;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Replay;

/// <summary>Traces that are written, changed and made.</summary>
public sealed class ReplayModelTests : IDisposable
{
    private const string SmallHost = "ram=2G,guests=3,hours=0.003,size=256M,life=0.002,host=4M,touch=2,small=5,mix=20";

    private readonly string _folder = Directory.CreateTempSubdirectory("fastrmp-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("out.trace")]
    [InlineData("out.trace.gz")]
    [InlineData("out.trace.zst")]
    [InlineData("out.rmpt")]
    [InlineData("out.rmpt.zst")]
    public void A_recorded_trace_replays_alike(string name)
    {
        string file = Path.Combine(_folder, name);
        string[] policies = ["--policy", "level-aware", "--policy", "neighbour", "--json"];
        ToolResult first = Tool.Run(["replay", "--generate", SmallHost, "--record", file, .. policies]);
        Assert.Equal((0, string.Empty), (first.Code, first.Error));
        ToolResult again = Tool.Run(["replay", file, .. policies]);
        Assert.Equal((0, string.Empty), (again.Code, again.Error));
        Assert.Equal(Policies(first), Policies(again));
    }

    [Fact]
    public void An_input_is_not_overwritten()
    {
        string trace = Path.Combine(_folder, "trace");
        File.WriteAllText(trace, "write spa=0\n");
        string link = Path.Combine(_folder, "link");
        File.CreateSymbolicLink(link, trace);
        List<string> names = [trace, link, Path.GetRelativePath(Directory.GetCurrentDirectory(), link)];
        if (!OperatingSystem.IsWindows())
        {
            names.Add(Path.Combine(_folder, "name"));
            using Process made = Process.Start("ln", [trace, names[^1]]);
            made.WaitForExit();
        }

        File.WriteAllText(Path.Combine(_folder, "copy"), "write spa=0\n");
        File.SetLastWriteTimeUtc(Path.Combine(_folder, "copy"), File.GetLastWriteTimeUtc(trace));
        Assert.Equal(0, Tool.Run("replay", trace, "--policy", "never", "--record", Path.Combine(_folder, "copy")).Code);
        foreach (string file in names)
        {
            ToolResult result = Tool.Run("replay", trace, "--record", file);
            Assert.Equal(2, result.Code);
            Assert.Contains($"--record: '{file}' is an input", result.Error, StringComparison.Ordinal);
        }

        Assert.Contains("needs the name of a file", Tool.Run("replay", trace, "--record", "-").Error, StringComparison.Ordinal);
        Assert.Contains(
            "is the file of --report", Tool.Run("replay", trace, "--record", "a", "--report", "a").Error, StringComparison.Ordinal);
        Assert.Equal("write spa=0\n", File.ReadAllText(trace));
    }

    [Fact]
    public void What_cannot_be_written_is_said()
    {
        ToolResult result = Tool.Run("replay", "--record", Path.Combine(_folder, "no", "file"), "--policy", "never");
        Assert.Equal(3, result.Code);
        Assert.Contains("cannot be written: ", result.Error, StringComparison.Ordinal);
        if (!File.Exists("/dev/full")) return;
        result = Tool.Run("replay", "--record", "/dev/full", "--policy", "never");
        Assert.Equal(3, result.Code);
        Assert.Contains("/dev/full: cannot be written, and is incomplete: ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Conversions_are_counted_and_depend_on_the_seed()
    {
        string[] options = ["replay", "--convert", "linux,io=100", "--policy", "on-demand", "--json", "--seed"];
        string first = Tool.Run([.. options, "1"]).Output;
        Assert.Equal(first, Tool.Run([.. options, "1"]).Output);
        Assert.NotEqual(first, Tool.Run([.. options, "2"]).Output);
        using JsonDocument json = JsonDocument.Parse(first);
        JsonElement conversions = json.RootElement.GetProperty("conversions");
        Assert.True(conversions.GetProperty("to_shared").GetInt64() > 0);
        Assert.True(conversions.GetProperty("host_writes").GetProperty("allocation").GetInt64() > 0);
        ToolResult text = Tool.Run("replay", "--generate", SmallHost, "--convert", "storm", "--policy", "never").SpeaksProperly();
        Assert.Contains("\nconversions: ", text.Output, StringComparison.Ordinal);
        ToolResult recorded = Tool.Run("replay", Fixture.PathOf("real-kernel/module-6.12.trace.txt.gz"), "--convert", "linux");
        Assert.Contains("--convert does nothing", recorded.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_generated_host_needs_no_trace()
    {
        string[] options = ["replay", "--generate", SmallHost, "--policy", "level-aware"];
        ToolResult result = Tool.Run(options).SpeaksProperly();
        Assert.Equal(0, result.Code);
        Assert.StartsWith($"a generated trace, {SmallHost}, seed 1: ", result.Output, StringComparison.Ordinal);
        Assert.Contains("; 3 guests; 2048 MiB of RAM", result.Output, StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(Tool.Run([.. options, "--json"]).Output);
        Assert.True(json.RootElement.GetProperty("events").GetProperty("mm_page_alloc").GetInt64() > 100);
        Assert.Equal(2, Tool.Run([.. options, "--iomem", "x"]).Code);
        Assert.Equal(2, Tool.Run("replay", "trace", "--generate", SmallHost).Code);
        Assert.Contains("'x' is not KEY=VALUE", Tool.Run("replay", "--generate", "x").Error, StringComparison.Ordinal);
    }

    private static string Policies(ToolResult result)
    {
        using JsonDocument json = JsonDocument.Parse(result.Output);
        return json.RootElement.GetProperty("policies").GetRawText();
    }
}
