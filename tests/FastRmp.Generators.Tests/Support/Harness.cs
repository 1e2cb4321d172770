using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Threading;
using FastRmp.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Xunit;

namespace FastRmp.Generators.Tests.Support;

/// <summary>Compiles, generates, analyzes and loads small sources, under the rules of this repository and stricter ones.</summary>
internal static class Harness
{
    internal static readonly CSharpParseOptions ParseOptions = CSharpParseOptions.Default
        .WithLanguageVersion(LanguageVersion.CSharp14)
        .WithDocumentationMode(DocumentationMode.Diagnose)
        .WithFeatures([new KeyValuePair<string, string>("strict", "true")]);

    private static readonly ImmutableArray<MetadataReference> References = LoadReferences();

    internal static CSharpCompilation Compile(params string[] sources) => Compile(checkOverflow: false, sources);

    internal static CSharpCompilation Compile(bool checkOverflow, params string[] sources)
    {
        CSharpCompilationOptions options = new(
            OutputKind.DynamicallyLinkedLibrary,
            checkOverflow: checkOverflow,
            nullableContextOptions: NullableContextOptions.Enable,
            warningLevel: 9999);
        return CSharpCompilation.Create("Sample", sources.Select(Tree), References, options);
    }

    internal static SyntaxTree Tree(string source, int index) =>
        CSharpSyntaxTree.ParseText(source, ParseOptions, $"Sample{index}.cs", cancellationToken: TestContext.Current.CancellationToken);

    internal static GeneratorDriver Driver() => CSharpGeneratorDriver.Create(
        [new LayoutGenerator().AsSourceGenerator()],
        parseOptions: ParseOptions,
        driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    /// <summary>The compilation with what the generator adds. The generator itself must report and throw nothing.</summary>
    internal static Compilation Generate(Compilation compilation)
    {
        GeneratorDriver driver = Driver().RunGeneratorsAndUpdateCompilation(
            compilation, out Compilation output, out ImmutableArray<Diagnostic> diagnostics, Token);
        Assert.Empty(diagnostics);
        Assert.Null(Assert.Single(driver.GetRunResult().Results).Exception);
        return output;
    }

    /// <summary>The one file emitted for the sample's only layout.</summary>
    internal static string Emitted(params string[] sources) => Assert.Single(AllEmitted(sources).Values);

    /// <summary>Hint name and text of each file emitted for a layout, the injected files apart.</summary>
    internal static IReadOnlyDictionary<string, string> AllEmitted(params string[] sources)
    {
        GeneratorRunResult run = Assert.Single(Driver().RunGenerators(Compile(sources), Token).GetRunResult().Results);
        Assert.Null(run.Exception);
        return run.GeneratedSources
            .Where(static source => !IsInjected(source.HintName))
            .ToDictionary(static source => source.HintName, static source => source.SourceText.ToString(), StringComparer.Ordinal);
    }

    /// <summary>Compiles with the generator, without a single warning, and loads the result.</summary>
    internal static Assembly Load(CSharpCompilation compilation)
    {
        Compilation output = Generate(compilation);
        using MemoryStream image = new();
        using MemoryStream documentation = new();
        Microsoft.CodeAnalysis.Emit.EmitResult result = output.Emit(image, xmlDocumentationStream: documentation, cancellationToken: Token);
        Assert.Equal([], result.Diagnostics.Select(static diagnostic => diagnostic.ToString()));
        Assert.Empty(Analyze(output));
        return Assembly.Load(image.ToArray());
    }

    /// <summary>What the analyzer says about a compilation that the generator has been through.</summary>
    internal static ImmutableArray<Diagnostic> Analyze(Compilation compilation)
    {
        CompilationWithAnalyzers analysis = compilation.WithAnalyzers([new LayoutAnalyzer()]);
        return analysis.GetAnalyzerDiagnosticsAsync(Token).GetAwaiter().GetResult();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static bool IsInjected(string hintName) =>
        hintName is "FastRmp.Attributes.g.cs" or "FastRmp.BitLayoutWriter.g.cs" or "Microsoft.CodeAnalysis.EmbeddedAttribute.cs";

    private static ImmutableArray<MetadataReference> LoadReferences()
    {
        string paths = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        return
        [
            .. paths.Split(Path.PathSeparator)
                .Where(
                    static path =>
                        Path.GetFileName(
                            path)
                                is "System.Runtime.dll" or "System.Private.CoreLib.dll" or "System.Memory.dll" or "System.Collections.dll"
                                    or "System.Linq.Expressions.dll")
                .Select(static path => MetadataReference.CreateFromFile(path)),
        ];
    }
}
