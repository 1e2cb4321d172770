using System.Collections.Generic;
using FastRmp.Generators.Models;

namespace FastRmp.Generators.Emitting;

/// <summary>Writes equality over all bits, reserved ones included.</summary>
internal static class EqualityEmitter
{
    /// <summary>Writes <c>Equals</c>, <c>GetHashCode</c> and the two operators.</summary>
    /// <param name="writer">Receives the lines.</param>
    /// <param name="layout">The layout.</param>
    internal static void Write(SourceWriter writer, LayoutModel layout)
    {
        WriteEquals(writer, layout);
        WriteGetHashCode(writer, layout);
        WriteOperator(writer, layout, "==", "left.Equals(right)", "equal");
        WriteOperator(writer, layout, "!=", "!left.Equals(right)", "different");
    }

    private static void WriteEquals(SourceWriter writer, LayoutModel layout)
    {
        List<string> tests = [];
        for (int word = 0; word < layout.WordCount; word++)
        {
            string storage = Words.Storage(layout.Size, word);
            tests.Add(storage + " == other." + storage);
        }

        writer.Line();
        writer.Summary("Whether all bits are equal, reserved ones included.");
        writer.Line("/// <param name=\"other\">The value compared with.</param>");
        writer.Line("/// <returns>True if no bit differs.</returns>");
        writer.Line("public bool Equals(" + layout.TypeName + " other) => " + string.Join(" && ", tests) + ";");
        writer.Line();
        writer.Line("/// <inheritdoc/>");
        writer.Line("public override bool Equals(object? obj) => obj is " + layout.TypeName + " other && Equals(other);");
    }

    private static void WriteGetHashCode(SourceWriter writer, LayoutModel layout)
    {
        List<string> words = [];
        for (int word = 0; word < layout.WordCount; word++)
        {
            words.Add(Words.Storage(layout.Size, word));
        }

        writer.Line();
        writer.Line("/// <inheritdoc/>");
        writer.Line("public override int GetHashCode() => "
            + (words.Count == 1 ? words[0] + ".GetHashCode()" : "global::System.HashCode.Combine(" + string.Join(", ", words) + ")") + ";");
    }

    private static void WriteOperator(SourceWriter writer, LayoutModel layout, string sign, string test, string relation)
    {
        writer.Line();
        writer.Summary("Whether two values are " + relation + ", reserved bits included.");
        writer.Line("/// <param name=\"left\">One value.</param>");
        writer.Line("/// <param name=\"right\">The other value.</param>");
        writer.Line("/// <returns>The result.</returns>");
        writer.Line(
            "public static bool operator " + sign + "(" + layout.TypeName + " left, " + layout.TypeName + " right) => " + test + ";");
    }
}
