using System.Collections.Generic;
using System.Collections.Immutable;
using System.Threading;
using FastRmp.Generators.Diagnostics;
using FastRmp.Generators.Models;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace FastRmp.Generators.Parsing;

/// <summary>From a declaration to the model that enters the pipeline. Symbols and syntax end here.</summary>
internal static class LayoutParser
{
    /// <summary>Parses one marked struct; null if anything about it is wrong (the analyzer says what).</summary>
    /// <param name="context">The marked declaration.</param>
    /// <param name="token">Cancels the parse.</param>
    internal static LayoutModel? Parse(GeneratorAttributeSyntaxContext context, CancellationToken token)
    {
        if (context.TargetSymbol is not INamedTypeSymbol type || LayoutReader.Read(type, token) is not LayoutDeclaration declaration) return null;
        token.ThrowIfCancellationRequested();
        List<Diagnostic> faults = [];
        LayoutRules.Check(declaration, faults, token);
        return faults.Count == 0 ? Build(declaration, token) : null;
    }

    private static LayoutModel Build(LayoutDeclaration declaration, CancellationToken token)
    {
        INamedTypeSymbol type = declaration.Type;
        ImmutableArray<FieldModel>.Builder fields = ImmutableArray.CreateBuilder<FieldModel>();
        foreach (FieldDeclaration field in declaration.Fields)
        {
            fields.Add(BuildField(field, token));
        }

        string space = type.ContainingNamespace.IsGlobalNamespace
            ? string.Empty
            : type.ContainingNamespace.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat.WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted));
        return new LayoutModel(
            space,
            BuildContainers(type),
            type.Name,
            type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat),
            declaration.Size,
            declaration.Source,
            new EquatableArray<FieldModel>(fields.ToImmutable()),
            BuildRanges(declaration.Reserved));
    }

    private static FieldModel BuildField(FieldDeclaration field, CancellationToken token)
    {
        IPropertySymbol property = field.Property;
        PropertyDeclarationSyntax? syntax = FindSyntax(property, token);
        return new FieldModel(
            property.Name,
            syntax is null ? string.Empty : string.Join(" ", Texts(syntax.Modifiers)),
            SyntaxFacts.GetText(property.DeclaredAccessibility),
            property.Type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat),
            field.Type.Kind!.Value,
            IsFlags(property.Type),
            syntax is not null && HasDocumentation(syntax),
            BuildRanges(field.Ranges),
            BuildEnumMembers(property.Type, field.Width));
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

    private static EquatableArray<ContainerModel> BuildContainers(INamedTypeSymbol type)
    {
        List<ContainerModel> containers = [];
        for (INamedTypeSymbol? outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
        {
            string keywords = outer.TypeKind switch
            {
                TypeKind.Interface => "interface",
                TypeKind.Struct => outer.IsRecord ? "record struct" : "struct",
                _ => outer.IsRecord ? "record" : "class",
            };
            containers.Insert(0, new ContainerModel(keywords, outer.Name));
        }

        return new EquatableArray<ContainerModel>([.. containers]);
    }

    // Several names of one value: the first declared one is printed.
    private static EquatableArray<EnumMemberModel> BuildEnumMembers(ITypeSymbol type, int width)
    {
        ImmutableArray<EnumMemberModel>.Builder members = ImmutableArray.CreateBuilder<EnumMemberModel>();
        if (type.TypeKind != TypeKind.Enum) return default;
        HashSet<ulong> seen = [];
        foreach (ISymbol symbol in type.GetMembers())
        {
            if (symbol is not IFieldSymbol { HasConstantValue: true } member) continue;
            ulong value = member.ConstantValue switch
            {
                byte small => small,
                ushort middle => middle,
                uint large => large,
                ulong word => word,
                int signed => unchecked((ulong)signed),
                _ => ulong.MaxValue,
            };
            if (value <= RangeModel.Ones(width) && seen.Add(value)) members.Add(new EnumMemberModel(member.Name, value));
        }

        return new EquatableArray<EnumMemberModel>(members.ToImmutable());
    }

    private static bool IsFlags(ITypeSymbol type)
    {
        if (type.TypeKind != TypeKind.Enum) return false;
        foreach (AttributeData attribute in type.GetAttributes())
        {
            if (attribute.AttributeClass?.ToDisplayString() == "System.FlagsAttribute") return true;
        }

        return false;
    }

    private static PropertyDeclarationSyntax? FindSyntax(IPropertySymbol property, CancellationToken token)
    {
        foreach (SyntaxReference reference in property.DeclaringSyntaxReferences)
        {
            if (reference.GetSyntax(token) is PropertyDeclarationSyntax syntax) return syntax;
        }

        return null;
    }

    private static IEnumerable<string> Texts(SyntaxTokenList modifiers)
    {
        foreach (SyntaxToken modifier in modifiers)
        {
            yield return modifier.Text;
        }
    }

    private static bool HasDocumentation(PropertyDeclarationSyntax syntax)
    {
        foreach (SyntaxTrivia trivia in syntax.GetLeadingTrivia())
        {
            if (trivia.IsKind(SyntaxKind.SingleLineDocumentationCommentTrivia) || trivia.IsKind(SyntaxKind.MultiLineDocumentationCommentTrivia)) return true;
        }

        return false;
    }
}
