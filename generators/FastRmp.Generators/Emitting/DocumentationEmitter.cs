using FastRmp.Generators.Models;

namespace FastRmp.Generators.Emitting;

/// <summary>Writes the documentation of the struct as a whole; it joins what the declaration says.</summary>
internal static class DocumentationEmitter
{
    /// <summary>Writes size, source and the table of all bits.</summary>
    /// <param name="writer">Receives the lines.</param>
    /// <param name="layout">The layout.</param>
    internal static void WriteStruct(SourceWriter writer, LayoutModel layout)
    {
        writer.Line("/// <remarks>");
        writer.Line(
            "/// <para>" + SizeText(layout) + (layout.Source is string source ? " Source: " + Literals.Xml(source) + "." : string.Empty)
            + "</para>");
        writer.Line("/// <list type=\"table\">");
        writer.Line("/// <listheader><term>Bits</term><description>Field</description></listheader>");
        foreach (FieldModel field in layout.Fields)
        {
            WriteRow(writer, field.BitsText, Cref(field));
        }

        foreach (RangeModel range in layout.Reserved)
        {
            WriteRow(writer, (range.Width == 1 ? "bit " : "bits ") + range.Text, "reserved");
        }

        writer.Line("/// </list>");
        writer.Line("/// </remarks>");
    }

    /// <summary>A reference to a field's property.</summary>
    /// <param name="field">The field.</param>
    internal static string Cref(FieldModel field) => "<see cref=\"" + Literals.Identifier(field.Name) + "\"/>";

    private static string SizeText(LayoutModel layout) =>
        "A layout of " + Literals.Decimal(layout.Size) + " bits in "
            + (layout.WordCount == 1 ? "one quadword." : Literals.Decimal(layout.WordCount) + " quadwords.");

    private static void WriteRow(SourceWriter writer, string bits, string description) =>
        writer.Line("/// <item><term>" + bits + "</term><description>" + description + "</description></item>");
}
