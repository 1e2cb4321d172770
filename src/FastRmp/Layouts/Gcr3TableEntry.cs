namespace FastRmp;

/// <summary>An entry of AMD-Vi's GCR3 table: for each PASID the root of its guest (v2) tables, or the GCR3 table of the next
/// level.</summary>
/// <remarks>Linux leaves all bits but the two fields zero. Whether hardware looks at them is not known; the walk ignores them.</remarks>
[BitLayout(64, Source = "Linux drivers/iommu/amd/iommu.c")]
[Reserved(11, 1)]
[Reserved(63, 52)]
internal readonly partial struct Gcr3TableEntry
{
    /// <summary>The entry is valid.</summary>
    [Bits(0)] public partial bool Valid { get; init; }

    /// <summary>Address of the next GCR3 table, or of the top table of a PASID.</summary>
    [AddressBits(51, 12)] public partial PhysicalAddress Address { get; init; }
}
