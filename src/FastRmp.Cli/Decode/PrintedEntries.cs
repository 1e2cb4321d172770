using System;
using System.Collections.Generic;
using System.CommandLine.Parsing;
using FastRmp.Cli.Shell;

namespace FastRmp.Cli.Decode;

/// <summary>Finds paging entries in what kernels print: plain values, or each after its name as in <c>PGD 2c01067 P4D 2c01067 PUD 0</c> or
/// <c>pte:8000000012345067</c>.</summary>
internal static class PrintedEntries
{
    private const string Separators = ",;:=[]<>{}";

    // What Linux prints where it cannot read the next table; it looks like a number.
    private const string Unreadable = "BAD";

    /// <summary>Parses all values, or adds an error.</summary>
    internal static PrintedEntry[]? Parse(ArgumentResult result)
    {
        List<PrintedEntry> named = [];
        string? bad = AddNamed(named, string.Join(' ', Array.ConvertAll([.. result.Tokens], static token => token.Value)));
        if (bad is null) return named.Count == 0 ? Plain(result) : Folded(named);
        Numbers.RefuseAddress(result, bad);
        return null;
    }

    private static PrintedEntry[]? Plain(ArgumentResult result)
    {
        List<PrintedEntry> entries = [];
        foreach (Token token in result.Tokens)
        {
            string[] words = PrintedText.Words(token.Value, Separators + "()");
            foreach (string word in words)
            {
                if (!Numbers.TryHexadecimal(word, out ulong value))
                {
                    Numbers.RefuseAddress(result, token.Value);
                    return null;
                }

                entries.Add(new PrintedEntry(value, null));
            }

            if (words.Length != 0) continue;
            Numbers.RefuseAddress(result, token.Value);
            return null;
        }

        return [.. entries];
    }

    /// <summary>Adds the values that follow a name; in a line with names all other words are ignored.</summary>
    /// <returns>A word after an oops' name that is not a value; null if there is none.</returns>
    private static string? AddNamed(List<PrintedEntry> entries, string text)
    {
        string name = string.Empty;
        foreach (string word in PrintedText.Words(text, Separators))
        {
            string before = name;
            name = word;
            if (LevelOf(before) is not { } level || LevelOf(word) is not null) continue;
            if (word == Unreadable) continue;

            // "bad pmd ffff88810a5fb000(800000010a5fb8e3)": where the entry is, then the entry.
            int parenthesis = word.IndexOf('(', StringComparison.Ordinal);
            if (Numbers.TryHexadecimal(PrintedText.Bare(word[(parenthesis + 1)..]), out ulong value))
            {
                entries.Add(new PrintedEntry(value, level));
            }
            else if (char.IsAsciiLetterUpper(before[0]))
            {
                return word;
            }
        }

        return null;
    }

    /// <summary>With four levels Linux prints the one top entry twice, as PGD and P4D, or once as PGD.</summary>
    private static PrintedEntry[] Folded(List<PrintedEntry> entries)
    {
        for (int i = 0; i < entries.Count; i++)
        {
            if (entries[i].Level != PagingLevel.PageMapLevel5) continue;
            bool hasNext = i + 1 < entries.Count && entries[i + 1].Level == PagingLevel.PageMapLevel4;
            if (hasNext && entries[i + 1].Value != entries[i].Value) continue;
            entries[i] = new PrintedEntry(entries[i].Value, PagingLevel.PageMapLevel4);
            if (hasNext) entries.RemoveAt(i + 1);
        }

        return [.. entries];
    }

    private static PagingLevel? LevelOf(string word) => word.ToUpperInvariant() switch
    {
        "PGD" or "PML5E" => PagingLevel.PageMapLevel5,
        "P4D" or "PML4E" => PagingLevel.PageMapLevel4,
        "PUD" or "PDPE" or "PDPTE" => PagingLevel.PageDirectoryPointer,
        "PMD" or "PDE" => PagingLevel.PageDirectory,
        "PTE" => PagingLevel.PageTable,
        _ => null,
    };
}
