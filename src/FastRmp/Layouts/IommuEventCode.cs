namespace FastRmp;

/// <summary>What an entry of AMD-Vi's event log reports.</summary>
/// <remarks>Source: Linux drivers/iommu/amd/amd_iommu_types.h; codes 0xA to 0xC: NOVA hypervisor, inc/x86_64/smmu_amd.hpp.</remarks>
public enum IommuEventCode : byte
{
    /// <summary>Nothing: the IOMMU has not yet written the entry.</summary>
    None = 0,

    /// <summary>ILLEGAL_DEV_TABLE_ENTRY.</summary>
    IllegalDeviceTableEntry = 1,

    /// <summary>IO_PAGE_FAULT.</summary>
    IoPageFault = 2,

    /// <summary>DEV_TAB_HARDWARE_ERROR: the device table could not be read.</summary>
    DeviceTableHardwareError = 3,

    /// <summary>PAGE_TAB_HARDWARE_ERROR: a page table could not be read.</summary>
    PageTableHardwareError = 4,

    /// <summary>ILLEGAL_COMMAND_ERROR.</summary>
    IllegalCommandError = 5,

    /// <summary>COMMAND_HARDWARE_ERROR: the command buffer could not be read.</summary>
    CommandHardwareError = 6,

    /// <summary>IOTLB_INV_TIMEOUT: a device did not answer an invalidation of its IOTLB.</summary>
    IotlbInvalidationTimeout = 7,

    /// <summary>INVALID_DEVICE_REQUEST.</summary>
    InvalidDeviceRequest = 8,

    /// <summary>INVALID_PPR_REQUEST.</summary>
    InvalidPageRequest = 9,

    /// <summary>EVENT_COUNTER_ZERO.</summary>
    EventCounterZero = 0xA,

    /// <summary>GUEST_EVENT_FAULT.</summary>
    GuestEventFault = 0xB,

    /// <summary>VIOMMU_HARDWARE_ERROR.</summary>
    VirtualIommuHardwareError = 0xC,

    /// <summary>RMP_PAGE_FAULT: a request failed the RMP check.</summary>
    RmpPageFault = 0xD,

    /// <summary>RMP_HARDWARE_ERROR: the RMP could not be read.</summary>
    RmpHardwareError = 0xE,
}
