using System;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading;
using FastRmp.Cli.Shell;

namespace FastRmp.Cli.Tests.Support;

/// <summary>Runs the tool: inside the test, or as the program that the environment names.</summary>
internal static class Tool
{
    /// <summary>The variable with the path of a published tool, which then runs in place of the one in the test.</summary>
    internal const string Variable = "FASTRMP_TOOL";

    // A published tool is a process for each run; it is the same code, so each property needs some of its values there, not all.
    private const int ShareOfPublished = 17; // odd, so that every bit still takes both values

    private static readonly string? Published = Environment.GetEnvironmentVariable(Variable);

    /// <summary>How many of some values a test of a property runs through the tool.</summary>
    internal static int Share(int values) => string.IsNullOrEmpty(Published) ? values : values / ShareOfPublished;

    /// <summary>The distance between values of a counted range that a test of a property runs through the tool.</summary>
    internal static int Stride => string.IsNullOrEmpty(Published) ? 1 : ShareOfPublished;

    internal static ToolResult Run(params string[] args) => RunWith(null, args);

    internal static ToolResult RunWith(byte[]? input, params string[] args)
    {
        if (!string.IsNullOrEmpty(Published)) return PublishedTool.Run(Published, input ?? [], args);
        using StringWriter output = new(CultureInfo.InvariantCulture);
        using StringWriter error = new(CultureInfo.InvariantCulture);
        using MemoryStream stdin = new(input ?? []);
        int code = Program.Run(args, output, error, stdin);
        return new ToolResult(code, output.ToString(), error.ToString());
    }

    internal static ToolResult RunOn(TerminalState terminal, CancellationToken cancellation, params string[] args)
    {
        using StringWriter output = new(CultureInfo.InvariantCulture);
        using StringWriter error = new(CultureInfo.InvariantCulture);
        int code = Program.Run(args, new Session(new Output(output), error, static () => Stream.Null, terminal, cancellation));
        return new ToolResult(code, output.ToString(), error.ToString());
    }

    /// <summary>Runs with an output that breaks, as a pipe without a reader or a full disk does.</summary>
    internal static (int Code, string Error) RunInto(TextWriter output, params string[] args)
    {
        using StringWriter error = new(CultureInfo.InvariantCulture);
        return (Program.Run(args, output, error), error.ToString());
    }

    internal static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
