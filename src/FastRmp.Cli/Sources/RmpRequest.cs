namespace FastRmp.Cli.Sources;

/// <summary>Where the user says that the RMP of an image is, or how to find it.</summary>
/// <param name="Given">RMP_BASE and RMP_END; null to find it.</param>
/// <param name="SegmentTable">The segment table's address; null for none.</param>
/// <param name="Configuration">RMP_CFG; null to find it.</param>
/// <param name="Symbols">A file of the kernel's symbols; null for none.</param>
internal sealed record RmpRequest(ContiguousGeometry? Given, PhysicalAddress? SegmentTable, ulong? Configuration, string? Symbols)
{
    /// <summary>Find it, with nothing but the image.</summary>
    internal static RmpRequest Automatic { get; } = new(null, null, null, null);
}
