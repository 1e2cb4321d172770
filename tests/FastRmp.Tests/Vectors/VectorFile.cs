using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

namespace FastRmp.Tests.Vectors;

/// <summary>Reads a file of hand-made vectors: a row a line, cells between bars, comments after a number sign.</summary>
internal static class VectorFile
{
    public static IEnumerable<string[]> Rows(string name)
    {
        foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Vectors", name)))
        {
            if (line.Length > 0 && line[0] != '#') yield return line.Split('|', StringSplitOptions.TrimEntries);
        }
    }

    public static ulong Number(string text) => text.StartsWith("0x", StringComparison.Ordinal)
        ? ulong.Parse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
        : ulong.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    public static bool Flag(string text) => text switch
    {
        "0" => false,
        "1" => true,
        _ => throw new FormatException($"'{text}' is not a bit."),
    };
}
