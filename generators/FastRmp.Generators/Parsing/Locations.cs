using Microsoft.CodeAnalysis;

namespace FastRmp.Generators.Parsing;

/// <summary>Source locations of symbols and attributes; locations never enter a model.</summary>
internal static class Locations
{
    /// <summary>The attribute with its arguments.</summary>
    /// <param name="attribute">An attribute.</param>
    internal static Location Of(AttributeData attribute) =>
        attribute.ApplicationSyntaxReference is SyntaxReference reference
            ? Location.Create(reference.SyntaxTree, reference.Span)
            : Location.None;

    /// <summary>The name of a symbol where it is declared by hand.</summary>
    /// <param name="symbol">A declared symbol.</param>
    internal static Location Of(ISymbol symbol)
    {
        foreach (Location location in symbol.Locations)
        {
            if (location.SourceTree is SyntaxTree tree && !GeneratedCode.IsOwn(tree)) return location;
        }

        return Location.None;
    }
}
