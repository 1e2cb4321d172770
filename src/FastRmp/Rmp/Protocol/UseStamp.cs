namespace FastRmp;

/// <summary>The uses of a page, or of several, at one moment. If a second one is the same, no use of them began or ended between the
/// two.</summary>
/// <param name="None">The total of the table with its changes, and 1 in bit 0, if there was no use at all; else zero.</param>
/// <param name="Uses">Number of uses [31:0], and of their changes; zero in a region that no use ever was in.</param>
internal readonly record struct UseStamp(ulong None, ulong Uses)
{
    /// <summary>Whether a page was in use.</summary>
    internal bool IsInUse => (uint)Uses != 0;

    /// <summary>Of any page, if there is no use in the whole table.</summary>
    /// <param name="total">The total, whose low half is zero.</param>
    internal static UseStamp OfNone(ulong total) => new(total | 1, 0);

    /// <summary>Of a page or the sum of several.</summary>
    /// <param name="uses">Uses and changes.</param>
    internal static UseStamp Of(ulong uses) => new(0, uses);
}
