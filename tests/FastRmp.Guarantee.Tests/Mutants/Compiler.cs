using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;

namespace FastRmp.Guarantee.Tests.Mutants;

/// <summary>Compiles sources that travel in this assembly.</summary>
internal static class Compiler
{
    public static readonly CSharpParseOptions ParseOptions = CSharpParseOptions.Default
        .WithLanguageVersion(LanguageVersion.CSharp14)
        .WithDocumentationMode(DocumentationMode.None);

    private static readonly CSharpCompilationOptions Options = new(
        OutputKind.DynamicallyLinkedLibrary,
        optimizationLevel: OptimizationLevel.Release,
        allowUnsafe: true,
        nullableContextOptions: NullableContextOptions.Enable);

    private static readonly IReadOnlyList<MetadataReference> Platform = References();

    public static CSharpCompilation Compile(string name, IEnumerable<SyntaxTree> trees, params ReadOnlySpan<byte[]> references)
    {
        List<MetadataReference> all = [.. Platform];
        foreach (byte[] image in references) all.Add(MetadataReference.CreateFromImage(image));
        return CSharpCompilation.Create(name, trees, all, Options);
    }

    public static SyntaxTree Parse(string path, string source) => CSharpSyntaxTree.ParseText(source, ParseOptions, path);

    public static byte[] Emit(Compilation compilation)
    {
        using MemoryStream image = new();
        EmitResult result = compilation.Emit(image);
        if (!result.Success)
        {
            throw new InvalidOperationException(
                result.Diagnostics.First(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).ToString());
        }

        return image.ToArray();
    }

    /// <summary>The sources whose names begin like this; without that in their names.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Sources(string prefix)
    {
        Assembly assembly = typeof(Compiler).Assembly;
        foreach (string name in assembly.GetManifestResourceNames())
        {
            if (!name.StartsWith(prefix, StringComparison.Ordinal)) continue;
            using StreamReader reader = new(assembly.GetManifestResourceStream(name)!);
            yield return new(name[prefix.Length..], reader.ReadToEnd());
        }
    }

    /// <summary>What this process runs on, but for the library that is already in it.</summary>
    private static List<MetadataReference> References()
    {
        string paths = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        return
        [
            .. paths.Split(Path.PathSeparator)
                .Where(static path => Path.GetFileName(path) is string name
                    && (name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("xunit.v3.assert", StringComparison.Ordinal)
                        || name is "FastRmp.Reference.dll"))
                .Select(static path => MetadataReference.CreateFromFile(path)),
        ];
    }
}
