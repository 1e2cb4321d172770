namespace FastRmp.Reference;

/// <summary>Who set the software bit KERNEL_4K of a leaf (direct map 2.1, 6.2).</summary>
public enum ReferenceMark
{
    /// <summary>The bit is clear.</summary>
    None = 0,

    /// <summary>The split before an RMPUPDATE; a rejoin may drop it.</summary>
    RmpUpdate = 1,

    /// <summary>Somebody else; the page must stay 4 KiB.</summary>
    Other = 2,
}
