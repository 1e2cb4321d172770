using Microsoft.CodeAnalysis;

namespace FastRmp.Generators.Parsing;

/// <summary>The injected attributes, and how a use of one is recognised.</summary>
internal static class AttributeNames
{
    /// <summary>Namespace of all injected types.</summary>
    internal const string Namespace = "FastRmp";

    /// <summary>Metadata name of the attribute that marks a layout.</summary>
    internal const string BitLayout = Namespace + "." + BitLayoutType;

    /// <summary>Type name of the attribute that marks a layout.</summary>
    internal const string BitLayoutType = "BitLayoutAttribute";

    /// <summary>Type name of the attribute that gives a field its bits.</summary>
    internal const string BitsType = "BitsAttribute";

    /// <summary>Type name of the attribute that gives an in-place field its bits.</summary>
    internal const string AddressBitsType = "AddressBitsAttribute";

    /// <summary>Type name of the attribute that declares reserved bits.</summary>
    internal const string ReservedType = "ReservedAttribute";

    /// <summary>Type name of the attribute that brings the fields of a shared part into a layout.</summary>
    internal const string SharedType = "SharedAttribute";

    /// <summary>Whether an attribute is one of ours.</summary>
    /// <param name="attribute">The use.</param>
    /// <param name="typeName">Type name without namespace.</param>
    internal static bool Is(AttributeData attribute, string typeName) =>
        attribute.AttributeClass is INamedTypeSymbol { ContainingType: null } type
        && type.Name == typeName
        && type.ContainingNamespace is { Name: "FastRmp", ContainingNamespace.IsGlobalNamespace: true };
}
