using FastRmp.Generators.Models;
using Microsoft.CodeAnalysis;

namespace FastRmp.Generators.Parsing;

/// <summary>What a property type can hold.</summary>
/// <param name="Kind">How bits become a value of the type; null if the type cannot hold a field.</param>
/// <param name="Bits">Most bits that the type holds.</param>
internal readonly record struct FieldType(FieldKind? Kind, int Bits)
{
    /// <summary>Judges a type.</summary>
    /// <param name="type">Type of the property.</param>
    /// <param name="inPlace">Whether the field stays in place.</param>
    internal static FieldType Of(ITypeSymbol type, bool inPlace)
    {
        if (inPlace) return OfAddress(type);
        if (type.SpecialType == SpecialType.System_Boolean) return new FieldType(FieldKind.Bool, 1);
        if (type is INamedTypeSymbol { TypeKind: TypeKind.Enum, EnumUnderlyingType: INamedTypeSymbol underlying })
        {
            // An int enum is the language's default; its sign bit is not available to a field.
            int bits = underlying.SpecialType == SpecialType.System_Int32 ? 31 : UnsignedBits(underlying);
            return bits == 0 ? default : new FieldType(FieldKind.Enum, bits);
        }

        int width = UnsignedBits(type);
        return width == 0 ? default : new FieldType(FieldKind.Unsigned, width);
    }

    private static FieldType OfAddress(ITypeSymbol type) =>
        type.SpecialType == SpecialType.System_UInt64
            || (type is { IsValueType: true, TypeKind: TypeKind.Struct } && ConvertsBothWays(type))
            ? new FieldType(FieldKind.Address, RangeModel.WordBits)
            : default;

    private static int UnsignedBits(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_Byte => 8,
        SpecialType.System_UInt16 => 16,
        SpecialType.System_UInt32 => 32,
        SpecialType.System_UInt64 => 64,
        _ => 0,
    };

    private static bool ConvertsBothWays(ITypeSymbol type)
    {
        bool fromWord = false;
        bool toWord = false;
        foreach (ISymbol member in type.GetMembers())
        {
            if (member is not IMethodSymbol { MethodKind: MethodKind.Conversion, Parameters.Length: 1 } conversion) continue;
            ITypeSymbol source = conversion.Parameters[0].Type;
            fromWord |= source.SpecialType == SpecialType.System_UInt64
                && SymbolEqualityComparer.Default.Equals(conversion.ReturnType, type);
            toWord |= conversion.ReturnType.SpecialType == SpecialType.System_UInt64 && SymbolEqualityComparer.Default.Equals(source, type);
        }

        return fromWord && toWord;
    }
}
