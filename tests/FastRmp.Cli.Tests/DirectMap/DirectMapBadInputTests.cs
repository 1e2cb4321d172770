using System;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.DirectMap;

public class DirectMapBadInputTests
{
    [Fact]
    public void A_file_name_cannot_command_the_terminal() =>
        Tool.Run("directmap", "/no/\e[31mcore").IsBadInput("fastrmp: /no/?[31mcore: there is no such file");

    [Fact]
    public void A_missing_file_is_named() =>
        Tool.Run("directmap", "/no/such/core").IsBadInput("fastrmp: /no/such/core: there is no such file");

    [Fact]
    public void Empty_input_is_reported() => Tool.RunWith([], "directmap", "-").IsBadInput("-: ", "empty");

    [Theory]
    [InlineData("1", "CR0.PG")]
    [InlineData("2", "CR4.PAE")]
    [InlineData("3", "there is no direct map")]
    [InlineData("4", "there is no processor 4")]
    public void Why_a_processor_shows_no_direct_map_is_reported(string cpu, string reason)
    {
        using TemporaryFile image = new(MapCores.Build());
        ToolResult result = Tool.Run("directmap", image.Path, "--cpu", cpu);
        result.IsBadInput(image.Path, reason);
        Assert.Empty(result.Output);
    }

    [Fact]
    public void A_core_without_registers_or_notes_asks_for_a_root()
    {
        using TemporaryFile image = new(MapCores.Tables().Build());
        Tool.Run("directmap", image.Path).IsBadInput("give --cr3");
    }

    [Fact]
    public void A_base_at_which_nothing_is_mapped_is_reported()
    {
        using TemporaryFile image = new(MapCores.Build());
        Tool.Run("directmap", image.Path, "--base", "ffff988000000000")
            .IsBadInput(image.Path, "no page is mapped where a direct map at 0xffff988000000000 has it");
        Tool.Run("directmap", image.Path, "--base", "40000000").IsBadInput(image.Path, "0x40000000");
    }

    [Fact]
    public void A_root_that_the_image_does_not_hold_is_reported()
    {
        using TemporaryFile image = new(MapCores.Build());
        Tool.Run("directmap", image.Path, "--cr3", "55000").IsBadInput(image.Path, "the image does not hold the root", "0x55000");
    }

    [Theory]
    [InlineData(4)]
    [InlineData(7)]
    public void A_table_that_is_missing_is_reported_and_the_rest_is_counted(int table)
    {
        using TemporaryFile image = new(MapCores.Build(absentTable: table));
        ToolResult result = Tool.Run("directmap", image.Path);
        result.IsBadInput(image.Path, "a table is not in the image", $"0x{table}000");
        Assert.Contains("4K            15", result.Output, StringComparison.Ordinal);
        Assert.Contains("table not in the image", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Tables_that_point_at_themselves_end_in_a_message()
    {
        using TemporaryFile image = new(Cores.SelfReferencing());
        Tool.Run("directmap", image.Path).IsBadInput(image.Path, "there is no direct map");
        Tool.Run("directmap", image.Path, "--la57").IsBadInput(image.Path, "5 levels");
    }

    [Fact]
    public void Every_cut_of_a_core_ends_in_a_message()
    {
        byte[] whole = MapCores.Build();
        for (int length = 0; length < whole.Length; length += 997)
        {
            using TemporaryFile image = new(whole.AsSpan(0, length));
            Tool.Run("directmap", image.Path, "--tsv").IsBadInput(image.Path);
        }
    }

    [Fact]
    public void Any_damage_ends_in_an_answer_or_a_message()
    {
        byte[] whole = MapCores.Build();
        Mutator mutator = new(20);
        for (int round = 0; round < 300; round++)
        {
            using TemporaryFile image = new(mutator.Mutate(whole, 4096));
            foreach (string[] format in (string[][])[[], ["--tsv"], ["--json"]])
            {
                ToolResult result = Tool.Run(["directmap", image.Path, .. format]).SpeaksProperly();
                Assert.True(result.Code is 0 or 3);
                if (result.Code == 3) Assert.NotEmpty(result.Error);
            }
        }
    }

    [Fact]
    public void Wrong_command_lines_are_refused()
    {
        Tool.Run("directmap", "x", "--tsv", "--json").IsUsageError("--tsv and --json exclude each other");
        Tool.Run("directmap", "x", "--cpu", "0", "--cr3", "1000").IsUsageError("--cpu and --cr3 exclude each other");
        Tool.Run("directmap", "x", "--base", "ffff888000001000")
            .IsUsageError("--base: 0xffff888000001000 is not a multiple of 1 GiB (0x40000000)");
        Tool.Run("directmap", "x", "--base", "zz").IsUsageError("--base: 'zz' is not a hexadecimal number of at most 64 bits");
        Tool.Run("directmap", "x", "--c-bit", "52").IsUsageError("--c-bit: 52 is not 32 to 51");
        Tool.Run("directmap", "x", "--c-bit", "31").IsUsageError("--c-bit: 31 is not 32 to 51");
        Tool.Run("directmap", "x", "--cr3", "10000000000000")
            .IsUsageError("--cr3: 0x10000000000000 is not a physical address, which ends at 0xfffffffffffff");
        Tool.Run("directmap", string.Empty).IsUsageError("a file name is empty");
        Assert.Equal(2, Tool.Run("directmap").SpeaksProperly().Code);
    }
}
