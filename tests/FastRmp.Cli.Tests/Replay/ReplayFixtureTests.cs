using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Study;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Replay;

/// <summary>The real trace against what an independent replay of it gives.</summary>
public class ReplayFixtureTests
{
    private static readonly string Trace = Fixture.PathOf("page-trace/trace.txt.gz");
    private static readonly string Iomem = Fixture.PathOf("page-trace/iomem.txt");

    [Fact]
    public void The_sample_gives_exactly_the_expected_object() => AssertExpected(Tool.Run("replay", "--json"));

    [Fact]
    public void The_same_files_by_name_give_the_same() => AssertExpected(Tool.Run("replay", Trace, "--iomem", Iomem, "--json"));

    [Fact]
    public void The_same_files_through_standard_input_give_the_same()
    {
        AssertExpected(Tool.RunWith(File.ReadAllBytes(Trace), "replay", "-", "--iomem", Iomem, "--json"));
        AssertExpected(Tool.RunWith(File.ReadAllBytes(Iomem), "replay", Trace, "--iomem", "-", "--json"));
        AssertExpected(Tool.RunWith(Fixture.Gunzipped("page-trace/trace.txt.gz"), "replay", "-", "--iomem", Iomem, "--json"));
    }

    [Fact]
    public void The_table_shows_the_expected_numbers()
    {
        using JsonDocument expected = Expected();
        ToolResult result = Tool.Run("replay");
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        Assert.All(result.OutputLines, line => Assert.InRange(line.Length, 1, 120));
        foreach (JsonProperty policy in expected.RootElement.GetProperty("policies").EnumerateObject())
        {
            JsonElement counts = policy.Value.GetProperty("counts");
            JsonElement end = policy.Value.GetProperty("direct_map_end");
            List<string> columns =
            [
                policy.Name, counts.GetProperty("guest_pages").ToString(), counts.GetProperty("host_writes").ToString(),
                counts.GetProperty("rmpupdate").ToString(),
                counts.GetProperty("psmash").ToString(), counts.GetProperty("violations").ToString(),
                counts.GetProperty("handled").ToString(), counts.GetProperty("fatal").ToString(),
                $"{counts.GetProperty("splits_2m")}/{counts.GetProperty("splits_1g")}",
                $"{counts.GetProperty("rejoins_2m")}/{counts.GetProperty("rejoins_1g")}",
                policy.Value.GetProperty("peak_4k").ToString(), end.GetProperty("4K").ToString(), end.GetProperty("2M").ToString(),
                end.GetProperty("1G").ToString(),
            ];
            Assert.Contains(
                result.OutputLines,
                line =>
                    line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is string[] words
                        && columns.TrueForAll(new List<string>(words).Contains) && words.Length == columns.Count && words[0] == columns[0]);
        }

        Assert.StartsWith(
            "the sample trace: 65740 mm_page_alloc, 62568 mm_page_free; 4 guests; 2047 MiB of RAM\n", result.Output,
            StringComparison.Ordinal);
        Assert.Contains("direct map at start: 885 of 4K, 1022 of 2M, 0 of 1G;", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Chosen_policies_come_in_the_order_given_each_once()
    {
        using JsonDocument expected = Expected();
        using JsonDocument json = JsonDocument.Parse(
            Tool.Run("replay", "--policy", "on-demand+rejoin", "--policy", "never", "--policy", "on-demand+rejoin", "--json").Output);
        List<string> names = [];
        foreach (JsonProperty policy in json.RootElement.GetProperty("policies").EnumerateObject())
        {
            names.Add(policy.Name);
            AssertContains(expected.RootElement.GetProperty("policies").GetProperty(policy.Name), policy.Value, policy.Name);
        }

        Assert.Equal(["on-demand+rejoin", "never"], names);
    }

    [Fact]
    public void Every_policy_has_its_modelled_cost_beside_the_optimums()
    {
        using JsonDocument json = JsonDocument.Parse(Tool.Run("replay", "--json").Output);
        JsonElement policies = json.RootElement.GetProperty("policies");
        Assert.Equal([.. MapPolicies.Names, "optimum"], policies.EnumerateObject().Select(static one => one.Name));
        double optimum = policies.GetProperty("optimum").GetProperty("modelled_ns").GetProperty("total").GetDouble();
        foreach (JsonProperty policy in policies.EnumerateObject())
        {
            JsonElement modelled = policy.Value.GetProperty("modelled_ns");
            double total = modelled.GetProperty("total").GetDouble();
            if (policy.Value.GetProperty("counts").GetProperty("fatal").GetInt64() != 0)
            {
                Assert.False(policy.Value.TryGetProperty("of_optimum", out _));
                continue;
            }

            Assert.Equal(total / optimum, policy.Value.GetProperty("of_optimum").GetDouble(), 1e-3);
            if (policy.Name == "optimum") continue;
            double sum = modelled.EnumerateObject().Where(static one => one.Name != "total").Sum(static one => one.Value.GetDouble());
            Assert.Equal(sum, total, 5.0);
        }
    }

    [Fact]
    public void Costs_are_changed_one_by_one_and_printed()
    {
        ToolResult result = Tool.Run(
            "replay", "--policy", "on-demand", "--cpus", "2", "--tlb", "zen5", "--cost", "ipi=0", "--cost", "refill=0", "--cost",
            "flush=1000",
            "--json");
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        using JsonDocument json = JsonDocument.Parse(result.Output);
        JsonElement costs = json.RootElement.GetProperty("costs");
        Assert.Equal((2, "zen5"), (costs.GetProperty("cpus").GetInt32(), costs.GetProperty("tlb").GetString()));
        Assert.Equal(1000, costs.GetProperty("nanoseconds").GetProperty("flush").GetDouble());
        JsonElement policy = Assert.Single(json.RootElement.GetProperty("policies").EnumerateObject().ToArray()).Value;
        Assert.Equal(19 * 1000, policy.GetProperty("modelled_ns").GetProperty("flushes").GetDouble());
        Assert.StartsWith("leaf 1, table 300,", Tool.Run("replay", "--policy", "never").OutputLines[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--cost: 'x' is not KEY=NANOSECONDS, at most 1000000", "--cost", "x")]
    [InlineData("--cpus: is 1 to 65536, not 0", "--cpus", "0")]
    [InlineData("--tlb: is zen3 or zen4 or zen5, not 'zen2'", "--tlb", "zen2")]
    public void Costs_that_are_none_are_refused(string message, string option, string value) =>
        Tool.Run("replay", option, value).IsUsageError(message);

    [Fact]
    public void The_optimum_alone_comes_with_all_policies_or_by_name()
    {
        using JsonDocument json = JsonDocument.Parse(Tool.Run("replay", "--policy", "never", "--policy", "optimum", "--json").Output);
        Assert.Equal(
            ["never", "optimum"], json.RootElement.GetProperty("policies").EnumerateObject().Select(static one => one.Name));
    }

    [Fact]
    public void Without_a_listing_all_memory_below_the_highest_page_is_RAM()
    {
        using JsonDocument json = JsonDocument.Parse(Tool.Run("replay", Trace, "--policy", "eager", "--json").Output);
        JsonElement eager = json.RootElement.GetProperty("policies").GetProperty("eager");
        Assert.Equal(0, eager.GetProperty("counts").GetProperty("outside").GetInt64());
        Assert.Equal(2, eager.GetProperty("direct_map_start").GetProperty("1G").GetInt64());
        Assert.Equal(0, eager.GetProperty("direct_map_start").GetProperty("4K").GetInt64());
    }

    [Fact]
    public void With_4K_entries_level_aware_is_eager()
    {
        using JsonDocument json = JsonDocument.Parse(
            Tool.Run("replay", "--rmp", "4k", "--policy", "eager", "--policy", "level-aware", "--json").Output);
        JsonElement policies = json.RootElement.GetProperty("policies");
        Assert.Equal(policies.GetProperty("eager").ToString(), policies.GetProperty("level-aware").ToString());
        JsonElement counts = policies.GetProperty("eager").GetProperty("counts");
        Assert.Equal(2 * counts.GetProperty("guest_pages").GetInt64(), counts.GetProperty("rmpupdate").GetInt64());
    }

    [Fact]
    public void Fewer_guests_own_fewer_pages()
    {
        Assert.Equal(98_521, GuestPages("busybox-vm[1-4]"));
        Assert.Equal(98_521, GuestPages("busybox-vm2") + GuestPages("busybox-vm[!2]"));
    }

    [Fact]
    public void A_pattern_that_no_task_matches_is_remarked_upon()
    {
        ToolResult result = Tool.Run("replay", "--guest-comm", "qemu*", "--policy", "never", "--json");
        Assert.Equal(0, result.Code);
        Assert.Equal("fastrmp: the sample trace: no task that matches 'qemu*' allocates guest memory (--guest-comm)\n", result.Error);
        Assert.Empty(Tool.Run("replay", "--guest-comm", "qemu*", "--policy", "never", "--json", "--quiet").Error);
    }

    [Theory]
    [InlineData("eager+unmap")]
    [InlineData("never+rejoin")]
    [InlineData("EAGER")]
    [InlineData("")]
    public void Unknown_policies_are_refused_with_the_known_ones(string name) => Tool.Run("replay", "--policy", name).IsUsageError(
        $"--policy: '{name}' is not a policy; there are {string.Join(", ", MapPolicies.Names)}, optimum");

    [Theory]
    [InlineData("2m")]
    [InlineData("4K")]
    [InlineData("")]
    public void Other_sizes_of_entries_are_refused(string sizes) =>
        Tool.Run("replay", "--rmp", sizes).IsUsageError($"--rmp: is 4k or auto, not '{sizes}'");

    [Fact]
    public void A_listing_without_a_trace_is_refused() =>
        Tool.Run("replay", "--iomem", Iomem).IsUsageError("--iomem: needs a TRACE; the sample has its own listing");

    [Fact]
    public void Standard_input_cannot_be_both_files() =>
        Tool.Run("replay", "-", "--iomem", "-").IsUsageError("TRACE and --iomem cannot both be standard input");

    [Fact]
    public void An_empty_file_name_is_refused() => Tool.Run("replay", string.Empty).IsUsageError("a file name is empty");

    private static long GuestPages(string pattern)
    {
        ToolResult result = Tool.Run("replay", "--guest-comm", pattern, "--policy", "never", "--json");
        using JsonDocument json = JsonDocument.Parse(result.Output);
        return json.RootElement.GetProperty("policies").GetProperty("never").GetProperty("counts").GetProperty("guest_pages").GetInt64();
    }

    private static JsonDocument Expected() => JsonDocument.Parse(File.ReadAllText(Fixture.PathOf("page-trace/expected.json")));

    // All its keys and values; keys may have come beside them.
    private static void AssertExpected(ToolResult result)
    {
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        using JsonDocument expected = Expected();
        using JsonDocument actual = JsonDocument.Parse(result.Output);
        AssertContains(expected.RootElement, actual.RootElement, "the object");
        foreach (JsonProperty policy in actual.RootElement.GetProperty("policies").EnumerateObject())
        {
            // this set of keys is closed
            Assert.Equal(14, policy.Value.GetProperty("counts").EnumerateObject().Count());
        }
    }

    private static void AssertContains(JsonElement expected, JsonElement actual, string where)
    {
        if (expected.ValueKind != JsonValueKind.Object)
        {
            Assert.True(JsonElement.DeepEquals(expected, actual), $"{where}: {expected} and {actual}");
            return;
        }

        foreach (JsonProperty one in expected.EnumerateObject())
        {
            Assert.True(actual.TryGetProperty(one.Name, out JsonElement found), $"{where}: no {one.Name}");
            AssertContains(one.Value, found, $"{where}.{one.Name}");
        }
    }
}
