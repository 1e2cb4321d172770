using System.Collections.Generic;
using FastRmp.Generators.Models;

namespace FastRmp.Generators.Emitting;

/// <summary>Writes the method that copies the structure with one field changed.</summary>
internal static class WithEmitter
{
    /// <summary>Writes <c>With…</c> of a field.</summary>
    /// <param name="writer">Receives the lines.</param>
    /// <param name="layout">The layout.</param>
    /// <param name="field">The field.</param>
    internal static void Write(SourceWriter writer, LayoutModel layout, FieldModel field)
    {
        WriteDocumentation(writer, field);
        writer.Line("[global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]");
        writer.Line(field.Accessibility + " " + layout.TypeName + " With" + field.Name + "(" + field.TypeName + " value)");
        writer.Open();
        if (field.Kind != FieldKind.Bool) writer.Line("ulong bits = " + Bits(field) + ";");
        List<string> words = [];
        for (int word = 0; word < layout.WordCount; word++)
        {
            words.Add(Changed(layout, field, word));
        }

        writer.Line("return new " + layout.TypeName + "(" + string.Join(", ", words) + ");");
        writer.Close();
    }

    private static void WriteDocumentation(SourceWriter writer, FieldModel field)
    {
        string dropped = field.Kind switch
        {
            FieldKind.Bool => string.Empty,
            FieldKind.Address => " Bits of the value outside the field are dropped; it is not shifted.",
            _ => " Bits of the value above the field's " + Literals.Decimal(field.Width) + " are dropped.",
        };
        writer.Line();
        writer.Summary("A copy in which " + DocumentationEmitter.Cref(field) + ", " + field.BitsText + ", has a new value; all other bits are as here.");
        writer.Line("/// <param name=\"value\">The new value." + dropped + "</param>");
        writer.Line("/// <returns>The changed copy.</returns>");
    }

    private static string Bits(FieldModel field) => field.Kind switch
    {
        // An int below zero has no place in a field; it is cut like any other value that is too wide.
        FieldKind.Enum => "unchecked((ulong)value)",
        FieldKind.Address when field.TypeName != "ulong" => "(ulong)value",
        _ => "value",
    };

    private static string Changed(LayoutModel layout, FieldModel field, int word)
    {
        string storage = Words.Storage(layout.Size, word);
        List<string> masks = [];
        List<string> values = [];
        int below = field.Width;
        for (int part = 0; part < field.Ranges.Length; part++)
        {
            RangeModel range = field.Ranges[part];
            below -= range.Width;
            if (range.Word != word) continue;
            string mask = field.ConstantPrefix(part) + "Mask";
            masks.Add(mask);
            values.Add(field.Kind == FieldKind.Address ? "(bits & " + mask + ")" : "(" + Moved(below, range.Shift) + " & " + mask + ")");
        }

        if (masks.Count == 0) return storage;
        if (field.Kind == FieldKind.Bool) return "value ? " + storage + " | " + masks[0] + " : " + storage + " & ~" + masks[0];
        string kept = masks.Count == 1 ? masks[0] : "(" + string.Join(" | ", masks) + ")";
        return "(" + storage + " & ~" + kept + ") | " + string.Join(" | ", values);
    }

    // From its place in the value to its place in the quadword, in one shift.
    private static string Moved(int from, int to)
    {
        if (from == to) return "bits";
        return to > from ? "(bits << " + Literals.Decimal(to - from) + ")" : "(bits >> " + Literals.Decimal(from - to) + ")";
    }
}
