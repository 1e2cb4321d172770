using FastRmp.Generators.Models;
using Microsoft.CodeAnalysis;

namespace FastRmp.Generators.Parsing;

/// <summary>A range as declared in the source, valid or not.</summary>
/// <param name="high">First number of the attribute.</param>
/// <param name="low">Second number, or the first again.</param>
/// <param name="owner">What the range belongs to, for messages.</param>
/// <param name="place">The attribute that a fault is reported at: the range's own, or the one that brings a shared part.</param>
internal sealed class RangeDeclaration(int high, int low, string owner, AttributeData place)
{
    /// <summary>The range; reversed or outside the layout if the source says so.</summary>
    internal RangeModel Range { get; } = new RangeModel(high, low);

    /// <summary>What the range belongs to, for messages.</summary>
    internal string Owner { get; } = owner;

    /// <summary>Where the attribute is.</summary>
    internal Location Location { get; } = Locations.Of(place);
}
