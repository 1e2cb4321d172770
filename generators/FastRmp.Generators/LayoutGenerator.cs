using System.Collections.Immutable;
using System.Threading;
using FastRmp.Generators.Emitting;
using FastRmp.Generators.Models;
using FastRmp.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace FastRmp.Generators;

/// <summary>
/// Writes the implementation of every <c>partial struct</c> marked <c>[BitLayout]</c>: storage, masks, getters,
/// <c>init</c> accessors, equality and formatting. For a declaration with a fault only the properties are written, and they throw;
/// <see cref="Diagnostics.LayoutAnalyzer"/> says what is wrong with it.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class LayoutGenerator : IIncrementalGenerator
{
    /// <summary>Registers the injected types and the pipeline from declaration to source.</summary>
    /// <param name="context">The compiler's registration context.</param>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        context.RegisterPostInitializationOutput(static injected =>
        {
            injected.AddEmbeddedAttributeDefinition();
            injected.AddSource(InjectedAttributes.HintName, InjectedAttributes.Source);
            injected.AddSource(InjectedWriter.HintName, InjectedWriter.Source);
        });

        IncrementalValuesProvider<ParsedLayout> layouts = context.SyntaxProvider.ForAttributeWithMetadataName(
                AttributeNames.BitLayout,
                predicate: static (SyntaxNode node, CancellationToken _) => node is StructDeclarationSyntax or RecordDeclarationSyntax,
                transform: static (GeneratorAttributeSyntaxContext declaration, CancellationToken token) =>
                    LayoutParser.Parse(declaration, token))
            .WithTrackingName(TrackingNames.Parse)
            .Where(static parsed => parsed is not null)
            .Select(static (ParsedLayout? parsed, CancellationToken _) => parsed!)
            .WithTrackingName(TrackingNames.Layouts);

        IncrementalValueProvider<EquatableArray<string>> collisions = layouts
            .Select(static (ParsedLayout parsed, CancellationToken _) => parsed.HintName)
            .WithTrackingName(TrackingNames.HintNames)
            .Collect()
            .Select(static (ImmutableArray<string> names, CancellationToken _) => HintNames.FindCollisions(names))
            .WithTrackingName(TrackingNames.Collisions);

        IncrementalValuesProvider<(ParsedLayout Parsed, EquatableArray<string> Collisions)> outputs = layouts
            .Combine(collisions)
            .WithTrackingName(TrackingNames.Outputs);

        context.RegisterSourceOutput(
            outputs,
            static (SourceProductionContext output, (ParsedLayout Parsed, EquatableArray<string> Collisions) input) =>
                output.AddSource(HintNames.MakeUnique(input.Parsed.HintName, input.Collisions), LayoutEmitter.Emit(input.Parsed)));
    }
}
