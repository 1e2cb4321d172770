namespace FastRmp.Tests.Rmp.Differential;

/// <summary>A change of an entry that no operation here makes. Each is made only where it leaves a state whose rules are known.</summary>
internal enum PokeKind : byte
{
    /// <summary>Hypervisor to HV_Fixed, and back.</summary>
    Fix,

    /// <summary>A firmware page becomes an IOMMU's.</summary>
    Iommu,

    /// <summary>Other software locks a stable entry.</summary>
    Lock,

    /// <summary>… and lets it go.</summary>
    Unlock,

    /// <summary>Firmware freezes a base entry: ASID 0x3FF.</summary>
    Freeze,

    /// <summary>… and writes the ASID back.</summary>
    Thaw,
}
