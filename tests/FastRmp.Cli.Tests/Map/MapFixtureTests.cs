using System;
using System.IO;
using System.Text;
using System.Text.Json;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Map;

/// <summary>The listing of a real guest against what the emulator itself printed.</summary>
public class MapFixtureTests
{
    private static readonly string Core = Fixture.PathOf(Cores.Core);

    [Fact]
    public void Every_line_equals_the_emulators_info_tlb()
    {
        ToolResult result = Tool.Run("map", Core, "--tsv");
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        StringBuilder text = new();
        foreach (string line in result.OutputLines)
        {
            string[] columns = line.Split('\t');
            Assert.Equal(4, columns.Length);
            Assert.Equal(columns[2] != "4K", columns[3][2] == 'P');
            text.Append(columns[0]).Append(": ").Append(columns[1]).Append(' ').Append(columns[3]).Append('\n');
        }

        Assert.Equal(Oracle("info-tlb"), text.ToString());
    }

    [Fact]
    public void Every_range_equals_the_emulators_info_mem()
    {
        ToolResult result = Tool.Run("map", Core, "--ranges", "--tsv");
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        StringBuilder text = new();
        foreach (string line in result.OutputLines)
        {
            string[] columns = line.Split('\t');
            Assert.Equal(4, columns.Length);
            text.Append(columns[0])
                .Append('-')
                .Append(columns[1])
                .Append(' ')
                .Append(columns[2])
                .Append(' ')
                .Append(columns[3])
                .Append('\n');
        }

        Assert.Equal(Oracle("info-mem"), text.ToString());
    }

    [Fact]
    public void Gzip_and_standard_input_give_the_same_listing()
    {
        byte[] plain = File.ReadAllBytes(Core);
        ToolResult expected = Tool.Run("map", Core, "--tsv");
        Assert.Equal(expected, Tool.RunWith(plain, "map", "-", "--tsv"));
        Assert.Equal(expected, Tool.RunWith(Fixture.Gzipped(plain), "map", "-", "--tsv"));
        using TemporaryFile packed = new(Fixture.Gzipped(plain));
        Assert.Equal(expected, Tool.Run("map", packed.Path, "--tsv"));
    }

    [Fact]
    public void Json_lists_the_same_mappings()
    {
        string[] lines = Tool.Run("map", Core, "--tsv").OutputLines;
        using JsonDocument json = JsonDocument.Parse(Tool.Run("map", Core, "--json").Output);
        JsonElement root = json.RootElement;
        Assert.Equal(Core, root.GetProperty("image").GetString());
        Assert.Equal(0, root.GetProperty("cpu").GetInt32());
        Assert.Equal("0x100868000", root.GetProperty("root").GetString());
        Assert.Equal(4, root.GetProperty("levels").GetInt32());
        Assert.Equal(lines.Length, root.GetProperty("mappings").GetArrayLength());
        int index = 0;
        foreach (JsonElement mapping in root.GetProperty("mappings").EnumerateArray())
        {
            string[] columns = lines[index++].Split('\t');
            Assert.Equal(columns[0], Hex16(mapping.GetProperty("va")));
            Assert.Equal(columns[1], Hex16(mapping.GetProperty("pa")));
            Assert.Equal(columns[2], mapping.GetProperty("size").GetString());
            Assert.Equal(columns[3], mapping.GetProperty("flags").GetString());
        }
    }

    [Fact]
    public void The_other_processor_has_a_root_of_its_own_and_the_same_kernel()
    {
        string[] kernel = ["--start", "ffff800000000000", "--tsv"];
        Assert.Equal(Tool.Run(["map", Core, "--cpu", "0", .. kernel]).Output, Tool.Run(["map", Core, "--cpu", "1", .. kernel]).Output);
        Assert.NotEqual(Tool.Run("map", Core, "--cpu", "0", "--tsv").Output, Tool.Run("map", Core, "--cpu", "0x1", "--tsv").Output);
    }

    [Fact]
    public void A_root_may_be_given_with_its_low_bits_as_CR3_has_them() =>
        Assert.Equal(Tool.Run("map", Core, "--tsv").Output, Tool.Run("map", Core, "--cr3", "8000000100868fff", "--tsv").Output);

    private static string Oracle(string name) =>
        Encoding.ASCII.GetString(Fixture.Gunzipped($"linux-4level/{name}.txt.gz")).ReplaceLineEndings("\n");

    private static string Hex16(JsonElement value)
    {
        string text = value.GetString()!;
        Assert.StartsWith("0x", text, StringComparison.Ordinal);
        return text[2..].PadLeft(16, '0');
    }
}
