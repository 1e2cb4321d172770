using FastRmp.Generators.Models;

namespace FastRmp.Generators.Emitting;

/// <summary>Writes size, alignment, and the masks and positions of fields and reserved bits.</summary>
internal static class ConstantEmitter
{
    /// <summary>Writes all constants.</summary>
    /// <param name="writer">Receives the lines.</param>
    /// <param name="layout">The layout.</param>
    internal static void Write(SourceWriter writer, LayoutModel layout)
    {
        WriteSize(writer, layout);
        foreach (FieldModel field in layout.Fields)
        {
            for (int part = 0; part < field.Ranges.Length; part++)
            {
                WriteRange(writer, layout, field, part);
            }
        }

        for (int word = 0; word < layout.WordCount; word++)
        {
            WriteReservedMask(writer, layout, word);
        }
    }

    private static void WriteSize(SourceWriter writer, LayoutModel layout)
    {
        writer.Summary("Size of the structure in bytes.");
        writer.Line("public const int SizeInBytes = " + Literals.Decimal(layout.Size / 8) + ";");
        writer.Line();
        writer.Summary("Alignment of the structure in bytes.");
        writer.Line("public const int AlignmentInBytes = 8;");
    }

    private static void WriteRange(SourceWriter writer, LayoutModel layout, FieldModel field, int part)
    {
        RangeModel range = field.Ranges[part];
        string prefix = field.ConstantPrefix(part);
        string subject = (field.IsSplit ? "part " + Literals.Decimal(part) + " of " : string.Empty)
            + DocumentationEmitter.Cref(field) + ", " + (range.Width == 1 ? "bit " : "bits ") + range.Text;
        string place = layout.WordCount == 1 ? string.Empty : " within its quadword";
        writer.Line();
        writer.Summary("Mask in place" + place + " of " + subject + ".");
        writer.Line(field.Accessibility + " const ulong " + prefix + "Mask = " + Literals.Mask(range.Mask) + ";");
        writer.Line();
        writer.Summary("Position of the lowest bit" + place + " of " + subject + ".");
        writer.Line(field.Accessibility + " const int " + prefix + "Shift = " + Literals.Decimal(range.Shift) + ";");
        if (layout.WordCount == 1) return;
        writer.Line();
        writer.Summary("Index of the quadword of " + subject + ".");
        writer.Line(field.Accessibility + " const int " + prefix + "Word = " + Literals.Decimal(range.Word) + ";");
    }

    private static void WriteReservedMask(SourceWriter writer, LayoutModel layout, int word)
    {
        string place = layout.WordCount == 1 ? string.Empty : " of <see cref=\"" + Words.Property(layout.Size, word) + "\"/>";
        writer.Line();
        writer.Summary("Mask in place of the reserved bits" + place + ".");
        writer.Line("public const ulong " + Words.ReservedMask(layout.Size, word) + " = " + Literals.Mask(layout.ReservedMask(word)) + ";");
    }
}
