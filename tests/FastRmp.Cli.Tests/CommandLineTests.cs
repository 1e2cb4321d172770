using System;
using System.IO;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests;

public class CommandLineTests
{
    [Fact]
    public void Without_a_command_the_command_line_is_wrong() => Tool.Run().IsUsageError("a command is missing");

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("--frobnicate")]
    public void Unknown_commands_and_options_are_refused(string word) =>
        Tool.Run(word).IsUsageError($"there is no command or option '{word}'");

    [Theory]
    [InlineData("replay")]
    [InlineData("map")]
    public void Unknown_options_of_a_command_are_refused(string command) =>
        Tool.Run(command, "--frobnicate").IsUsageError("there is no option '--frobnicate' (a file of that name: ./--frobnicate)");

    [Fact]
    public void Words_too_many_are_refused() => Tool.Run("run", "a", "b").IsUsageError("Unrecognized command or argument 'b'.");

    [Fact]
    public void A_usage_error_says_where_help_is()
    {
        Assert.EndsWith("fastrmp: try 'fastrmp --help'\n", Tool.Run("nonsense").Error, StringComparison.Ordinal);
        Assert.EndsWith("fastrmp: try 'fastrmp map --help'\n", Tool.Run("map").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_whose_name_begins_with_dashes_may_follow_two_dashes() =>
        Tool.Run("map", "--", "--image").IsBadInput("--image: there is no such file");

    [Fact]
    public void An_at_sign_is_part_of_a_name_and_reads_no_response_file() =>
        Tool.Run("map", "@image").IsBadInput("@image: there is no such file");

    [Theory]
    [InlineData("help", "--help")]
    [InlineData("help", "-h")]
    [InlineData("help", "-?")]
    [InlineData("help-replay", "replay", "--help")]
    [InlineData("help-replay", "replay", "no", "such", "--nonsense", "--help")]
    [InlineData("help-info", "info", "--help")]
    [InlineData("help-map", "map", "--help")]
    [InlineData("help-walk", "walk", "--help")]
    [InlineData("help-directmap", "directmap", "--help")]
    [InlineData("help-dma", "dma", "--help")]
    [InlineData("help-run", "run", "--help")]
    [InlineData("help-explain", "explain", "--help")]
    [InlineData("help-decode", "decode", "--help")]
    [InlineData("help-rmp", "rmp", "--help")]
    [InlineData("help-host", "host", "--help")]
    [InlineData("help-decode-rmp", "decode", "rmp", "--help")]
    [InlineData("help-decode-rmp-range", "decode", "rmp-range", "--help")]
    [InlineData("help-decode-pte", "decode", "pte", "--help")]
    [InlineData("help-decode-iopte", "decode", "iopte", "--help")]
    [InlineData("help-decode-dte", "decode", "dte", "--help")]
    [InlineData("help-decode-event", "decode", "event", "--help")]
    [InlineData("help-decode-flags", "decode", "flags", "--help")]
    [InlineData("help-decode-pf", "decode", "pf", "--help")]
    [InlineData("help-decode-npf", "decode", "npf", "--help")]
    public void Help_is_as_approved(string snapshot, params string[] args)
    {
        ToolResult result = Tool.Run(args);
        string approved = Path.Combine(AppContext.BaseDirectory, "Snapshots", snapshot + ".approved.txt");
        Assert.Equal(0, result.Code);
        Assert.Empty(result.Error);
        Assert.Equal(File.Exists(approved) ? File.ReadAllText(approved) : string.Empty, result.Output);
    }

    [Fact]
    public void The_version_is_the_tools_own()
    {
        ToolResult result = Tool.Run("--version");
        Assert.Equal(0, result.Code);
        Assert.StartsWith("fastrmp 0.", result.Output, StringComparison.Ordinal);
        Assert.Single(result.OutputLines);
    }

    [Theory]
    [InlineData("replay", "--policy", "never")]
    [InlineData("--help")]
    [InlineData("--version")]
    public void A_closed_output_ends_a_command_quietly(params string[] args)
    {
        using FailingWriter output = new(0, FailingWriter.BrokenPipe);
        Assert.Equal((0, string.Empty), Tool.RunInto(output, args));
    }

    [Fact]
    public void A_full_disk_is_reported()
    {
        using FailingWriter output = new(0, FailingWriter.NoSpace);
        Assert.Equal((3, "fastrmp: standard output: the output broke\n"), Tool.RunInto(output, "--version"));
    }

    [Fact]
    public void Verbose_shows_the_stack_of_an_error_and_quiet_shows_the_error_alone()
    {
        Assert.Contains("   at ", Tool.Run("map", "/no/such/file", "--verbose").Error, StringComparison.Ordinal);
        Assert.Equal("fastrmp: /no/such/file: there is no such file\n", Tool.Run("map", "/no/such/file", "--quiet").Error);
    }

    [Fact]
    public void Verbose_reports_times_on_standard_error_only()
    {
        ToolResult result = Tool.Run("replay", "--policy", "never", "-v");
        Assert.Contains("lines read in", result.Error, StringComparison.Ordinal);
        Assert.Equal(Tool.Run("replay", "--policy", "never").Output, result.Output);
    }

    [Fact]
    public void Line_breaks_in_a_file_name_keep_the_prefix() =>
        Assert.Equal(["fastrmp: a", "fastrmp: b: there is no such file"], Tool.Run("map", "a\nb").ErrorLines);

    [Theory]
    [InlineData("replay", "--policy")]
    [InlineData("replay", "--rmp")]
    [InlineData("replay", "--guest-comm")]
    [InlineData("replay", "--iomem")]
    [InlineData("map", "image", "--cpu")]
    [InlineData("map", "image", "--cr3")]
    [InlineData("map", "image", "--start")]
    public void Options_without_their_value_are_refused(params string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        Tool.Run(args).IsUsageError($"Required argument missing for option: '{args[^1]}'.");
    }

    [Fact]
    public void The_shells_completion_is_asked_through_the_suggest_directive()
    {
        ToolResult result = Tool.Run("[suggest:16]", "replay --policy ");
        Assert.Equal(0, result.Code);
        Assert.Contains("on-demand+rejoin", result.OutputLines);
    }

    [Fact]
    public void Directories_are_no_files()
    {
        string directory = Path.GetDirectoryName(Fixture.PathOf("linux-4level/core.elf"))!;
        Tool.Run("map", directory).IsBadInput(directory, "is a directory");
        Tool.Run("replay", directory).IsBadInput(directory, "is a directory");
    }
}
