using System;
using System.Collections.Generic;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Map;

public class MapBadInputTests
{
    [Fact]
    public void A_missing_file_is_named() => Tool.Run("map", "/no/such/core").IsBadInput("fastrmp: /no/such/core: there is no such file");

    [Fact]
    public void Empty_input_is_reported()
    {
        using TemporaryFile empty = new([]);
        Tool.Run("map", empty.Path).IsBadInput(empty.Path, "empty");
        Tool.RunWith([], "map", "-").IsBadInput("-: ", "empty");
    }

    [Fact]
    public void Text_is_no_core()
    {
        using TemporaryFile text = new(Tool.Utf8("This is not a core at all, and long enough to hold the header of one if it were one."));
        Tool.Run("map", text.Path).IsBadInput(text.Path, "offset 0x0");
        Assert.Empty(Tool.Run("map", text.Path, "--json").Output);
    }

    [Fact]
    public void A_core_of_another_machine_is_refused()
    {
        using TemporaryFile image = new(new CoreBuilder { Machine = 183 }.Processor(0x1000).Build());
        Tool.Run("map", image.Path).IsBadInput(image.Path);
    }

    [Fact]
    public void Every_cut_of_a_core_ends_in_a_message()
    {
        byte[] whole = Cores.Sizes();
        for (int length = 0; length < whole.Length; length += 97)
        {
            using TemporaryFile image = new(whole.AsSpan(0, length));
            ToolResult result = Tool.Run("map", image.Path, "--tsv");
            result.IsBadInput(image.Path);
        }
    }

    [Fact]
    public void What_a_cut_core_still_holds_is_listed()
    {
        byte[] core = Fixture.Bytes(Cores.Core);
        using TemporaryFile image = new(core.AsSpan(0, core.Length - 8192));
        ToolResult result = Tool.Run("map", image.Path, "--tsv");
        result.IsBadInput(image.Path, "offset 0x", "the file ends at");
        result.IsBadInput(image.Path, "not in the image", "physical address 0x");
        Assert.True(result.OutputLines.Length > 1000);
        Assert.Subset(
            new HashSet<string>(Tool.Run("map", Fixture.PathOf(Cores.Core), "--tsv").OutputLines), new HashSet<string>(result.OutputLines));
    }

    [Fact]
    public void A_cut_gzip_is_reported_and_what_was_decompressed_is_listed()
    {
        byte[] packed = Fixture.Gzipped(Fixture.Bytes(Cores.Core));
        using TemporaryFile image = new(packed.AsSpan(0, packed.Length - 2000));
        ToolResult result = Tool.Run("map", image.Path, "--tsv");
        result.IsBadInput(image.Path, "gzip");
        Assert.NotEmpty(result.Output);
    }

    [Fact]
    public void Tables_that_are_not_in_the_image_are_counted_and_the_first_entry_is_named()
    {
        byte[] core = new CoreBuilder()
            .Processor(0x1000)
            .Load(0x1000, Cores.Table((0, 0x2007), (1, 0x9_9007), (2, 0x8_8007)))
            .Load(0x2000, Cores.Table((0, 0x4000_00E3)))
            .Build();
        using TemporaryFile image = new(core);
        ToolResult result = Tool.Run("map", image.Path, "--tsv");
        result.IsBadInput(
            $"{image.Path}: 2 tables are not in the image, whole or in part; the first missing entry is at physical address 0x99000");
        Assert.Single(result.OutputLines);
    }

    [Fact]
    public void A_root_that_is_not_in_the_image_is_reported()
    {
        using TemporaryFile image = new(Cores.Sizes());
        ToolResult result = Tool.Run("map", image.Path, "--cr3", "ABC000");
        result.IsBadInput(
            $"{image.Path}: a table is not in the image, whole or in part; the first missing entry is at physical address 0xabc000");
        Assert.EndsWith("0 mappings of 4K, 0 of 2M, 0 of 1G\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_processor_that_is_not_there_is_reported()
    {
        using TemporaryFile image = new(Cores.Sizes());
        Tool.Run("map", image.Path, "--cpu", "3").IsBadInput($"{image.Path}: holds 3 processors, numbered from 0: there is no processor 3");
    }

    [Fact]
    public void A_processor_without_paging_is_reported()
    {
        using TemporaryFile image = new(Cores.Sizes());
        Tool.Run("map", image.Path, "--cpu", "1").IsBadInput($"{image.Path}: paging is off on processor 1 (CR0.PG is clear)");
        Assert.Equal(0, Tool.Run("map", image.Path, "--cr3", "1000").Code);
    }

    [Fact]
    public void A_processor_outside_long_mode_is_reported()
    {
        using TemporaryFile image = new(Cores.Sizes());
        Tool.Run("map", image.Path, "--cpu", "2").IsBadInput($"{image.Path}: processor 2 is not in long mode (CR4.PAE is clear)");
    }

    [Fact]
    public void Without_registers_a_root_must_be_given()
    {
        using TemporaryFile image = new(
            new CoreBuilder().Load(0x1000, Cores.Table((0, 0x2007))).Load(0x2000, Cores.Table((0, 0x4000_00E3))).Build());
        Tool.Run("map", image.Path).IsBadInput(
            $"{image.Path}: holds no processor's registers, and no VMCOREINFO that names the kernel's root; give --cr3");
        Assert.Single(Tool.Run("map", image.Path, "--cr3", "1000", "--tsv").OutputLines);
    }

    [Fact]
    public void A_core_with_problems_is_still_valid_json()
    {
        byte[] core = Fixture.Bytes(Cores.Core);
        using TemporaryFile image = new(core.AsSpan(0, core.Length - 8192));
        using System.Text.Json.JsonDocument json = System.Text.Json.JsonDocument.Parse(
            Tool.Run("map", image.Path, "--json", "--ranges").Output);
        Assert.True(json.RootElement.GetProperty("ranges").GetArrayLength() > 1000);
    }

    [Theory]
    [InlineData(1, 4096)]
    [InlineData(2, 600_000)]
    public void Damaged_cores_end_in_a_listing_or_a_message(int seed, int head)
    {
        byte[] core = Fixture.Bytes(Cores.Core);
        Mutator mutator = new(seed);
        for (int round = 0; round < 60; round++)
        {
            using FailingWriter output = new(16 << 20, FailingWriter.BrokenPipe);
            using System.IO.StringWriter error = new(System.Globalization.CultureInfo.InvariantCulture);
            using System.IO.MemoryStream input = new(mutator.Mutate(core, head));
            int code = Program.Run(["map", "-", round % 2 == 0 ? "--tsv" : "--ranges"], output, error, input);
            Assert.True(code is 0 or 3, $"round {round}: {code}");
            _ = new ToolResult(code, string.Empty, error.ToString()).SpeaksProperly();
        }
    }
}
