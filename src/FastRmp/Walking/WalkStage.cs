namespace FastRmp;

/// <summary>Which tables an entry, or the end of a walk, belongs to.</summary>
public enum WalkStage : byte
{
    /// <summary>The host's tables: of a processor's walk; of a device's request the host (v1) tables, the device table entry, or
    /// none.</summary>
    Host = 0,

    /// <summary>The GCR3 table.</summary>
    Gcr3 = 1,

    /// <summary>The guest's tables; of a device's request the guest (v2) tables.</summary>
    Guest = 2,

    /// <summary>The nested tables, or the host (v1) tables, on the way to a guest physical address.</summary>
    Nested = 3,
}
