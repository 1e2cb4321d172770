using System.Collections.Generic;
using System.Collections.Immutable;
using System.Threading;
using FastRmp.Generators.Models;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace FastRmp.Generators.Parsing;

/// <summary>
/// Reads what is left of a faulty layout. Its properties need a body all the same: for a partial property without
/// one the compiler stops before any analyzer runs, and nobody would learn what the fault is.
/// </summary>
internal static class StubParser
{
    /// <summary>Reads the properties to be given a body; null if no second part of the struct can be written.</summary>
    /// <param name="layout">The declaration.</param>
    /// <param name="token">Cancels the parse.</param>
    internal static FaultyModel? Parse(LayoutDeclaration layout, CancellationToken token)
    {
        if (!TypeParser.CanBeExtended(layout.Type, token)) return null;
        ImmutableArray<StubModel>.Builder stubs = ImmutableArray.CreateBuilder<StubModel>();
        HashSet<string> names = new(System.StringComparer.Ordinal);
        foreach (FieldDeclaration field in layout.Fields)
        {
            IPropertySymbol property = field.Property;
            if (!property.IsPartialDefinition || property.IsIndexer || property.PartialImplementationPart is not null) continue;
            if (PropertySyntax.Find(property, token) is PropertyDeclarationSyntax syntax && names.Add(property.Name))
            {
                stubs.Add(Stub(property, syntax));
            }
        }

        return stubs.Count == 0 ? null : new FaultyModel(TypeParser.Parse(layout.Type), new EquatableArray<StubModel>(stubs.ToImmutable()));
    }

    private static StubModel Stub(IPropertySymbol property, PropertyDeclarationSyntax syntax)
    {
        ImmutableArray<string>.Builder accessors = ImmutableArray.CreateBuilder<string>();
        if (syntax.AccessorList is AccessorListSyntax list)
        {
            foreach (AccessorDeclarationSyntax accessor in list.Accessors)
            {
                accessors.Add((PropertySyntax.Modifiers(accessor.Modifiers) + " " + accessor.Keyword.Text).TrimStart());
            }
        }

        string reference = property.RefKind switch
        {
            RefKind.None => string.Empty,
            RefKind.Ref => "ref ",
            _ => "ref readonly ",
        };
        return new StubModel(
            PropertySyntax.Modifiers(syntax.Modifiers),
            reference + property.Type.ToDisplayString(PropertySyntax.TypeFormat),
            property.Name,
            new EquatableArray<string>(accessors.ToImmutable()));
    }
}
