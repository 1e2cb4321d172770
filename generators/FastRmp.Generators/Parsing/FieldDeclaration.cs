using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace FastRmp.Generators.Parsing;

/// <summary>A property with bits, as it stands in the source.</summary>
/// <param name="property">The property.</param>
/// <param name="ranges">Its ranges, high part first; never empty.</param>
/// <param name="hasBits">Whether a range came from <c>[Bits]</c>.</param>
/// <param name="hasAddressBits">Whether a range came from <c>[AddressBits]</c>.</param>
internal sealed class FieldDeclaration(IPropertySymbol property, ImmutableArray<RangeDeclaration> ranges, bool hasBits, bool hasAddressBits)
{
    /// <summary>The property.</summary>
    internal IPropertySymbol Property { get; } = property;

    /// <summary>The ranges, high part first.</summary>
    internal ImmutableArray<RangeDeclaration> Ranges { get; } = ranges;

    /// <summary>Whether the field stays in place.</summary>
    internal bool IsAddress { get; } = hasAddressBits;

    /// <summary>Whether both kinds of attribute stand on the property.</summary>
    internal bool IsMixed { get; } = hasBits && hasAddressBits;

    /// <summary>How the property's type fits, by type alone.</summary>
    internal FieldType Type { get; } = FieldType.Of(property.Type, hasAddressBits);

    /// <summary>Number of bits over all ranges; meaningless if one is reversed.</summary>
    internal int Width
    {
        get
        {
            int width = 0;
            foreach (RangeDeclaration declaration in Ranges)
            {
                width += declaration.Range.Width;
            }

            return width;
        }
    }
}
