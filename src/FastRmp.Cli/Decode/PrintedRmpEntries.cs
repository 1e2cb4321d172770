using System;
using System.Collections.Generic;
using System.CommandLine.Parsing;
using FastRmp.Cli.Shell;

namespace FastRmp.Cli.Decode;

/// <summary>Finds RMP entries in what kernels print, so that lines can be pasted as they are: quadwords, a pair in brackets, named
/// quadwords, or a list of fields.</summary>
/// <remarks>
/// Linux 6.9 and later print <c>[low - high]</c>; the patches before it <c>[high=… low=…]</c>, and the first ones a list of fields, with a
/// second line <c>RMPEntry paddr … HIGH LOW</c>. Source: Linux arch/x86/virt/svm/sev.c and the SEV-SNP host patches of 2021 to 2024.
/// </remarks>
internal static class PrintedRmpEntries
{
    private const string Separators = "()[]<>{},;:=";
    private const int QuadwordDigits = 16;

    /// <summary>Parses all tokens of the argument, or adds an error.</summary>
    internal static PrintedRmpEntry[]? Parse(ArgumentResult result)
    {
        string[] tokens = Array.ConvertAll([.. result.Tokens], static token => token.Value);
        if (Numbers.TryHexadecimal(tokens[0], out ulong low) && tokens.Length < 3)
        {
            if (tokens.Length == 1) return [new PrintedRmpEntry(new RmpEntry(low, 0), false, null)];
            if (Numbers.TryHexadecimal(tokens[1], out ulong high)) return [new PrintedRmpEntry(new RmpEntry(low, high), true, null)];
            result.AddError($"HIGH: '{tokens[1]}' is not a hexadecimal number of at most 64 bits");
            return null;
        }

        if (tokens.Length > 2 && Array.TrueForAll(tokens, static token => Numbers.TryHexadecimal(token, out _)))
        {
            result.AddError("there are more than two numbers: LOW and HIGH are needed");
            return null;
        }

        string text = string.Join(' ', tokens);
        List<PrintedRmpEntry> entries = [];
        string? heading = null;
        string? refusal = null;
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (Line(line, ref heading, ref refusal) is { } entry) entries.Add(entry);
        }

        if (entries.Count != 0 && refusal is null) return [.. entries];
        if (refusal is not null)
        {
            result.AddError(refusal);
        }
        else if (heading is not null)
        {
            result.AddError(
                $"LOW: the line has no entry, its range is one of page frames; the entries are in the lines below it: '{heading}'");
        }
        else
        {
            result.AddError($"LOW: '{text}' is not a hexadecimal number of at most 64 bits, and not an RMP entry as a kernel prints it");
        }

        return null;
    }

    private static PrintedRmpEntry? Line(string line, ref string? heading, ref string? refusal)
    {
        // The heading of a region's dump has a range of page frames where an entry's line has the entry.
        if (line.Contains("PFN region", StringComparison.OrdinalIgnoreCase))
        {
            heading ??= line;
            return null;
        }

        if (RmpFieldList.IsList(line)) return RmpFieldList.Parse(line, ref refusal);
        string[] words = PrintedText.Words(line, Separators);
        if (Named(words, "low", "lo") is { } low) return Pair(low, Named(words, "high", "hi"));
        int bracket = line.LastIndexOf('[');
        string[] inside = PrintedText.Words(bracket < 0 ? line : line[bracket..], Separators + "-\u2013");
        if (inside.Length is 1 or 2 && Array.TrueForAll(inside, static word => Numbers.TryHexadecimal(word, out _)))
        {
            return Pair(inside[0], inside.Length == 2 ? inside[1] : null);
        }

        // "RMPEntry paddr 0x20cee00000 000000000000000f 8000000000000ffd": the high one first.
        bool isRaw = words.Length > 3 && words[^3].StartsWith("0x", StringComparison.OrdinalIgnoreCase) && IsQuadword(words[^2])
            && IsQuadword(words[^1]);
        return isRaw && Array.Exists(words, static word => word.Equals("paddr", StringComparison.OrdinalIgnoreCase))
            ? Pair(words[^1], words[^2])
            : null;
    }

    private static string? Named(string[] words, string name, string shorter)
    {
        for (int i = 0; i + 1 < words.Length; i++)
        {
            bool isName = words[i].Equals(name, StringComparison.OrdinalIgnoreCase)
                || words[i].Equals(shorter, StringComparison.OrdinalIgnoreCase);
            if (isName && Numbers.TryHexadecimal(words[i + 1], out _)) return words[i + 1];
        }

        return null;
    }

    private static PrintedRmpEntry Pair(string low, string? high)
    {
        _ = Numbers.TryHexadecimal(low, out ulong lower);
        ulong upper = 0;
        bool hasHigh = high is not null && Numbers.TryHexadecimal(high, out upper);
        return new PrintedRmpEntry(new RmpEntry(lower, upper), hasHigh, null);
    }

    private static bool IsQuadword(string word) => word.Length == QuadwordDigits && Numbers.TryHexadecimal(word, out _);
}
