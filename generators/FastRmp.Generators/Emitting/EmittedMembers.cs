using System.Collections.Generic;
using System.Collections.Immutable;
using FastRmp.Generators.Models;
using Microsoft.CodeAnalysis;

namespace FastRmp.Generators.Emitting;

/// <summary>Lists what the emitter emits; a test holds the list equal to the output.</summary>
internal static class EmittedMembers
{
    /// <summary>The members that every layout of a size has.</summary>
    /// <param name="type">The layout.</param>
    /// <param name="size">Size in bits.</param>
    internal static IEnumerable<EmittedMember> OfLayout(INamedTypeSymbol type, int size)
    {
        string self = type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
        int words = size / RangeModel.WordBits;
        string[] parameters = new string[words];
        for (int word = 0; word < words; word++)
        {
            parameters[word] = "ulong";
            yield return Plain(Words.Property(size, word), "the property of a quadword");
            yield return Plain(Words.Storage(size, word), "the storage of a quadword");
            yield return Plain(Words.ReservedMask(size, word), "the mask of the reserved bits");
        }

        yield return Plain("SizeInBytes", "a constant");
        yield return Plain("AlignmentInBytes", "a constant");
        yield return Plain("HasReservedBits", "a property");
        yield return Method(".ctor", string.Join(",", parameters));
        yield return Method("Equals", self, "object");
        yield return Method("GetHashCode", string.Empty);
        yield return Method("op_Equality", self + "," + self);
        yield return Method("op_Inequality", self + "," + self);
        yield return Method("ToString", string.Empty, "string,global::System.IFormatProvider");
        yield return Method("TryFormat", "global::System.Span<char>,int,global::System.ReadOnlySpan<char>,global::System.IFormatProvider");
    }

    /// <summary>The members that a field brings with it; its property too, if it comes from a shared part.</summary>
    /// <param name="name">Name of the property.</param>
    /// <param name="ranges">Number of ranges.</param>
    /// <param name="size">Size of the layout in bits.</param>
    /// <param name="isShared">Whether the generator declares the property, too.</param>
    internal static IEnumerable<EmittedMember> OfField(string name, int ranges, int size, bool isShared)
    {
        if (isShared) yield return Plain(name, "a shared field");
        string description = "a constant of field '" + name + "'";
        for (int part = 0; part < ranges; part++)
        {
            string prefix = FieldModel.ConstantPrefix(name, ranges, part);
            yield return Plain(prefix + "Mask", description);
            yield return Plain(prefix + "Shift", description);
            if (size != RangeModel.WordBits) yield return Plain(prefix + "Word", description);
        }
    }

    private static EmittedMember Plain(string name, string description) => new(name, description, default);

    private static EmittedMember Method(string name, params string[] signatures) =>
        new(name, name == ".ctor" ? "a constructor" : "a method", ImmutableArray.Create(signatures));
}
