using System;
using System.Collections.Generic;
using System.Globalization;
using FastRmp.Generators.Models;

namespace FastRmp.Generators.Emitting;

/// <summary>Writes formatting: field by field, or as raw quadwords; straight into the caller's buffer.</summary>
internal static class FormatEmitter
{
    private const string Writer = "global::" + Parsing.AttributeNames.Namespace + "." + InjectedWriter.TypeName;
    private const int LongestHex = 2 + 16;

    // Style guide: not more than 1 KiB of stack.
    private const int LongestOnStack = 512;

    /// <summary>Writes <c>ToString</c> in both forms and <c>TryFormat</c>.</summary>
    /// <param name="writer">Receives the lines.</param>
    /// <param name="layout">The layout.</param>
    internal static void Write(SourceWriter writer, LayoutModel layout)
    {
        WriteToString(writer);
        WriteFormattedToString(writer, layout);
        WriteTryFormat(writer, layout);
    }

    private static void WriteToString(SourceWriter writer)
    {
        writer.Line();
        writer.Summary("All fields as text; the same in every culture.");
        writer.Line("/// <returns>Format <c>G</c> of <see cref=\"TryFormat\"/>.</returns>");
        writer.Line("public override string ToString() => ToString(null, null);");
    }

    private static void WriteFormattedToString(SourceWriter writer, LayoutModel layout)
    {
        int longest = LongestText(layout);
        string length = Literals.Decimal(longest);
        writer.Line();
        writer.Summary("The value as text; the same in every culture.");
        writer.Line("/// <param name=\"format\">As for <see cref=\"TryFormat\"/>.</param>");
        writer.Line("/// <param name=\"formatProvider\">Not used.</param>");
        writer.Line("/// <returns>The text.</returns>");
        writer.Line("/// <exception cref=\"global::System.FormatException\">Another format than those named.</exception>");
        writer.Line("public string ToString(string? format, global::System.IFormatProvider? formatProvider)");
        writer.Open();
        writer.Line("global::System.Span<char> buffer = " + (longest <= LongestOnStack ? "stackalloc" : "new") + " char[" + length + "];");
        // Not into a discard: a field may be called "_".
        writer.Line("TryFormat(buffer, out int length, format, formatProvider);");
        writer.Line("return new string(buffer.Slice(0, length));");
        writer.Close();
    }

    private static void WriteTryFormat(SourceWriter writer, LayoutModel layout)
    {
        WriteTryFormatDocumentation(writer, layout);
        writer.Line(
            "public bool TryFormat(global::System.Span<char> destination, out int charsWritten, global::System.ReadOnlySpan<char> format, global::System.IFormatProvider? provider)");
        writer.Open();
        writer.Line(Writer + " writer = new " + Writer + "(destination);");
        writer.Line("switch (format)");
        writer.Open();
        writer.Line("case \"\" or \"G\" or \"g\":");
        WriteFields(writer, layout);
        writer.Continued("break;");
        writer.Line("case \"X\" or \"x\":");
        WriteWords(writer, layout);
        writer.Continued("break;");
        writer.Line("default:");
        writer.Continued("throw new global::System.FormatException(\"The formats are G (field by field) and X or x (raw quadwords).\");");
        writer.Close();
        writer.Line();
        writer.Line("return writer.TryFinish(out charsWritten);");
        writer.Close();
    }

    private static void WriteTryFormatDocumentation(SourceWriter writer, LayoutModel layout)
    {
        writer.Line();
        writer.Summary(
            "Writes the value as text without allocating; the same in every culture. Needs at most " + Literals.Decimal(LongestText(layout))
            + " characters.");
        writer.Line("/// <param name=\"destination\">Receives the text.</param>");
        writer.Line("/// <param name=\"charsWritten\">Number of characters written; 0 on failure.</param>");
        writer.Line("/// <param name=\"format\">");
        writer.Line(
            "/// Empty or <c>G</c>: every field in order of declaration, and the reserved bits of a quadword, in place, if any is set. Flags of one bit are");
        writer.Line(
            "/// 0 or 1, enums their name or else a number; addresses, reserved bits and nameless values of flag enums are hexadecimal with <c>0x</c>,");
        writer.Line("/// all other numbers decimal. <c>X</c> or <c>x</c>: the raw quadwords, lowest first, 16 hexadecimal digits each.");
        writer.Line("/// </param>");
        writer.Line("/// <param name=\"provider\">Not used.</param>");
        writer.Line("/// <returns>False if the destination is too short; its content is then undefined.</returns>");
        writer.Line("/// <exception cref=\"global::System.FormatException\">Another format than those named.</exception>");
    }

    private static void WriteFields(SourceWriter writer, LayoutModel layout)
    {
        string opening = layout.Name + " {";
        foreach (FieldModel field in layout.Fields)
        {
            writer.Continued("writer.Append(\"" + opening + " " + field.Name + " = \");");
            WriteField(writer, field);
            opening = ",";
        }

        // Only a layout without fields has the braces still open here.
        if (layout.Fields.Length == 0) writer.Continued("writer.Append(\"" + opening + "\");");
        for (int word = 0; word < layout.WordCount; word++)
        {
            if (layout.ReservedMask(word) != 0) WriteReserved(writer, layout, word);
        }

        writer.Continued("writer.Append(\" }\");");
    }

    private static void WriteReserved(SourceWriter writer, LayoutModel layout, int word)
    {
        string bits = Words.Storage(layout.Size, word) + " & " + Words.ReservedMask(layout.Size, word);
        string text = (layout.Fields.Length == 0 ? " " : ", ") + Words.Prefix(layout.Size, word) + "Reserved = ";
        writer.Continued("writer.AppendUnlessZero(\"" + text + "\", " + bits + ");");
    }

    private static void WriteField(SourceWriter writer, FieldModel field)
    {
        string property = "this." + Literals.Identifier(field.Name);
        switch (field.Kind)
        {
            case FieldKind.Bool:
                writer.Continued("writer.AppendDecimal(" + property + " ? 1UL : 0UL);");
                break;
            case FieldKind.Address:
                writer.Continued("writer.AppendHex(" + (field.TypeName == "ulong" ? string.Empty : "(ulong)") + property + ");");
                break;
            case FieldKind.Enum:
                WriteEnum(writer, field, "(ulong)" + property);
                break;
            default:
                writer.Continued("writer.AppendDecimal(" + property + ");");
                break;
        }
    }

    private static void WriteEnum(SourceWriter writer, FieldModel field, string number)
    {
        string other = field.IsFlags ? "AppendHex" : "AppendDecimal";
        if (field.EnumMembers.Length == 0)
        {
            writer.Continued("writer." + other + "(" + number + ");");
            return;
        }

        writer.Continued("switch (" + number + ")");
        writer.Continued("{");
        foreach (EnumMemberModel member in field.EnumMembers)
        {
            writer.Continued("    case " + Literals.Hex(member.Value) + ": writer.Append(\"" + member.Name + "\"); break;");
        }

        writer.Continued("    default: writer." + other + "(" + number + "); break;");
        writer.Continued("}");
        writer.Line();
    }

    private static void WriteWords(SourceWriter writer, LayoutModel layout)
    {
        for (int word = 0; word < layout.WordCount; word++)
        {
            if (word != 0) writer.Continued("writer.Append(\" \");");
            writer.Continued("writer.AppendWord(" + Words.Storage(layout.Size, word) + ", format);");
        }
    }

    private static int LongestText(LayoutModel layout)
    {
        int fields = layout.Name.Length + " { }".Length;
        foreach (FieldModel field in layout.Fields)
        {
            fields += ",  = ".Length + field.Name.Length + LongestValue(field);
        }

        for (int word = 0; word < layout.WordCount; word++)
        {
            if (layout.ReservedMask(word) != 0)
            {
                fields += ",  = ".Length + Words.Prefix(layout.Size, word).Length + "Reserved".Length + LongestHex;
            }
        }

        return Math.Max(fields, layout.WordCount * (16 + 1));
    }

    private static int LongestValue(FieldModel field)
    {
        List<int> lengths = [field.Kind == FieldKind.Address || field.IsFlags
            ? LongestHex
            : Models.RangeModel.Ones(field.Width).ToString(CultureInfo.InvariantCulture).Length];
        foreach (EnumMemberModel member in field.EnumMembers)
        {
            lengths.Add(member.Name.Length);
        }

        lengths.Sort();
        return lengths[lengths.Count - 1];
    }
}
