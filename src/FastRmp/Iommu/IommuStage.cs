namespace FastRmp.Iommu;

/// <summary>Which tables of an IOMMU an entry, or the end of a request, belongs to.</summary>
public enum IommuStage : byte
{
    /// <summary>The host (v1) tables, the device table entry, or none.</summary>
    Host = 0,

    /// <summary>The GCR3 table.</summary>
    Gcr3 = 1,

    /// <summary>The guest (v2) tables.</summary>
    Guest = 2,

    /// <summary>The host (v1) tables on the way to a guest physical address that GCR3 or guest tables led to.</summary>
    Nested = 3,
}
