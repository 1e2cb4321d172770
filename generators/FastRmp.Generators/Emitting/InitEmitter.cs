using System.Collections.Generic;
using FastRmp.Generators.Models;

namespace FastRmp.Generators.Emitting;

/// <summary>Writes the statements of an <c>init</c> accessor: they change the bits of one field and no others.</summary>
internal static class InitEmitter
{
    /// <summary>Writes the body.</summary>
    /// <param name="writer">Receives the lines.</param>
    /// <param name="layout">The layout.</param>
    /// <param name="field">The field.</param>
    internal static void WriteBody(SourceWriter writer, LayoutModel layout, FieldModel field)
    {
        if (field.Kind != FieldKind.Bool) writer.Line("ulong bits = " + Bits(field) + ";");
        for (int word = 0; word < layout.WordCount; word++)
        {
            if (Changed(layout, field, word) is string changed) writer.Line(Words.Storage(layout.Size, word) + " = " + changed + ";");
        }
    }

    private static string Bits(FieldModel field) => field.Kind switch
    {
        // An int below zero has no place in a field; it is cut like any other value that is too wide.
        FieldKind.Enum => "unchecked((ulong)value)",
        FieldKind.Address when field.TypeName != "ulong" => "(ulong)value",
        _ => "value",
    };

    private static string? Changed(LayoutModel layout, FieldModel field, int word)
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

        if (masks.Count == 0) return null;
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
