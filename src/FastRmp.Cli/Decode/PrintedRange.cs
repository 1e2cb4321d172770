using System;
using System.Collections.Generic;
using System.CommandLine.Parsing;
using FastRmp.Cli.Shell;

namespace FastRmp.Cli.Decode;

/// <summary>Finds RMP_BASE and RMP_END in what kernels and tools print.</summary>
internal static class PrintedRange
{
    private const string Separators = "()[]<>{},;:=-\u2013";
    private const string BaseName = "RMP_BASE";
    private const string EndName = "RMP_END";
    private const ulong BaseRegister = 0xC001_0132UL;
    private const ulong EndRegister = 0xC001_0133UL;

    /// <summary>Parses the two numbers of a range, as two values, as <c>[0x… - 0x…]</c>, after their names, or in a kernel's line; adds an
    /// error if there are not two.</summary>
    internal static ulong[]? Parse(ArgumentResult result)
    {
        string text = PrintedWords.Joined(result).Replace("..", " ", StringComparison.Ordinal);
        if (text.Contains("segment", StringComparison.OrdinalIgnoreCase))
        {
            return Refuse(result, "the line is of a segmented RMP: its covered memory is in the segment table, not in BASE and END");
        }

        string[] words = PrintedText.Words(text, Separators);
        if (Behind(words, BaseName, BaseRegister) is { } first && Behind(words, EndName, EndRegister) is { } last) return [first, last];
        if (text.Contains("MSR access", StringComparison.OrdinalIgnoreCase))
        {
            return Refuse(result, "the line reports an access to a register, not the place of the RMP");
        }

        List<ulong> marked = [];
        List<ulong> all = [];
        string? bad = null;
        foreach (string word in words)
        {
            if (!Numbers.TryHexadecimal(word, out ulong value))
            {
                bad ??= word;
                continue;
            }

            all.Add(value);
            if (word.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) marked.Add(value);
        }

        // Among a line's words some look like numbers ("bad"), but none like 0x….
        if (marked.Count == 2) return [.. marked];
        if (bad is null && all.Count == 2) return [.. all];
        if (bad is null)
        {
            return Refuse(
                result,
                all.Count < 2
                    ? "END is missing: RMP_END, the address of the table's last byte"
                    : "there are more than two numbers: BASE and END are needed");
        }

        Numbers.RefuseAddress(result, bad);
        return null;
    }

    /// <summary>The number after a register's name or after its own number.</summary>
    private static ulong? Behind(string[] words, string name, ulong register)
    {
        for (int i = 0; i + 1 < words.Length; i++)
        {
            bool isName = words[i].Equals(name, StringComparison.OrdinalIgnoreCase)
                || (Numbers.TryHexadecimal(words[i].Replace("_", string.Empty, StringComparison.Ordinal), out ulong number)
                && number == register);
            if (isName && Numbers.TryHexadecimal(words[i + 1], out ulong value)) return value;
        }

        return null;
    }

    private static ulong[]? Refuse(ArgumentResult result, string message)
    {
        result.AddError(message);
        return null;
    }
}
