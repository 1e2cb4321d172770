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
/// <c>With…</c> copies, equality and formatting. A declaration with a fault gets no output;
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

        IncrementalValuesProvider<LayoutModel> layouts = context.SyntaxProvider.ForAttributeWithMetadataName(
                AttributeNames.BitLayout,
                predicate: static (SyntaxNode node, CancellationToken _) => node is StructDeclarationSyntax,
                transform: static (GeneratorAttributeSyntaxContext declaration, CancellationToken token) => LayoutParser.Parse(declaration, token))
            .WithTrackingName(TrackingNames.Parse)
            .Where(static model => model is not null)
            .Select(static (LayoutModel? model, CancellationToken _) => model!)
            .WithTrackingName(TrackingNames.Layouts);

        IncrementalValueProvider<EquatableArray<string>> collisions = layouts
            .Select(static (LayoutModel model, CancellationToken _) => model.HintName)
            .WithTrackingName(TrackingNames.HintNames)
            .Collect()
            .Select(static (ImmutableArray<string> names, CancellationToken _) => HintNames.FindCollisions(names))
            .WithTrackingName(TrackingNames.Collisions);

        IncrementalValuesProvider<(LayoutModel Model, EquatableArray<string> Collisions)> outputs = layouts
            .Combine(collisions)
            .WithTrackingName(TrackingNames.Outputs);

        context.RegisterSourceOutput(
            outputs,
            static (SourceProductionContext output, (LayoutModel Model, EquatableArray<string> Collisions) input) =>
                output.AddSource(HintNames.MakeUnique(input.Model.HintName, input.Collisions), LayoutEmitter.Emit(input.Model)));
    }
}
