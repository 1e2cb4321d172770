using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace FastRmp.Generators.Parsing;

/// <summary>A layout as declared in the source, valid or not. It holds symbols, so it must not be stored in the incremental
/// pipeline.</summary>
/// <param name="type">The marked type.</param>
/// <param name="attribute">The mark.</param>
/// <param name="size">Size in bits as declared.</param>
/// <param name="source">Source text as declared.</param>
/// <param name="fields">Properties with bits, in order of declaration.</param>
/// <param name="reserved">Declared reserved ranges, in order of declaration.</param>
/// <param name="emptyParts">Uses of <c>[Shared]</c> that bring no field.</param>
internal sealed class LayoutDeclaration(
    INamedTypeSymbol type,
    AttributeData attribute,
    int size,
    string? source,
    ImmutableArray<FieldDeclaration> fields,
    ImmutableArray<RangeDeclaration> reserved,
    ImmutableArray<AttributeData> emptyParts)
{
    /// <summary>Bits of the largest layout there is.</summary>
    internal const int LargestSize = 256;

    /// <summary>The marked type.</summary>
    internal INamedTypeSymbol Type { get; } = type;

    /// <summary>The mark.</summary>
    internal AttributeData Attribute { get; } = attribute;

    /// <summary>Size in bits as declared.</summary>
    internal int Size { get; } = size;

    /// <summary>Source text as declared.</summary>
    internal string? Source { get; } = source;

    /// <summary>Uses of <c>[Shared]</c> that bring no field.</summary>
    internal ImmutableArray<AttributeData> EmptyParts { get; } = emptyParts;

    /// <summary>Properties with bits, in order of declaration; by lowest bit if some of them come from shared parts.</summary>
    internal ImmutableArray<FieldDeclaration> Fields { get; } = fields;

    /// <summary>Declared reserved ranges, in order of declaration.</summary>
    internal ImmutableArray<RangeDeclaration> Reserved { get; } = reserved;

    /// <summary>Whether the size is one that exists.</summary>
    internal bool HasValidSize => Size is 64 or 128 or LargestSize;
}
