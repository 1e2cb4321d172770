using System.IO;
using System.Text.Json;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Replay;

/// <summary>Traces of RMP instructions, told from others by their content.</summary>
public class ReplayRmpTraceTests
{
    private static readonly string Trace = Fixture.PathOf("real-kernel/module-6.12.trace.txt.gz");

    [Fact]
    public void A_real_kernels_trace_has_a_row_for_each_policy()
    {
        ToolResult result = Tool.Run("replay", Trace).SpeaksProperly();
        Assert.Equal(0, result.Code);
        Assert.EndsWith(": 1032 rmpupdate, 2 psmash; 2 guests; 94 MiB of RAM", result.OutputLines[0], System.StringComparison.Ordinal);
        Assert.Contains("instructions that failed, and fail here: 5, of which 4 were injected", result.OutputLines);
        int rows = FastRmp.Images.Study.MapPolicies.All.Length + 1;
        Assert.Equal((3 * (rows + 3)) + 5, result.OutputLines.Length);
    }

    [Fact]
    public void The_object_names_events_by_their_verbs()
    {
        foreach (ToolResult result in (ToolResult[])[
            Tool.Run("replay", Trace, "--json", "--policy", "level-aware"),
            Tool.RunWith(File.ReadAllBytes(Trace), "replay", "-", "--json", "--policy", "level-aware")])
        {
            Assert.Equal((0, string.Empty), (result.Code, result.Error));
            using JsonDocument json = JsonDocument.Parse(result.Output);
            Assert.Equal(1032, json.RootElement.GetProperty("events").GetProperty("rmpupdate").GetInt64());
            JsonElement counts = json.RootElement.GetProperty("policies").GetProperty("level-aware").GetProperty("counts");
            Assert.Equal(2, counts.GetProperty("splits_2m").GetInt64());
        }
    }

    [Fact]
    public void What_does_nothing_and_what_cannot_be_is_said()
    {
        ToolResult result = Tool.Run("replay", Trace, "--rmp", "4k");
        Assert.Contains("--guest-comm and --rmp do nothing", result.Error, System.StringComparison.Ordinal);
        result = Tool.RunWith(Tool.Utf8("write spa=0\npsmash spa=200000 -> 0\n"), "replay", "-");
        Assert.Equal(0, result.Code);
        Assert.Contains("1 instructions that succeeded fail here, the first in line 2", result.Error, System.StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_that_does_not_parse_has_its_number_and_the_rest_is_replayed()
    {
        ToolResult result = Tool.RunWith(Tool.Utf8("write spa=0\nwrite spa=zz\n"), "replay", "-");
        Assert.Equal(3, result.Code);
        Assert.Contains("-: line 2: an address that is no hexadecimal number below 2^52", result.Error, System.StringComparison.Ordinal);
        Assert.Contains("1 write; 0 guests", result.Output, System.StringComparison.Ordinal);
    }

    [Fact]
    public void A_listing_gives_the_RAM()
    {
        ToolResult result = Tool.Run("replay", Trace, "--iomem", Fixture.PathOf("page-trace/iomem.txt"), "--policy", "never");
        Assert.Equal(0, result.Code);
        Assert.Contains("; 2047 MiB of RAM", result.OutputLines[0], System.StringComparison.Ordinal);
    }
}
