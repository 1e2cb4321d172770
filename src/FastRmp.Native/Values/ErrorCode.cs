namespace FastRmp.Native;

/// <summary>Why a call was refused; what a set-up function returns, and bits [63:32] of a word. The header has the same numbers.</summary>
internal enum ErrorCode
{
    /// <summary>It was not.</summary>
    Ok = 0,

    /// <summary>A handle is zero, was destroyed, is of another kind, or never was one.</summary>
    Handle = 1,

    /// <summary>A pointer that is needed is null.</summary>
    Null = 2,

    /// <summary>An address or a pointer is not aligned as it has to be.</summary>
    Alignment = 3,

    /// <summary>A size does not fit: zero, no whole number of pages, too small for the table, or a wrong size of a structure.</summary>
    Size = 4,

    /// <summary>A number is none of its enumeration, or reserved bits are set.</summary>
    Value = 5,

    /// <summary>An address is beyond bit 51, or a range ends there.</summary>
    Address = 6,

    /// <summary>Registers or a processor describe nothing that can be: the text says why.</summary>
    Configuration = 7,

    /// <summary>There is no memory left, or there are too many handles.</summary>
    Memory = 8,

    /// <summary>The header is of another version than the library.</summary>
    Version = 9,

    /// <summary>A defect of the library: an exception that nobody expected. The text names it.</summary>
    Internal = 10,

    /// <summary>The page has no entry.</summary>
    NotCovered = 11,
}
