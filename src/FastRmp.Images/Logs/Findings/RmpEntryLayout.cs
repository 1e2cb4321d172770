namespace FastRmp.Images;

/// <summary>How a kernel prints an RMP entry.</summary>
public enum RmpEntryLayout
{
    /// <summary><c>[low - high]</c>, as Linux does since 6.9.</summary>
    LowHigh,

    /// <summary>The high quadword before the low one, as the patches before did.</summary>
    HighLow,

    /// <summary><c>[assigned=… gpa=…]</c>: fields by name, where <c>gpa</c> is a page number. Subpage_Count, Lock and the permission masks
    /// are not printed.</summary>
    Symbolic,
}
