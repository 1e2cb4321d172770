namespace FastRmp;

/// <content>What Genoa's firmware keeps in the GPA field of a page that is assigned and no guest's.</content>
public readonly partial struct RmpEntry
{
    /// <summary>GPA[50:48] of a page in one of firmware's states (assigned, ASID 0): 0 Firmware, 1 Metadata, 2 Firmware-IOMMU.</summary>
    /// <remarks>Source: AMD SEV firmware, sev_rmp.h. Other firmware may tag differently.</remarks>
    public byte FirmwareTag => new FirmwareGpa(Gpa.Value).Tag;

    /// <summary>GPA[47:12] of a page in one of firmware's states: of a Metadata page the guest's context page; of a Firmware-IOMMU page the
    /// page number 1.</summary>
    /// <remarks>Source: AMD SEV firmware, sev_rmp.h. Other firmware may keep something else.</remarks>
    public PhysicalAddress FirmwareAddress => new FirmwareGpa(Gpa.Value).Page;
}
