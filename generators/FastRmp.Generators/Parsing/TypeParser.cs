using System.Collections.Generic;
using System.Threading;
using FastRmp.Generators.Models;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace FastRmp.Generators.Parsing;

/// <summary>Reads where a type is declared, and whether a second part of it can be.</summary>
internal static class TypeParser
{
    private static readonly SymbolDisplayFormat NamespaceFormat =
        SymbolDisplayFormat.FullyQualifiedFormat.WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted);

    /// <summary>Reads the place of a type.</summary>
    /// <param name="type">The type.</param>
    internal static TypeModel Parse(INamedTypeSymbol type)
    {
        List<TypeDeclarationModel> declarations = [];
        for (INamedTypeSymbol? outer = type; outer is not null; outer = outer.ContainingType)
        {
            declarations.Insert(0, new TypeDeclarationModel(Keywords(outer), outer.Name, TypeParameters(outer), outer.Arity));
        }

        // The global namespace has a display string, but it is not an identifier.
        string space = type.ContainingNamespace.IsGlobalNamespace
            ? string.Empty
            : type.ContainingNamespace.ToDisplayString(NamespaceFormat);
        return new TypeModel(space, new EquatableArray<TypeDeclarationModel>([.. declarations]));
    }

    /// <summary>Whether every declaration of a type by hand says <c>partial</c>.</summary>
    /// <param name="type">The type.</param>
    /// <param name="token">Cancels the search.</param>
    internal static bool IsPartial(INamedTypeSymbol type, CancellationToken token)
    {
        foreach (SyntaxReference reference in type.DeclaringSyntaxReferences)
        {
            if (GeneratedCode.IsOwn(reference.SyntaxTree)) continue;
            if (reference.GetSyntax(token) is TypeDeclarationSyntax syntax && !syntax.Modifiers.Any(SyntaxKind.PartialKeyword))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a second part of a type can be in another file.</summary>
    /// <param name="type">The type.</param>
    /// <param name="token">Cancels the search.</param>
    internal static bool CanBeExtended(INamedTypeSymbol type, CancellationToken token)
    {
        for (INamedTypeSymbol? outer = type; outer is not null; outer = outer.ContainingType)
        {
            if (outer.IsFileLocal || !IsPartial(outer, token)) return false;
        }

        return true;
    }

    private static string Keywords(INamedTypeSymbol type) => type.TypeKind switch
    {
        TypeKind.Interface => "interface",
        TypeKind.Struct => type.IsRecord ? "record struct" : "struct",
        _ => type.IsRecord ? "record" : "class",
    };

    private static string TypeParameters(INamedTypeSymbol type)
    {
        if (type.Arity == 0) return string.Empty;
        List<string> names = [];
        foreach (ITypeParameterSymbol parameter in type.TypeParameters)
        {
            names.Add(parameter.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat));
        }

        return "<" + string.Join(", ", names) + ">";
    }
}
