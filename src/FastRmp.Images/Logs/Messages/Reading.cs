namespace FastRmp.Images;

/// <summary>What came of an attempt to read a message.</summary>
internal enum Reading
{
    /// <summary>It is something else.</summary>
    None,

    /// <summary>It begins like one, and something is missing at its end: a mail program may have wrapped it.</summary>
    Part,

    /// <summary>The same, and its second half may stand in a log line of its own.</summary>
    PartOfTwo,

    /// <summary>It was read.</summary>
    Whole,
}
