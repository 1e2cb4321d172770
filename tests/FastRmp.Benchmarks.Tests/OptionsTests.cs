using System;
using FastRmp.Benchmarks.Commands;
using Xunit;

namespace FastRmp.Benchmarks.Tests;

public class OptionsTests
{
    [Fact]
    public void Flags_values_and_words_are_told_apart()
    {
        Options options = Options.Parse(["out", "--threads", "8", "--quick"], ["--quick"], ["--threads"], mostWords: 1);
        Assert.True(options.Has("--quick"));
        Assert.Equal(8, options.Number("--threads", 1, 8));
        Assert.Equal(["out"], options.Words);
        Assert.Null(options.Number("--other", 1, 8));
    }

    [Theory]
    [InlineData("'--quack' is not known here", "--quack")]
    [InlineData("'out' is not known here", "out")]
    [InlineData("--threads needs a value", "--threads")]
    [InlineData("--threads takes a number from 1 to 8", "--threads", "9")]
    [InlineData("--threads takes a number from 1 to 8", "--threads", "-1")]
    public void What_is_wrong_is_named(string message, params string[] arguments) => Assert.Equal(
        message,
        Assert.Throws<FormatException>(
            () => Options.Parse(arguments, ["--quick"], ["--threads"]).Number("--threads", 1, 8)).Message);

    [Fact]
    public void Help_has_a_line_for_each_command()
    {
        string[] lines = CommandHelp.Text().Split('\n');
        Assert.All(
            CommandHelp.Commands,
            command => Assert.Single(lines, line => line.StartsWith($"  {command.Usage}  ", StringComparison.Ordinal)));
    }
}
