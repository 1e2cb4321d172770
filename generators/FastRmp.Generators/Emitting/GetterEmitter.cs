using System.Collections.Generic;
using FastRmp.Generators.Models;

namespace FastRmp.Generators.Emitting;

/// <summary>The expression that reads a field.</summary>
internal static class GetterEmitter
{
    /// <summary>The value of a field, as an expression over the quadwords.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="field">The field.</param>
    internal static string Value(LayoutModel layout, FieldModel field) => field.Kind switch
    {
        FieldKind.Bool => InPlace(layout, field, 0) + " != 0UL",
        FieldKind.Address => Cast(field, InPlace(layout, field, 0)),
        _ => Cast(field, Number(layout, field)),
    };

    // From here on an expression is a name or is parenthesised as a whole.
    private static string InPlace(LayoutModel layout, FieldModel field, int part) =>
        "(" + Words.Storage(layout.Size, field.Ranges[part].Word) + " & " + field.ConstantPrefix(part) + "Mask)";

    private static string Number(LayoutModel layout, FieldModel field)
    {
        List<string> parts = [];
        int below = field.Width;
        for (int part = 0; part < field.Ranges.Length; part++)
        {
            below -= field.Ranges[part].Width;
            string number = Part(layout, field, part);
            parts.Add(below == 0 ? number : "(" + number + " << " + Literals.Decimal(below) + ")");
        }

        return parts.Count == 1 ? parts[0] : "(" + string.Join(" | ", parts) + ")";
    }

    // Shift first, then a mask that an instruction can hold as a small constant; no mask where the shift leaves none to cut.
    private static string Part(LayoutModel layout, FieldModel field, int part)
    {
        RangeModel range = field.Ranges[part];
        string word = Words.Storage(layout.Size, range.Word);
        if (range.Width == RangeModel.WordBits) return word;
        string shifted = range.Shift == 0 ? word : "(" + word + " >> " + field.ConstantPrefix(part) + "Shift)";
        return range.Shift + range.Width == RangeModel.WordBits
            ? shifted
            : "(" + shifted + " & " + Literals.Hex(RangeModel.Ones(range.Width)) + ")";
    }

    // The number is masked to the type's width, so the cast loses nothing, in a checked context too.
    private static string Cast(FieldModel field, string number)
    {
        if (field.TypeName != "ulong") return "(" + field.TypeName + ")" + number;
        return number[0] == '(' ? number.Substring(1, number.Length - 2) : number;
    }
}
