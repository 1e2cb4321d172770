using System;
using Xunit;

namespace FastRmp.Cli.Tests.Support;

/// <summary>Exit code and output of a run of the tool.</summary>
internal sealed record ToolResult(int Code, string Output, string Error)
{
    internal string[] OutputLines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    internal string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Every line of standard error begins as promised, and no stack trace is among them.</summary>
    internal ToolResult SpeaksProperly()
    {
        Assert.All(ErrorLines, line => Assert.StartsWith("fastrmp: ", line, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
        Assert.DoesNotContain("unexpected error", Error, StringComparison.Ordinal);
        return this;
    }

    /// <summary>It ended well.</summary>
    internal ToolResult IsDone()
    {
        SpeaksProperly();
        Assert.True(Code == 0, Error);
        return this;
    }

    /// <summary>The command line was refused, with this on standard error, and nothing was printed.</summary>
    internal void IsUsageError(string message)
    {
        SpeaksProperly();
        Assert.Equal(2, Code);
        Assert.Contains($"fastrmp: {message}\n", Error, StringComparison.Ordinal);
        Assert.Empty(Output);
    }

    /// <summary>A file was refused, with one line that holds all of these parts.</summary>
    internal void IsBadInput(params string[] parts)
    {
        SpeaksProperly();
        Assert.Equal(3, Code);
        Assert.Contains(ErrorLines, line => Array.TrueForAll(parts, part => line.Contains(part, StringComparison.Ordinal)));
    }
}
