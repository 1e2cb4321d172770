namespace FastRmp;

/// <summary>The GPA field of a page in one of firmware's states (assigned, ASID 0), as Genoa's firmware overloads it; the bits are those of
/// <see cref="RmpEntry.Gpa"/> in place.</summary>
/// <remarks>Other firmware may tag differently.</remarks>
[BitLayout(64, Source = "AMD SEV firmware, sev_rmp.h")]
[Reserved(11, 0)]
[Reserved(63, 51)]
internal readonly partial struct FirmwareGpa
{
    /// <summary>What the page is: 0 Firmware, 1 Metadata, 2 Firmware-IOMMU.</summary>
    [Bits(50, 48)] public partial byte Tag { get; init; }

    /// <summary>For a Metadata page the guest's context page; of a Firmware-IOMMU page the page number 1.</summary>
    [AddressBits(47, 12)] public partial PhysicalAddress Page { get; init; }
}
