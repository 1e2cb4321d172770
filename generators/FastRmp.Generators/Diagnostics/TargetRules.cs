using System.Collections.Generic;
using System.Threading;
using FastRmp.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace FastRmp.Generators.Diagnostics;

/// <summary>Rules about the marked type itself: its kind, its modifiers, its storage.</summary>
internal static class TargetRules
{
    /// <summary>Checks the type.</summary>
    /// <param name="layout">The declaration.</param>
    /// <param name="faults">Receives what is wrong.</param>
    /// <param name="token">Cancels the check.</param>
    internal static void Check(LayoutDeclaration layout, List<Diagnostic> faults, CancellationToken token)
    {
        INamedTypeSymbol type = layout.Type;
        if (Obstacle(type) is string obstacle)
        {
            faults.Add(Diagnostic.Create(Descriptors.UnsupportedTarget, Locations.Of(type), type.Name, obstacle));
            return;
        }

        for (INamedTypeSymbol? outer = type; outer is not null; outer = outer.ContainingType)
        {
            if (!TypeParser.IsPartial(outer, token))
            {
                faults.Add(Diagnostic.Create(Descriptors.TypeNotPartial, Locations.Of(outer), outer.Name, type.Name));
            }
        }

        CheckStorage(layout, faults, token);
    }

    private static string? Obstacle(INamedTypeSymbol type)
    {
        if (type.TypeKind != TypeKind.Struct) return "it is not a struct";
        if (type.IsRecord) return "it is a record, which has an equality and a text of its own";
        if (type.IsRefLikeType) return "it is a ref struct";
        if (type.IsFileLocal) return "it is local to its file";
        if (type.Arity != 0) return "it is generic";
        for (INamedTypeSymbol? outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
        {
            if (outer.Arity != 0) return "it lies in the generic type '" + outer.Name + "'";
            if (outer.IsFileLocal) return "it lies in '" + outer.Name + "', which is local to its file";
        }

        return null;
    }

    private static void CheckStorage(LayoutDeclaration layout, List<Diagnostic> faults, CancellationToken token)
    {
        INamedTypeSymbol type = layout.Type;
        foreach (ISymbol member in type.GetMembers())
        {
            if (StorageOwner(member) is not ISymbol owner || !GeneratedCode.IsByHand(owner) || IsField(layout, owner)) continue;
            faults.Add(Diagnostic.Create(Descriptors.OwnStorage, Locations.Of(owner), owner.Name, type.Name));
        }

        foreach (SyntaxReference reference in type.DeclaringSyntaxReferences)
        {
            if (reference.GetSyntax(token) is TypeDeclarationSyntax { ParameterList: ParameterListSyntax parameters })
            {
                faults.Add(Diagnostic.Create(Descriptors.OwnStorage, parameters.GetLocation(), parameters.ToString(), type.Name));
            }
        }
    }

    // The declaration in the source by which a member has storage: a field itself, the property in front of a
    // field, an event without accessors (whose field is not listed).
    private static ISymbol? StorageOwner(ISymbol member) => member switch
    {
        IFieldSymbol { IsStatic: false } field => field.AssociatedSymbol ?? field,
        IEventSymbol { IsStatic: false, AddMethod.IsImplicitlyDeclared: true } => member,
        _ => null,
    };

    // A property with bits has rules of its own.
    private static bool IsField(LayoutDeclaration layout, ISymbol symbol)
    {
        foreach (FieldDeclaration field in layout.Fields)
        {
            if (SymbolEqualityComparer.Default.Equals(field.Property, symbol)) return true;
        }

        return false;
    }
}
