namespace FastRmp.Cli.Scripts;

/// <summary>What can be wrong with a field of a script's line.</summary>
internal enum FieldFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The line ends before it.</summary>
    Missing,

    /// <summary>It is one too many.</summary>
    TooManyFields,

    /// <summary>It is not a hexadecimal number, or has too many bits.</summary>
    NoAddress,

    /// <summary>It is not a decimal or 0x number, or too large.</summary>
    NoNumber,

    /// <summary>It is not one of the permitted words.</summary>
    NoSuchWord,

    /// <summary>It is well-formed, and yet not possible here.</summary>
    Refused,
}
