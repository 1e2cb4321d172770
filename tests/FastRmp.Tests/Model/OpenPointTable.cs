using System;
using System.Collections.Generic;
using System.IO;

namespace FastRmp.Tests.Model;

/// <summary>Reads docs/open-points.md.</summary>
internal static class OpenPointTable
{
    public const string Prefix = "ModelChoices.";

    /// <summary>The rows of both of its tables.</summary>
    public static IReadOnlyList<OpenPoint> Rows()
    {
        List<OpenPoint> rows = [];
        foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "open-points.md")))
        {
            if (!line.StartsWith("| ", StringComparison.Ordinal) || line.StartsWith("| point ", StringComparison.Ordinal)) continue;
            string[] cells = line.Trim('|').Split('|', StringSplitOptions.TrimEntries);
            rows.Add(new OpenPoint(cells[0], cells[1], Names(cells[1]), cells[2], Names(cells[2]), cells[3]));
        }

        return rows;
    }

    /// <summary>The switches that a row names, without their prefix.</summary>
    public static List<string> Switches(OpenPoint row)
    {
        List<string> switches = [];
        foreach (string choice in row.Choices)
        {
            if (choice.StartsWith(Prefix, StringComparison.Ordinal)) switches.Add(choice[Prefix.Length..]);
        }

        return switches;
    }

    /// <summary>The choices of the RMP and its instructions, without those of walks, IOMMU, firmware and direct map.</summary>
    public static IEnumerable<string> ChoicesOfInstructions()
    {
        foreach (OpenPoint row in Rows())
        {
            if (Area(row) != "rmp") continue;
            foreach (string choice in Switches(row))
            {
                yield return choice;
            }
        }
    }

    /// <summary>Whose the row is.</summary>
    public static string Area(OpenPoint row)
    {
        string first = row.Section.Split(' ', '.')[0];
        return first switch
        {
            "x86" or "vi" or "dm" => first,
            "6" => "access",
            "12" or "13" => "firmware",
            _ => "rmp",
        };
    }

    private static List<string> Names(string cell)
    {
        List<string> names = [];
        string[] parts = cell.Split('`');
        for (int i = 1; i < parts.Length; i += 2)
        {
            names.Add(parts[i]);
        }

        return names;
    }
}
