namespace FastRmp.Generators.Models;

/// <summary>How the bits of a field become the value of its property.</summary>
internal enum FieldKind
{
    /// <summary>One bit, true if set.</summary>
    Bool,

    /// <summary>Shifted down to an unsigned integer.</summary>
    Unsigned,

    /// <summary>Shifted down and cast to an enum.</summary>
    Enum,

    /// <summary>Masked in place: the quadword under the mask is the value.</summary>
    Address,
}
