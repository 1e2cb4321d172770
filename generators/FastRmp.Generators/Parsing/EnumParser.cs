using System.Collections.Generic;
using System.Collections.Immutable;
using FastRmp.Generators.Models;
using Microsoft.CodeAnalysis;

namespace FastRmp.Generators.Parsing;

/// <summary>Reads the names of an enum's values, so that formatting needs no reflection.</summary>
internal static class EnumParser
{
    /// <summary>The named values that fit a field, in order of declaration; of several names of one value the first.</summary>
    /// <param name="type">Type of the field.</param>
    /// <param name="width">Width of the field in bits.</param>
    internal static EquatableArray<EnumMemberModel> Parse(ITypeSymbol type, int width)
    {
        if (type.TypeKind != TypeKind.Enum) return default;
        ImmutableArray<EnumMemberModel>.Builder members = ImmutableArray.CreateBuilder<EnumMemberModel>();
        HashSet<ulong> seen = [];
        foreach (ISymbol symbol in type.GetMembers())
        {
            if (symbol is not IFieldSymbol { HasConstantValue: true } member) continue;
            if (Value(member.ConstantValue) is ulong value && value <= RangeModel.Ones(width) && seen.Add(value))
            {
                members.Add(new EnumMemberModel(member.Name, value));
            }
        }

        return new EquatableArray<EnumMemberModel>(members.ToImmutable());
    }

    private static ulong? Value(object? constant) => constant switch
    {
        byte number => number,
        ushort number => number,
        uint number => number,
        ulong number => number,
        int number when number >= 0 => (ulong)number,
        _ => null,
    };
}
