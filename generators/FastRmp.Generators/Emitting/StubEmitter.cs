using FastRmp.Generators.Models;

namespace FastRmp.Generators.Emitting;

/// <summary>
/// Writes bodies for the properties of a faulty layout, so that the compiler gets as far as the analyzer that
/// explains the fault. They throw: whoever silences the diagnostic gets no number that looks like an answer.
/// </summary>
internal static class StubEmitter
{
    private const string Body =
        " => throw new global::System.NotSupportedException(\"The layout is faulty; see the FRMP diagnostics of the build.\");";

    /// <summary>The whole source text of a faulty layout.</summary>
    /// <param name="faulty">What is left of it.</param>
    internal static string Emit(FaultyModel faulty)
    {
        SourceWriter writer = new();
        TypeFrame.Open(writer, faulty.Type);
        writer.Line(TypeFrame.Head(faulty.Type.Declarations[faulty.Type.Declarations.Length - 1]));
        writer.Open();
        foreach (StubModel stub in faulty.Stubs)
        {
            WriteProperty(writer, stub);
        }

        writer.Close();
        TypeFrame.Close(writer, faulty.Type);
        return writer.ToString();
    }

    private static void WriteProperty(SourceWriter writer, StubModel stub)
    {
        writer.Line(stub.Modifiers + " " + stub.TypeName + " " + Literals.Identifier(stub.Name));
        writer.Open();
        foreach (string accessor in stub.Accessors)
        {
            writer.Line(accessor + Body);
        }

        writer.Close();
    }
}
