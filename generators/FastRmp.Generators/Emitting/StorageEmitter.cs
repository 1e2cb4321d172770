using System.Collections.Generic;
using FastRmp.Generators.Models;

namespace FastRmp.Generators.Emitting;

/// <summary>Writes the quadwords, the constructor, and the members that see quadwords whole.</summary>
internal static class StorageEmitter
{
    /// <summary>Writes storage, constructor, raw properties and the test of the reserved bits.</summary>
    /// <param name="writer">Receives the lines.</param>
    /// <param name="layout">The layout.</param>
    internal static void Write(SourceWriter writer, LayoutModel layout)
    {
        WriteFields(writer, layout);
        WriteConstructor(writer, layout);
        for (int word = 0; word < layout.WordCount; word++)
        {
            WriteProperty(writer, layout, word);
        }

        WriteHasReservedBits(writer, layout);
    }

    private static void WriteFields(SourceWriter writer, LayoutModel layout)
    {
        writer.Line();
        for (int word = 0; word < layout.WordCount; word++)
        {
            writer.Line("private readonly ulong " + Words.Storage(layout.Size, word) + ";");
        }
    }

    private static void WriteConstructor(SourceWriter writer, LayoutModel layout)
    {
        List<string> parameters = [];
        writer.Line();
        writer.Summary("Takes the raw value. Nothing is checked: reserved bits are kept as they are.");
        for (int word = 0; word < layout.WordCount; word++)
        {
            string parameter = Words.Parameter(layout.Size, word);
            parameters.Add("ulong " + parameter);
            writer.Line("/// <param name=\"" + parameter + "\">Bits " + WordRange(word) + ".</param>");
        }

        writer.Line("public " + Literals.Identifier(layout.Name) + "(" + string.Join(", ", parameters) + ")");
        writer.Open();
        for (int word = 0; word < layout.WordCount; word++)
        {
            writer.Line(Words.Storage(layout.Size, word) + " = " + Words.Parameter(layout.Size, word) + ";");
        }

        writer.Close();
    }

    private static void WriteProperty(SourceWriter writer, LayoutModel layout, int word)
    {
        writer.Line();
        writer.Summary("Raw quadword of bits " + WordRange(word) + ", reserved bits included.");
        writer.Line("public ulong " + Words.Property(layout.Size, word) + " => " + Words.Storage(layout.Size, word) + ";");
    }

    private static void WriteHasReservedBits(SourceWriter writer, LayoutModel layout)
    {
        List<string> terms = [];
        for (int word = 0; word < layout.WordCount; word++)
        {
            if (layout.ReservedMask(word) != 0)
            {
                terms.Add("(" + Words.Storage(layout.Size, word) + " & " + Words.ReservedMask(layout.Size, word) + ")");
            }
        }

        string test = terms.Count switch
        {
            0 => "false",
            1 => terms[0] + " != 0UL",
            _ => "(" + string.Join(" | ", terms) + ") != 0UL",
        };
        writer.Line();
        writer.Summary("Whether any reserved bit is set.");
        writer.Line("public bool HasReservedBits => " + test + ";");
    }

    private static string WordRange(int word) =>
        new RangeModel((word * RangeModel.WordBits) + RangeModel.WordBits - 1, word * RangeModel.WordBits).Text;
}
