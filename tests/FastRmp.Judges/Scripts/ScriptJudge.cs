using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace FastRmp.Judges.Scripts;

/// <summary>Scripts of <c>fastrmp run</c>: each expected line is a row.</summary>
internal static class ScriptJudge
{
    private const string ScriptEnding = ".txt";

    internal static RowCounts Run(string folder, RowCounts counts)
    {
        Dictionary<string, string> expectations = new(StringComparer.Ordinal);
        foreach (string file in RowFile.In(folder, ".expected"))
        {
            expectations[Path.ChangeExtension(RowFile.Plain(file), null)] = file;
        }

        foreach (string script in RowFile.In(folder, ScriptEnding))
        {
            if (expectations.TryGetValue(Path.ChangeExtension(RowFile.Plain(script), null), out string? expected))
            {
                Compare(script, expected, counts);
            }
        }

        return counts;
    }

    private static void Compare(string script, string expectedFile, RowCounts counts)
    {
        string name = Path.GetFileName(script);
        string text = RowFile.ReadAll(script);
        using StringWriter output = new();
        using StringWriter errors = new();
        using MemoryStream input = new(Encoding.UTF8.GetBytes(text));
        FastRmp.Cli.Program.Run(["run", "-"], output, errors, input);
        List<string> expected = Expected(RowFile.ReadAll(expectedFile));
        List<string> printed = Lines(output.ToString());
        List<string> operations = Operations(text);
        for (int i = 0; i < Math.Max(expected.Count, printed.Count); i++)
        {
            string wanted = i < expected.Count ? expected[i] : "(nothing)";
            string got = i < printed.Count ? printed[i] : "(nothing)";
            if (wanted == got)
            {
                counts.Equal();
            }
            else
            {
                counts.Differs(
                    $"{name}, operation {i + 1}: {(i < operations.Count ? operations[i] : "(none)")}",
                    $"expected {wanted}\nprinted  {got}");
            }
        }
    }

    /// <summary>The lines that print something, without their comments.</summary>
    private static List<string> Operations(string script)
    {
        List<string> operations = [];
        foreach (string line in Lines(script))
        {
            int comment = line.IndexOf('#', StringComparison.Ordinal);
            string operation = (comment < 0 ? line : line[..comment]).Trim();
            if (operation.Length != 0) operations.Add(operation);
        }

        return operations;
    }

    /// <summary>
    /// What is expected: a line for each operation, of whatever operating system; blank lines and comments between them are ignored.
    /// </summary>
    private static List<string> Expected(string text)
    {
        List<string> lines = [];
        foreach (string line in Lines(text))
        {
            string expected = line.TrimEnd();
            if (expected.Length != 0 && expected[0] != '#') lines.Add(expected);
        }

        return lines;
    }

    private static List<string> Lines(string text)
    {
        List<string> lines = [];
        using StringReader reader = new(text);
        while (reader.ReadLine() is { } line)
        {
            lines.Add(line);
        }

        return lines;
    }
}
