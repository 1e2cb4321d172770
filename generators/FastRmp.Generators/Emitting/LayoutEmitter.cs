using FastRmp.Generators.Models;

namespace FastRmp.Generators.Emitting;

/// <summary>Writes the file of one layout: the order here, each part in a class of its own.</summary>
internal static class LayoutEmitter
{
    /// <summary>The whole source text for a marked struct.</summary>
    /// <param name="parsed">What became of it.</param>
    internal static string Emit(ParsedLayout parsed) =>
        parsed.Valid is LayoutModel layout ? Emit(layout) : StubEmitter.Emit(parsed.Faulty!);

    private static string Emit(LayoutModel layout)
    {
        SourceWriter writer = new();
        TypeFrame.Open(writer, layout.Type);
        DocumentationEmitter.WriteStruct(writer, layout);
        writer.Line(
            "[global::System.Runtime.InteropServices.StructLayout(global::System.Runtime.InteropServices.LayoutKind.Sequential, Pack = 8, Size = "
            + Literals.Decimal(layout.Size / 8) + ")]");
        writer.Line("readonly " + TypeFrame.Head(layout.Type.Declarations[layout.Type.Declarations.Length - 1])
            + " : global::System.IEquatable<" + layout.TypeName + ">, global::System.ISpanFormattable");
        writer.Open();
        WriteMembers(writer, layout);
        writer.Close();
        TypeFrame.Close(writer, layout.Type);
        return writer.ToString();
    }

    private static void WriteMembers(SourceWriter writer, LayoutModel layout)
    {
        ConstantEmitter.Write(writer, layout);
        StorageEmitter.Write(writer, layout);
        foreach (FieldModel field in layout.Fields)
        {
            PropertyEmitter.Write(writer, layout, field);
        }

        EqualityEmitter.Write(writer, layout);
        FormatEmitter.Write(writer, layout);
    }
}
