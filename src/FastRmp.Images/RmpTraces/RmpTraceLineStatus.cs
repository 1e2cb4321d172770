namespace FastRmp.Images;

/// <summary>What a line of an RMP trace is, or what is wrong with it.</summary>
internal enum RmpTraceLineStatus
{
    /// <summary>An event.</summary>
    Event = 0,

    /// <summary>Blank, or a comment.</summary>
    Nothing = 1,

    /// <summary>RAM, processor or first mapping of the machine.</summary>
    Machine = 2,

    /// <summary>It has no verb.</summary>
    NoVerb = 3,

    /// <summary>An event that needs a page has none.</summary>
    NoPage = 4,

    /// <summary>An address that is none, or beyond 52 bits.</summary>
    BadAddress = 5,

    /// <summary>A number that is none, or too large for its field.</summary>
    BadNumber = 6,

    /// <summary>A page size that is none, or not one of this event.</summary>
    BadSize = 7,

    /// <summary>An RMPUPDATE without its operand.</summary>
    NoOperand = 8,

    /// <summary>An operand in hexadecimal that is not of 16 bytes.</summary>
    BadOperand = 9,

    /// <summary>An instruction without its result.</summary>
    NoResult = 10,

    /// <summary>A processor that is not a preset.</summary>
    BadProcessor = 11,

    /// <summary>A range that is none.</summary>
    BadRange = 12,

    /// <summary>A conversion that does not say to which side.</summary>
    NoSide = 13,

    /// <summary>More pages than there may be in one line, or none.</summary>
    BadPages = 14,

    /// <summary>A mark without a name.</summary>
    NoName = 15,
}
