using System;
using System.Collections.Generic;
using System.Linq;

namespace FastRmp.Tests.Papers;

/// <summary>A table of docs/architecture.md: which folder, or project, may use which.</summary>
internal sealed class FolderOrder
{
    /// <summary>What the tables call the files of a project that stand in no folder.</summary>
    public const string RootName = "(root)";

    private readonly Dictionary<string, HashSet<string>> _rows = [];

    /// <summary>Reads a table.</summary>
    /// <param name="heading">The heading above it.</param>
    public FolderOrder(string heading)
    {
        string page = Repository.Text("docs/architecture.md");
        int start = page.IndexOf($"### {heading}\n", StringComparison.Ordinal);
        if (start < 0) throw new InvalidOperationException($"docs/architecture.md has no heading '{heading}'.");
        foreach (string line in page[start..].Split('\n')
            .SkipWhile(static line => !line.StartsWith("|---", StringComparison.Ordinal))
            .Skip(1))
        {
            if (!line.StartsWith('|')) break;
            string[] cells = line.Trim('|').Split('|', StringSplitOptions.TrimEntries);
            string name = cells[0].Trim('`');
            HashSet<string> uses =
            [
                .. cells[^1].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                    .Select(static cell => cell.Trim('`')),
            ];
            if (uses.Except(_rows.Keys).FirstOrDefault() is string early)
            {
                Upward.Add($"{name} names {early}, which does not stand above it");
            }

            _rows.Add(name, uses);
        }
    }

    /// <summary>What names something that does not stand above it.</summary>
    public List<string> Upward { get; } = [];

    /// <summary>The rows in their order.</summary>
    public IEnumerable<string> Names => _rows.Keys;

    /// <summary>Whether one may use the other. Everything may use itself.</summary>
    public bool Allows(string user, string used) =>
        user == used || (_rows.TryGetValue(user, out HashSet<string>? uses) && uses.Contains(used));
}
