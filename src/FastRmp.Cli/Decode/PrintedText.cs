using System;
using System.Collections.Generic;
using System.CommandLine.Parsing;
using FastRmp.Cli.Shell;

namespace FastRmp.Cli.Decode;

/// <summary>Finds numbers in what kernels and traces print, so that a line can be pasted as it is.</summary>
internal static class PrintedText
{
    private const string Punctuation = "()[]<>{},;:=";

    // The longer ones first: each is tried over the whole text before the next.
    private static readonly string[] CodeWords =
        ["error_code", "error code", "errorcode", "exitinfo1", "exit_info_1", "exit_info1", "exitinfo_1", "info1", "bad pagetable", "error", "err", "oops", "code"];

    /// <summary>Parses error codes: plain numbers, or numbers behind a word such as <c>error_code</c> or <c>EXITINFO1</c>; adds an error for a value without one.</summary>
    internal static ulong[]? Codes(ArgumentResult result)
    {
        List<ulong> values = [];
        for (int i = 0; i < result.Tokens.Count; i++)
        {
            string text = result.Tokens[i].Value;
            bool isWordBeforeNumber = i + 1 < result.Tokens.Count && IsCodeWord(text);
            if (Numbers.TryHexadecimal(text, out ulong value) || TryBehindWord(text, out value) || Numbers.TryHexadecimal(Bare(text), out value))
            {
                values.Add(value);
            }
            else if (!isWordBeforeNumber)
            {
                Numbers.RefuseAddress(result, text);
                return null;
            }
        }

        return [.. values];
    }

    /// <summary>Parses the two numbers of a range, as two values, as <c>[0x… - 0x…]</c>, or in a kernel's line; adds an error if there are not two.</summary>
    internal static ulong[]? Range(ArgumentResult result)
    {
        List<ulong> marked = [];
        List<ulong> all = [];
        string? bad = null;
        foreach (Token token in result.Tokens)
        {
            foreach (string word in Words(token.Value, Punctuation + "-\u2013"))
            {
                if (!Numbers.TryHexadecimal(word, out ulong value))
                {
                    bad ??= word;
                    continue;
                }

                all.Add(value);
                if (word.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) marked.Add(value);
            }
        }

        if (Array.Exists([.. result.Tokens], static token => token.Value.Contains("segment", StringComparison.OrdinalIgnoreCase)))
        {
            result.AddError("the line is of a segmented RMP: what that covers stands in its segment table, not in BASE and END");
            return null;
        }

        // Among a line's words some look like numbers ("bad"), but none like 0x….
        if (marked.Count == 2) return [.. marked];
        if (bad is null && all.Count == 2) return [.. all];
        if (bad is not null) Numbers.RefuseAddress(result, bad);
        else result.AddError(all.Count < 2 ? "END is missing: RMP_END, the address of the table's last byte" : "there are more than two numbers: BASE and END are needed");
        return null;
    }

    /// <summary>Parses an RMP entry in one word: its low quadword, or both as <c>[0x… - 0x…]</c>, also at the end of a kernel's line; adds an error if it is neither.</summary>
    internal static ulong[]? Entry(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (Numbers.TryHexadecimal(text, out ulong low)) return [low];
        int bracket = text.LastIndexOf('[');
        string[] words = Words(bracket < 0 ? text : text[bracket..], Punctuation + "-");

        // Kernels of the first patches print "[high=0x… low=0x…]".
        if (words is ["high", _, "low", _]) words = [words[3], words[1]];
        if (words is ["low", _, "high", _]) words = [words[1], words[3]];
        if (words.Length == 2 && Numbers.TryHexadecimal(words[0], out low) && Numbers.TryHexadecimal(words[1], out ulong high)) return [low, high];
        if (words.Length == 1 && Numbers.TryHexadecimal(words[0], out low)) return [low];
        Numbers.RefuseAddress(result, text);
        return null;
    }

    /// <summary>The words between blanks and some other characters.</summary>
    internal static string[] Words(string text, string separators) =>
        text.Split([' ', '\t', '\r', '\n', .. separators], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A word without the punctuation around it.</summary>
    internal static string Bare(string text) => text.Trim([' ', '\t', '\r', '\n', .. Punctuation]);

    private static bool IsCodeWord(string text) => Array.Exists(CodeWords, word => word.Equals(Bare(text), StringComparison.OrdinalIgnoreCase));

    private static bool TryBehindWord(string text, out ulong value)
    {
        foreach (string word in CodeWords)
        {
            for (int at = text.IndexOf(word, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(word, at + 1, StringComparison.OrdinalIgnoreCase))
            {
                if ((at == 0 || !IsPartOfName(text[at - 1])) && TryNumberAt(text, at + word.Length, out value)) return true;
            }
        }

        value = 0;
        return false;
    }

    private static bool TryNumberAt(string text, int start, out ulong value)
    {
        value = 0;
        int first = start;
        while (first < text.Length && (text[first] is ' ' or '\t' || Punctuation.Contains(text[first], StringComparison.Ordinal))) first++;
        if (first == start) return false;
        int end = first;
        while (end < text.Length && IsPartOfName(text[end])) end++;
        return Numbers.TryHexadecimal(text.AsSpan(first, end - first), out value);
    }

    private static bool IsPartOfName(char character) => char.IsAsciiLetterOrDigit(character) || character == '_';
}
