using System.Collections.Generic;
using System.Collections.Immutable;
using System.Threading;
using FastRmp.Generators.Diagnostics;
using FastRmp.Generators.Models;
using FastRmp.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace FastRmp.Generators;

/// <summary>From a declaration to the model that enters the pipeline. Symbols and syntax end here.</summary>
internal static class LayoutParser
{
    /// <summary>Parses one marked struct; null if nothing can be written for it.</summary>
    /// <param name="context">The marked declaration.</param>
    /// <param name="token">Cancels the parse.</param>
    internal static ParsedLayout? Parse(GeneratorAttributeSyntaxContext context, CancellationToken token)
    {
        if (context.TargetSymbol is not INamedTypeSymbol type || LayoutReader.Read(type, token) is not LayoutDeclaration declaration)
        {
            return null;
        }

        token.ThrowIfCancellationRequested();
        List<Diagnostic> faults = [];
        LayoutRules.Check(declaration, faults, token);
        if (faults.Count == 0) return new ParsedLayout(BuildLayout(declaration, token), null);
        return StubParser.Parse(declaration, token) is FaultyModel faulty ? new ParsedLayout(null, faulty) : null;
    }

    private static LayoutModel BuildLayout(LayoutDeclaration declaration, CancellationToken token)
    {
        ImmutableArray<FieldModel>.Builder fields = ImmutableArray.CreateBuilder<FieldModel>();
        foreach (FieldDeclaration field in declaration.Fields)
        {
            fields.Add(BuildField(field, token));
        }

        return new LayoutModel(
            TypeParser.Parse(declaration.Type),
            declaration.Type.ToDisplayString(PropertySyntax.TypeFormat),
            declaration.Size,
            declaration.Source,
            new EquatableArray<FieldModel>(fields.ToImmutable()),
            BuildRanges(declaration.Reserved));
    }

    private static FieldModel BuildField(FieldDeclaration field, CancellationToken token)
    {
        IPropertySymbol property = field.Property;
        PropertyDeclarationSyntax? syntax = PropertySyntax.Find(property, token);
        return new FieldModel(
            property.Name,
            field.IsShared ? "public" : syntax is null ? string.Empty : PropertySyntax.Modifiers(syntax.Modifiers),
            field.IsShared ? "public" : SyntaxFacts.GetText(property.DeclaredAccessibility),
            PropertySyntax.AccessorModifiers(syntax, SyntaxKind.GetAccessorDeclaration) ?? string.Empty,
            PropertySyntax.AccessorModifiers(syntax, SyntaxKind.InitAccessorDeclaration),
            property.Type.ToDisplayString(PropertySyntax.TypeFormat),
            field.Type.Kind!.Value,
            IsFlags(property.Type),
            syntax is not null && PropertySyntax.HasDocumentation(syntax),
            field.IsShared && syntax is not null ? PropertySyntax.Documentation(syntax) : default,
            BuildRanges(field.Ranges),
            EnumParser.Parse(property.Type, field.Width));
    }

    private static EquatableArray<RangeModel> BuildRanges(ImmutableArray<RangeDeclaration> declarations)
    {
        ImmutableArray<RangeModel>.Builder ranges = ImmutableArray.CreateBuilder<RangeModel>(declarations.Length);
        foreach (RangeDeclaration declaration in declarations)
        {
            ranges.Add(declaration.Range);
        }

        return new EquatableArray<RangeModel>(ranges.ToImmutable());
    }

    private static bool IsFlags(ITypeSymbol type)
    {
        if (type.TypeKind != TypeKind.Enum) return false;
        foreach (AttributeData attribute in type.GetAttributes())
        {
            if (attribute.AttributeClass is not { Name: "FlagsAttribute", ContainingNamespace: { Name: "System" } space }) continue;
            if (space.ContainingNamespace.IsGlobalNamespace)
            {
                return true;
            }
        }

        return false;
    }
}
