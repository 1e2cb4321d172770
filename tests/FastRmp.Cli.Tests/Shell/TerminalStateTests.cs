using System.Collections.Generic;
using System.Threading;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Shell;

public class TerminalStateTests
{
    [Theory]
    [InlineData(true, null, "xterm", true)]
    [InlineData(true, "", "xterm", true)] // empty counts as unset
    [InlineData(true, null, null, true)]
    [InlineData(true, "1", "xterm", false)]
    [InlineData(true, "0", "xterm", false)] // any content counts
    [InlineData(true, null, "dumb", false)]
    [InlineData(false, null, "xterm", false)]
    public void Colour_needs_a_terminal_that_is_not_dumb_and_no_NO_COLOR(bool isTerminal, string? noColour, string? term, bool expected)
    {
        Dictionary<string, string?> variables = new() { ["NO_COLOR"] = noColour, ["TERM"] = term };
        Assert.Equal(expected, TerminalState.Detect(isTerminal, isTerminal, variables.GetValueOrDefault).ColoursOutput);
    }

    [Fact]
    public void A_dumb_terminal_gets_no_progress() =>
        Assert.False(TerminalState.Detect(true, true, static name => name == "TERM" ? "dumb" : null).IsError);

    [Fact]
    public void Colour_changes_nothing_but_colour()
    {
        ToolResult plain = Tool.Run("replay", "--policy", "never");
        ToolResult coloured = Tool.RunOn(
            new TerminalState(IsOutput: true, IsError: false, AllowsColour: true), CancellationToken.None, "replay", "--policy", "never");
        Assert.DoesNotContain('\u001b', plain.Output);
        Assert.Contains("\u001b[91m3311\u001b[0m", coloured.Output, System.StringComparison.Ordinal);
        Assert.Equal(
            plain.Output,
            coloured.Output.Replace("\u001b[91m", string.Empty, System.StringComparison.Ordinal)
                .Replace("\u001b[0m", string.Empty, System.StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, false, true)]
    [InlineData(false, false, false)]
    [InlineData(true, true, false)]
    public void Progress_needs_a_terminal_on_standard_error_and_no_quiet(bool isTerminal, bool isQuiet, bool expected)
    {
        TerminalState terminal = new(IsOutput: false, isTerminal, AllowsColour: false);
        string[] args = isQuiet ? ["replay", "--policy", "never", "--quiet"] : ["replay", "--policy", "never"];
        ToolResult result = Tool.RunOn(terminal, CancellationToken.None, args);
        Assert.Equal(0, result.Code);
        Assert.Equal(expected, result.Error.Contains("replaying", System.StringComparison.Ordinal));
        Assert.Equal(Tool.Run("replay", "--policy", "never").Output, result.Output);
    }
}
