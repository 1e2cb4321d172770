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

    /// <summary>It is no hexadecimal number, or has too many bits.</summary>
    NoAddress,

    /// <summary>It is no decimal or 0x number, or too large.</summary>
    NoNumber,

    /// <summary>It is none of the words that may stand there.</summary>
    NoSuchWord,

    /// <summary>It is well-formed, and yet not possible here.</summary>
    Refused,
}
