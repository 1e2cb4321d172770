using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

namespace FastRmp.Fuzz.Targets;

/// <summary>The tool as a whole: it ends with a documented code, and never with an error that it did not expect.</summary>
internal abstract class ToolTarget : FuzzTarget
{
    private const int BadInput = 3;

    internal override long AllocationBase => 24 << 20;

    internal override long AllocationFactor => 1024;

    /// <summary>Runs the tool.</summary>
    /// <returns>Whether it answered.</returns>
    protected static bool Run(byte[]? input, params string[] arguments)
    {
        using ShortOutput output = new();
        using StringWriter error = new(CultureInfo.InvariantCulture);
        using MemoryStream stdin = new(input ?? []);
        int code = Cli.Program.Run(arguments, output, error, stdin);
        string messages = error.ToString();
        if (code is < 0 or > BadInput) throw new FuzzFailure($"exit code {code}: {string.Join(' ', arguments)}");
        if (messages.Contains("unexpected error", StringComparison.Ordinal)) throw new FuzzFailure(messages);
        RequireHarmless(output.ToString());
        RequireHarmless(messages);
        return code is 0 or 1;
    }

    protected static IEnumerable<byte[]> Utf8(params string[] texts)
    {
        foreach (string text in texts)
        {
            yield return System.Text.Encoding.UTF8.GetBytes(text);
        }
    }

    private static void RequireHarmless(string text)
    {
        foreach (char character in text)
        {
            if (char.IsControl(character) && character is not ('\n' or '\t'))
            {
                throw new FuzzFailure($"a control character {(int)character:x} is printed");
            }
        }
    }
}
