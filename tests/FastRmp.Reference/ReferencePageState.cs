namespace FastRmp.Reference;

/// <summary>The states of a page, with firmware's numbers (rmp 3).</summary>
public enum ReferencePageState
{
    /// <summary>Invalid: none of the others.</summary>
    Invalid = 0,

    /// <summary>Default: not covered.</summary>
    Default = 1,

    /// <summary>Hypervisor.</summary>
    Hypervisor = 2,

    /// <summary>HV_Fixed.</summary>
    HvFixed = 3,

    /// <summary>Firmware.</summary>
    Firmware = 4,

    /// <summary>Firmware-IOMMU.</summary>
    FirmwareIommu = 5,

    /// <summary>Reclaim.</summary>
    Reclaim = 6,

    /// <summary>Context.</summary>
    Context = 7,

    /// <summary>Metadata.</summary>
    Metadata = 8,

    /// <summary>Pre-Guest.</summary>
    PreGuest = 9,

    /// <summary>Pre-Swap.</summary>
    PreSwap = 10,

    /// <summary>Guest-Invalid.</summary>
    GuestInvalid = 11,

    /// <summary>Guest-Valid.</summary>
    GuestValid = 12,
}
