using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;
using Xunit;

namespace FastRmp.Generators.Tests.Support;

/// <summary>Runs generator and analyzer over a marked source and compares the diagnostics with the marks.</summary>
internal static class Verify
{
    /// <summary>All diagnostics of the analyzer, in order of position; they are exactly those marked.</summary>
    internal static IReadOnlyList<Diagnostic> Diagnostics(string marked)
    {
        (string source, List<string> expected) = Markup.Parse(marked);
        CSharpCompilation compilation = Harness.Compile(source);
        Compilation generated = Harness.Generate(compilation);
        List<Diagnostic> found = [.. Harness.Analyze(generated).OrderBy(static diagnostic => diagnostic.Location.SourceSpan.Start)];
        Assert.Equal(expected, Entries(found, source));

        // The generator's own view has no emitted members in it. It must come to the same answer.
        Assert.Equal(expected, Entries(Harness.Analyze(WithInjectedOnly(compilation, generated)), source));
        return found;
    }

    /// <summary>The one diagnostic, its message compared too.</summary>
    internal static void Message(string marked, string message) =>
        Assert.Equal(message, Assert.Single(Diagnostics(marked)).GetMessage(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>What the compiler alone says, errors only.</summary>
    internal static IEnumerable<string> CompilerErrors(string source) =>
        Harness.Generate(Harness.Compile(source)).GetDiagnostics(TestContext.Current.CancellationToken)
            .Where(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
            .Select(static diagnostic => diagnostic.Id);

    private static List<string> Entries(IEnumerable<Diagnostic> diagnostics, string source)
    {
        List<string> entries = [];
        foreach (Diagnostic diagnostic in diagnostics)
        {
            TextSpan span = diagnostic.Location.SourceSpan;
            Assert.Equal("Sample0.cs", diagnostic.Location.SourceTree?.FilePath);
            entries.Add(Markup.Entry(diagnostic.Id, span.Start, source.Substring(span.Start, span.Length)));
        }

        entries.Sort(StringComparer.Ordinal);
        return entries;
    }

    private static CSharpCompilation WithInjectedOnly(CSharpCompilation compilation, Compilation generated) =>
        compilation.AddSyntaxTrees(generated.SyntaxTrees.Where(static tree =>
            tree.FilePath.EndsWith("FastRmp.Attributes.g.cs", StringComparison.Ordinal)
            || tree.FilePath.EndsWith("Microsoft.CodeAnalysis.EmbeddedAttribute.cs", StringComparison.Ordinal)));
}
