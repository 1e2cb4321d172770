using System;
using System.Collections.Generic;
using System.CommandLine.Parsing;
using System.Globalization;
using FastRmp.Cli.Shell;

namespace FastRmp.Cli.Decode;

/// <summary>Finds the words of a structure in what kernels print: each after its index, as <c>DTE[0]: 6000000000000003</c>, whatever their
/// order; or bare, lowest first.</summary>
internal static class PrintedWords
{
    private const string Separators = ",;:()[]{}|";
    private const int QuadwordDigits = 16;
    private const int HalfDigits = 8;
    private const int ByteDigits = 2;

    /// <summary>Parses four quadwords, also as eight 32-bit words or 32 bytes; adds an error for anything else.</summary>
    /// <param name="result">All tokens of the argument.</param>
    /// <param name="name">The letter of the words in messages, as in <c>Q0</c>.</param>
    /// <param name="indexed">The text before an index in a kernel's lines.</param>
    internal static ulong[]? Quadwords(ArgumentResult result, char name, string indexed)
    {
        string text = Joined(result);
        if (Columns(text) is { } columns) return columns;
        if (text.Contains(indexed + "[", StringComparison.Ordinal)) return Indexed(result, text, indexed, 4);
        if (Bare(result, text, name, 4) is not { } words) return null;
        if (Fit(words, 32, ByteDigits)) return Packed(words, 8, 8);
        if (Fit(words, 8, HalfDigits)) return Packed(words, 2, 32);
        return Fit(words, 4, QuadwordDigits)
            ? Packed(words, 1, 0)
            : Count(result, words.Length, name, 4, "four quadwords, or eight 32-bit words or 32 bytes");
    }

    /// <summary>Parses four 32-bit words; adds an error for anything else.</summary>
    internal static ulong[]? Halves(ArgumentResult result, char name, string indexed)
    {
        string text = Joined(result);
        if (text.Contains(indexed + "[", StringComparison.Ordinal)) return Indexed(result, text, indexed, 4);
        if (Bare(result, text, name, 4) is not { } words) return null;
        return words.Length == 4 ? Packed(words, 1, 0) : Count(result, words.Length, name, 4, "four 32-bit words");
    }

    /// <summary>An argument's tokens as one text: a line may come with quotes or without.</summary>
    internal static string Joined(ArgumentResult result) =>
        string.Join(' ', Array.ConvertAll([.. result.Tokens], static token => token.Value));

    /// <summary>The kernel's table of entries: <c>QWORD[3] … QWORD[0]</c> names the columns of the line below.</summary>
    private static ulong[]? Columns(string text)
    {
        const string Column = "QWORD[";
        int[] order = new int[4];
        int found = 0;
        int at = 0;
        for (; found < order.Length; found++)
        {
            int next = text.IndexOf(Column, at, StringComparison.Ordinal);
            if (next < 0 || next + Column.Length >= text.Length || text[next + Column.Length] is < '0' or > '3') return null;
            order[found] = text[next + Column.Length] - '0';
            at = next + Column.Length;
        }

        ulong[] values = new ulong[4];
        int taken = 0;
        foreach (string word in PrintedText.Words(text[at..], Separators))
        {
            if (taken < order.Length && Digits(word) == QuadwordDigits && Numbers.TryHexadecimal(word, out ulong value))
            {
                values[order[taken++]] = value;
            }
        }

        return taken == order.Length ? values : null;
    }

    private static ulong[]? Indexed(ArgumentResult result, string text, string name, int count)
    {
        ulong?[] values = new ulong?[count];
        for (int at =
            text.IndexOf(name + "[", StringComparison.Ordinal); at >= 0; at = text.IndexOf(name + "[", at + 1, StringComparison.Ordinal))
        {
            string rest = text[(at + name.Length + 1)..];
            int close = rest.IndexOf(']', StringComparison.Ordinal);
            if (close <= 0 || !int.TryParse(rest[..close], NumberStyles.None, CultureInfo.InvariantCulture, out int index)
                || index >= count)
            {
                result.AddError($"{name}[{(close < 0 ? rest : rest[..close])}]: an index from 0 to {count - 1} is expected");
                return null;
            }

            string[] words = PrintedText.Words(rest[(close + 1)..], Separators + "=");
            if (words.Length == 0 || !Numbers.TryHexadecimal(words[0], out ulong value))
            {
                result.AddError(
                    $"{name}[{index}]: '{(words.Length == 0 ? string.Empty : words[0])}' is not a hexadecimal number of at most 64 bits");
                return null;
            }

            if (values[index] is { } before && before != value)
            {
                result.AddError($"{name}[{index}] is there twice: one entry at a time");
                return null;
            }

            values[index] = value;
        }

        int missing = Array.IndexOf(values, null);
        if (missing < 0) return Array.ConvertAll(values, static value => value!.Value);
        result.AddError($"{name}[{missing}] is missing");
        return null;
    }

    private static string[]? Bare(ArgumentResult result, string text, char name, int count)
    {
        List<string> words = [];
        foreach (string word in PrintedText.Words(text, Separators))
        {
            if (!Numbers.TryHexadecimal(word, out _))
            {
                string place = words.Count < count
                    ? string.Create(CultureInfo.InvariantCulture, $"{name}{words.Count}")
                    : result.Argument.Name;
                result.AddError($"{place}: '{word}' is not a hexadecimal number of at most 64 bits");
                return null;
            }

            words.Add(word);
        }

        return [.. words];
    }

    private static ulong[]? Count(ArgumentResult result, int found, char name, int count, string expected)
    {
        string text = found < count ? string.Create(CultureInfo.InvariantCulture, $"{name}{found} is missing: ") : string.Empty;
        result.AddError(
            string.Create(CultureInfo.InvariantCulture, $"{text}{expected} are needed, lowest first; there are {found} numbers"));
        return null;
    }

    private static bool Fit(string[] words, int count, int digits) =>
        words.Length == count && Array.TrueForAll(words, word => Digits(word) <= digits || count == 4);

    private static int Digits(string word) => word.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? word.Length - 2 : word.Length;

    private static ulong[] Packed(string[] words, int parts, int bits)
    {
        ulong[] values = new ulong[words.Length / parts];
        for (int i = 0; i < words.Length; i++)
        {
            _ = Numbers.TryHexadecimal(words[i], out ulong value);
            values[i / parts] |= value << (bits * (i % parts));
        }

        return values;
    }
}
