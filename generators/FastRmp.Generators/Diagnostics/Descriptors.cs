using Microsoft.CodeAnalysis;

namespace FastRmp.Generators.Diagnostics;

/// <summary>What can be wrong with a declaration. Ids are public API: none is ever reused.</summary>
internal static class Descriptors
{
    /// <summary>Size that is none.</summary>
    internal static readonly DiagnosticDescriptor BadSize = new(
        "FRMP001",
        "Layout size must be 64, 128 or 256 bits",
        "Layout '{0}' is declared with {1} bits; 64, 128 and 256 are possible",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "A layout is stored in one, two or four whole quadwords. Declare the size of the structure as the hardware has it, and declare bits without meaning as reserved.");

    /// <summary>Type without <c>partial</c>.</summary>
    internal static readonly DiagnosticDescriptor TypeNotPartial = new(
        "FRMP002",
        "Layout must be partial",
        "Type '{0}' must be partial so that layout '{1}' can be implemented",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "The generator adds its members in a second part of the struct. The struct and each type around it need the modifier 'partial'.");

    /// <summary>Type that cannot be a layout.</summary>
    internal static readonly DiagnosticDescriptor UnsupportedTarget = new(
        "FRMP003",
        "Layout must be a plain struct",
        "'{0}' cannot be a layout: {1}",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "A layout is a struct that is not generic, no record, no ref struct, not local to a file, and not inside a generic type.");

    /// <summary>Property without <c>partial</c>.</summary>
    internal static readonly DiagnosticDescriptor PropertyNotPartial = new(
        "FRMP004",
        "Field property must be partial",
        "Property '{0}' has bits and must be partial",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "The generator implements the getter of a property that has bits. Declare it as 'public partial T Name { get; }'.");

    /// <summary>Property of the wrong shape.</summary>
    internal static readonly DiagnosticDescriptor BadProperty = new(
        "FRMP005",
        "Field property must have a getter, and may have init",
        "Property '{0}' has bits and must be an instance property with a getter, at most an init accessor, and nothing else",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "A layout is an immutable value: a field is read through its property and given a value by 'new' or 'with' if the property has an init accessor. Setters, indexers, static and explicitly implemented properties cannot carry bits.");

    internal static readonly DiagnosticDescriptor ReversedRange = new(
        "FRMP006",
        "Range is reversed",
        "Range {1} of {0} is reversed: the high bit comes first",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "Ranges are written as the manuals write them, high bit first and both ends included.");

    /// <summary>Range that leaves the layout.</summary>
    internal static readonly DiagnosticDescriptor OutOfRange = new(
        "FRMP007",
        "Range is outside the layout",
        "Range {1} of {0} is outside the layout's bits [{2}:0]",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "Bits are counted over the whole structure, from 0.");

    /// <summary>Field that crosses a quadword.</summary>
    internal static readonly DiagnosticDescriptor CrossesQuadword = new(
        "FRMP008",
        "Field range crosses a quadword",
        "Range {1} of {0} crosses a quadword; give the field one range for each quadword, high part first",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "A range of a field lies within one quadword, so that it has one mask and one shift. A field may have several ranges.");

    /// <summary>Bits claimed twice.</summary>
    internal static readonly DiagnosticDescriptor Overlap = new(
        "FRMP009",
        "Ranges overlap",
        "Range {1} of {0} overlaps range {3} of {2}",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "Each bit of a layout belongs to one field or is reserved.");

    /// <summary>Bits that nobody claimed.</summary>
    internal static readonly DiagnosticDescriptor Gap = new(
        "FRMP010",
        "Bits are not declared",
        "Bits {1} of layout '{0}' belong to no field and are not declared reserved",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "A gap is as a rule a forgotten field or a wrong number. Where the manual says reserved, declare it with [Reserved(high, low)].");

    /// <summary>Type that cannot hold the field.</summary>
    internal static readonly DiagnosticDescriptor TypeTooNarrow = new(
        "FRMP011",
        "Property type is too narrow",
        "Property '{0}' of type '{1}' holds {2} bits, the field has {3}",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "The type of the property, or the underlying type of its enum, must hold all bits of the field. An int enum holds 31.");

    /// <summary>Bool for more than a bit.</summary>
    internal static readonly DiagnosticDescriptor WideBool = new(
        "FRMP012",
        "Bool field must be one bit",
        "Property '{0}' is a bool, the field has {1} bits",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "A bool is one bit. Use an unsigned integer or an enum for a field that is wider.");

    /// <summary>Type that is not a field type.</summary>
    internal static readonly DiagnosticDescriptor UnsupportedType = new(
        "FRMP013",
        "Property type is not supported",
        "Property '{0}' has type '{1}'; {2}",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "[Bits] takes bool, byte, ushort, uint, ulong, and enums over these or int. [AddressBits] takes ulong and structs with conversion operators from and to ulong.");

    /// <summary>Name that exists twice.</summary>
    internal static readonly DiagnosticDescriptor NameClash = new(
        "FRMP014",
        "Name is taken",
        "The name '{0}' is taken: {1}",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "The generator emits fixed members and, for each field, constants and a copy method made from its name. Rename the field or the member that clashes.");

    /// <summary>Both kinds of bits, or several ranges, on an in-place field.</summary>
    internal static readonly DiagnosticDescriptor MixedBits = new(
        "FRMP015",
        "Field is in place or shifted, not both",
        "Property '{0}' has [AddressBits] and [Bits]; an in-place field has one range",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "The value of [AddressBits] is the quadword under one mask; it cannot be put together with other ranges.");

    /// <summary>State beside the quadwords.</summary>
    internal static readonly DiagnosticDescriptor OwnStorage = new(
        "FRMP016",
        "Layout must not declare storage",
        "'{0}' gives layout '{1}' storage of its own; its size would no longer be that of the hardware structure",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "The quadwords are all that a layout stores. Instance fields, auto-properties, events and primary constructors do not belong in it.");

    /// <summary>Bits where there is no layout.</summary>
    internal static readonly DiagnosticDescriptor NoLayout = new(
        "FRMP017",
        "Bits are declared outside a layout",
        "'{0}' declares bits, but type '{1}' is not marked [BitLayout]",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "Without [BitLayout] on the struct the attributes have no effect.");

    /// <summary>A shared part that brings nothing.</summary>
    internal static readonly DiagnosticDescriptor EmptyPart = new(
        "FRMP018",
        "Shared part must be an interface with fields",
        "'{0}' is not an interface of this project with properties that have bits",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "The fields that several layouts have in common are properties with bits of an interface that is not generic, in the same project; [Shared] brings them into each layout.");

    private const string Category = "FastRmp.Layouts";
}
