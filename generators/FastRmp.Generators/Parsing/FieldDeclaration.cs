using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace FastRmp.Generators.Parsing;

/// <summary>A property with bits, as declared in the source.</summary>
/// <param name="property">The property.</param>
/// <param name="ranges">Its ranges, high part first; never empty.</param>
/// <param name="hasBits">Whether a range came from <c>[Bits]</c>.</param>
/// <param name="hasAddressBits">Whether a range came from <c>[AddressBits]</c>.</param>
/// <param name="part">The attribute that brings the field into the layout; null if it is declared there.</param>
internal sealed class FieldDeclaration(
    IPropertySymbol property, ImmutableArray<RangeDeclaration> ranges, bool hasBits, bool hasAddressBits, AttributeData? part)
{
    /// <summary>Whether the field comes from a shared part: its property is declared there, and the generator declares it in the
    /// layout.</summary>
    internal bool IsShared { get; } = part is not null;

    /// <summary>Where a fault of the field is reported.</summary>
    internal Location Location { get; } = part is null ? Locations.Of(property) : Locations.Of(part);

    /// <summary>The property.</summary>
    internal IPropertySymbol Property { get; } = property;

    /// <summary>The ranges, high part first.</summary>
    internal ImmutableArray<RangeDeclaration> Ranges { get; } = ranges;

    /// <summary>Whether the field stays in place.</summary>
    internal bool IsAddress { get; } = hasAddressBits;

    /// <summary>Whether both kinds of attribute are on the property.</summary>
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
