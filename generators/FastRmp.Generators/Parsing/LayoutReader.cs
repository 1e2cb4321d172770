using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;

namespace FastRmp.Generators.Parsing;

/// <summary>Reads the attributes of a type into a <see cref="LayoutDeclaration"/>. Judges nothing.</summary>
internal static class LayoutReader
{
    /// <summary>
    /// Reads a layout. Null if the type is not marked exactly once, or if an attribute or a property type does not
    /// compile: the compiler reports these itself.
    /// </summary>
    /// <param name="type">Any type.</param>
    /// <param name="token">Cancels the reading.</param>
    internal static LayoutDeclaration? Read(INamedTypeSymbol type, CancellationToken token)
    {
        AttributeData? mark = null;
        List<AttributeData> parts = [];
        ImmutableArray<RangeDeclaration>.Builder reserved = ImmutableArray.CreateBuilder<RangeDeclaration>();
        foreach (AttributeData attribute in type.GetAttributes())
        {
            if (AttributeNames.Is(attribute, AttributeNames.BitLayoutType))
            {
                if (mark is not null) return null;
                mark = attribute;
            }
            else if (AttributeNames.Is(attribute, AttributeNames.SharedType))
            {
                parts.Add(attribute);
            }
            else if (AttributeNames.Is(attribute, AttributeNames.ReservedType))
            {
                if (ReadRange(attribute, "the reserved range", attribute) is not RangeDeclaration range) return null;
                reserved.Add(range);
            }
        }

        if (mark is null || !TryReadNumber(mark.ConstructorArguments, 0, out int size)) return null;
        List<FieldDeclaration> fields = [];
        ImmutableArray<AttributeData>.Builder empty = ImmutableArray.CreateBuilder<AttributeData>();
        foreach (AttributeData part in parts)
        {
            if (part.ConstructorArguments.Length != 1
                || part.ConstructorArguments[0].Value is not ITypeSymbol { TypeKind: not TypeKind.Error } shared)
            {
                return null;
            }

            int before = fields.Count;
            if (shared is INamedTypeSymbol { TypeKind: TypeKind.Interface, Arity: 0 } named && !TryReadFields(named, part, fields, token))
            {
                return null;
            }

            if (fields.Count == before) empty.Add(part);
        }

        if (!TryReadFields(type, null, fields, token)) return null;

        // The order of declaration means nothing where fields come from several places. Stable, for those with a fault of their own.
        IEnumerable<FieldDeclaration> ordered = parts.Count == 0
            ? fields
            : fields.OrderBy(static field => field.Ranges.Min(static range => range.Range.Low));
        return new LayoutDeclaration(
            type, mark, size, ReadSource(mark), ordered.ToImmutableArray(), reserved.ToImmutable(), empty.ToImmutable());
    }

    private static bool TryReadFields(INamedTypeSymbol type, AttributeData? part, List<FieldDeclaration> fields, CancellationToken token)
    {
        foreach (ISymbol member in type.GetMembers())
        {
            token.ThrowIfCancellationRequested();
            if (member is not IPropertySymbol property || !GeneratedCode.IsByHand(property)) continue;
            if (!TryReadField(property, part, out FieldDeclaration? field)) return false;
            if (field is not null) fields.Add(field);
        }

        return true;
    }

    private static bool TryReadField(IPropertySymbol property, AttributeData? part, out FieldDeclaration? field)
    {
        field = null;
        bool hasBits = false;
        bool hasAddressBits = false;
        ImmutableArray<RangeDeclaration>.Builder ranges = ImmutableArray.CreateBuilder<RangeDeclaration>();
        foreach (AttributeData attribute in property.GetAttributes())
        {
            bool isBits = AttributeNames.Is(attribute, AttributeNames.BitsType);
            bool isAddressBits = AttributeNames.Is(attribute, AttributeNames.AddressBitsType);
            if (!isBits && !isAddressBits) continue;
            if (ReadRange(attribute, "'" + property.Name + "'", part ?? attribute) is not RangeDeclaration range) return false;
            hasBits |= isBits;
            hasAddressBits |= isAddressBits;
            ranges.Add(range);
        }

        if (ranges.Count == 0) return true;
        if (property.Type.TypeKind == TypeKind.Error) return false;
        field = new FieldDeclaration(property, ranges.ToImmutable(), hasBits, hasAddressBits, part);
        return true;
    }

    private static RangeDeclaration? ReadRange(AttributeData attribute, string owner, AttributeData place)
    {
        ImmutableArray<TypedConstant> arguments = attribute.ConstructorArguments;
        if (!TryReadNumber(arguments, 0, out int high)) return null;
        int low = high;
        if (arguments.Length > 1 && !TryReadNumber(arguments, 1, out low)) return null;
        return new RangeDeclaration(high, low, owner, place);
    }

    private static bool TryReadNumber(ImmutableArray<TypedConstant> arguments, int index, out int number)
    {
        number = 0;
        if (index >= arguments.Length || arguments[index] is not { Kind: TypedConstantKind.Primitive, Value: int value }) return false;
        number = value;
        return true;
    }

    private static string? ReadSource(AttributeData mark)
    {
        foreach (KeyValuePair<string, TypedConstant> argument in mark.NamedArguments)
        {
            if (argument.Key == "Source") return argument.Value.Value as string;
        }

        return null;
    }
}
