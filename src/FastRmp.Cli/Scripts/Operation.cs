namespace FastRmp.Cli.Scripts;

/// <summary>The first word of a line.</summary>
internal enum Operation
{
    /// <summary>No operation of that name.</summary>
    Unknown,

    /// <summary>Takes another processor generation.</summary>
    Model,

    /// <summary>Lays out an empty table.</summary>
    Rmp,

    /// <summary>Sets SYSCFG.SNP_EN.</summary>
    Enable,

    /// <summary>RMPUPDATE.</summary>
    RmpUpdate,

    /// <summary>PSMASH.</summary>
    PSmash,

    /// <summary>PVALIDATE.</summary>
    PValidate,

    /// <summary>RMPADJUST.</summary>
    RmpAdjust,

    /// <summary>RMPQUERY.</summary>
    RmpQuery,

    /// <summary>RMPREAD.</summary>
    RmpRead,

    /// <summary>RMPOPT.</summary>
    RmpOpt,

    /// <summary>A host access.</summary>
    Host,

    /// <summary>A guest access.</summary>
    Guest,

    /// <summary>A firmware command.</summary>
    Firmware,

    /// <summary>Marks a page as in use, or takes that back.</summary>
    InUse,

    /// <summary>Prints a raw entry.</summary>
    Entry,

    /// <summary>Prints a page's state.</summary>
    State,

    /// <summary>Prints an ASID's counter.</summary>
    Count,
}
