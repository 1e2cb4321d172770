using FastRmp.Generators.Models;

namespace FastRmp.Generators.Emitting;

/// <summary>Writes the implementing part of a field's property.</summary>
internal static class PropertyEmitter
{
    private const string Inlined =
        "[global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]";

    /// <summary>Writes the accessors that the declaration has. Its comment stays in force; only where there is none a comment is
    /// written.</summary>
    /// <param name="writer">Receives the lines.</param>
    /// <param name="layout">The layout.</param>
    /// <param name="field">The field.</param>
    internal static void Write(SourceWriter writer, LayoutModel layout, FieldModel field)
    {
        writer.Line();
        if (!field.IsDocumented) writer.Summary("Field in " + field.BitsText + ".");
        foreach (string line in field.Documentation)
        {
            writer.Line(line);
        }

        string head = field.Modifiers + " " + field.TypeName + " " + Literals.Identifier(field.Name);
        string value = " => " + GetterEmitter.Value(layout, field) + ";";
        if (field.InitModifiers is not string modifiers)
        {
            writer.Line(head + value);
            return;
        }

        writer.Line(head);
        writer.Open();
        writer.Line((field.GetModifiers + " get" + value).TrimStart());
        writer.Line(Inlined);
        writer.Line((modifiers + " init").TrimStart());
        writer.Open();
        InitEmitter.WriteBody(writer, layout, field);
        writer.Close();
        writer.Close();
    }
}
