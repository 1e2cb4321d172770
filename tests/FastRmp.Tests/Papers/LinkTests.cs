using System;
using System.Collections.Generic;
using System.IO;
using System.Text.RegularExpressions;
using Xunit;

namespace FastRmp.Tests.Papers;

/// <summary>What a document links to, or names as a file of the repository, is there.</summary>
public sealed partial class LinkTests
{
    [Fact]
    public void Links_lead_somewhere()
    {
        List<string> broken = [];
        int count = 0;
        foreach (string path in Repository.Files(".md"))
        {
            foreach (Match match in Link().Matches(Repository.Text(path)))
            {
                string target = match.Groups["target"].Value;
                if (target.Contains("://", StringComparison.Ordinal)) continue;
                count++;
                string[] parts = target.Split('#');
                string file = parts[0].Length == 0 ? path : Path.Combine(Path.GetDirectoryName(path)!, parts[0]);
                string full = Path.Combine(Repository.Root, file);
                if (!Path.Exists(full) || (parts.Length == 2 && !HasHeading(full, parts[1]))) broken.Add($"{path}: {target}");
            }
        }

        Assert.Empty(broken);
        Assert.InRange(count, 20, int.MaxValue);
    }

    [Fact]
    public void Files_named_in_documents_exist()
    {
        List<string> missing = [];
        int count = 0;
        foreach (string path in Repository.Files(".md"))
        {
            foreach (Match match in NamedFile().Matches(Repository.Text(path)))
            {
                string name = match.Groups["path"].Value;
                if (name.Contains('*', StringComparison.Ordinal) || name.Contains("NAME", StringComparison.Ordinal)) continue;
                count++;
                if (!Path.Exists(Path.Combine(Repository.Root, name))) missing.Add($"{path}: {name}");
            }
        }

        Assert.Empty(missing);
        Assert.InRange(count, 50, int.MaxValue);
    }

    // A heading's anchor: lower case, spaces as hyphens, everything else but letters, digits and hyphens gone.
    private static bool HasHeading(string file, string anchor)
    {
        foreach (string line in File.ReadLines(file))
        {
            if (!line.StartsWith('#')) continue;
            string made = NotInAnchors().Replace(line.TrimStart('#').Trim().ToLowerInvariant(), string.Empty).Replace(' ', '-');
            if (made == anchor) return true;
        }

        return false;
    }

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`(?<path>(?:src|tests|generators|benchmarks|docs|\.ci)/[^`\s]+)`")]
    private static partial Regex NamedFile();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();
}
