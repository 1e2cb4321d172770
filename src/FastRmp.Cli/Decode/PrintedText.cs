using System;
using System.Collections.Generic;
using System.CommandLine.Parsing;
using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli.Decode;

/// <summary>Finds numbers in what kernels and traces print, so that a line can be pasted as it is.</summary>
internal static class PrintedText
{
    private const string Punctuation = "()[]<>{},;:=";

    // The longer ones first: each is tried over the whole text before the next.
    private static readonly string[] CodeWords =
        ["error_code", "error code", "errorcode", "exitinfo1", "exit_info_1", "exit_info1", "exitinfo_1", "info1", "ext_inf1",
            "bad pagetable", "error", "err", "oops", "code", "info", "e="];

    /// <summary>Parses error codes: plain numbers, or numbers after a word such as <c>error_code</c> or <c>EXITINFO1</c>; adds an error
    /// for a value without one.</summary>
    internal static ulong[]? Codes(ArgumentResult result)
    {
        List<ulong> values = [];
        string line = PrintedWords.Joined(result);
        for (int i = 0; i < result.Tokens.Count; i++)
        {
            string text = result.Tokens[i].Value;
            bool isWordBeforeNumber = i + 1 < result.Tokens.Count && IsCodeWord(text);
            if (Numbers.TryHexadecimal(text, out ulong value) || TryBehindWord(text, out value)
                || Numbers.TryHexadecimal(Bare(text), out value) || PageFaultNames.TryParse(text, out value))
            {
                values.Add(value);
            }
            else if (!isWordBeforeNumber)
            {
                // A line without quotes: its words are not values.
                if (result.Tokens.Count > 1 && (TryBehindWord(line, out value) || PageFaultNames.TryParse(line, out value))) return [value];
                Numbers.RefuseAddress(result, text);
                return null;
            }
        }

        return [.. values];
    }

    /// <summary>The words between blanks and some other characters.</summary>
    internal static string[] Words(string text, string separators) =>
        text.Split([' ', '\t', '\r', '\n', .. separators], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A word without the punctuation around it.</summary>
    internal static string Bare(string text) => text.Trim([' ', '\t', '\r', '\n', .. Punctuation]);

    private static bool IsCodeWord(string text) =>
        Array.Exists(CodeWords, word => word.Equals(Bare(text), StringComparison.OrdinalIgnoreCase));

    private static bool TryBehindWord(string text, out ulong value)
    {
        foreach (string word in CodeWords)
        {
            for (int at = text.IndexOf(
                word, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(word, at + 1, StringComparison.OrdinalIgnoreCase))
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
        bool isJoined = start > 0 && text[start - 1] == '=';
        while (first < text.Length && (text[first] is ' ' or '\t' || Punctuation.Contains(text[first], StringComparison.Ordinal))) first++;
        if (first == start && !isJoined) return false;
        int end = first;
        while (end < text.Length && IsPartOfName(text[end])) end++;
        return Numbers.TryHexadecimal(text.AsSpan(first, end - first), out value);
    }

    private static bool IsPartOfName(char character) => char.IsAsciiLetterOrDigit(character) || character == '_';
}
