namespace FastRmp.Images;

/// <summary>What kernels call the events of an AMD IOMMU.</summary>
internal static class IommuEventNames
{
    /// <summary>Linux's name of an event.</summary>
    internal static string Of(IommuEventCode code) => code switch
    {
        IommuEventCode.IllegalDeviceTableEntry => "ILLEGAL_DEV_TABLE_ENTRY",
        IommuEventCode.IoPageFault => "IO_PAGE_FAULT",
        IommuEventCode.DeviceTableHardwareError => "DEV_TAB_HARDWARE_ERROR",
        IommuEventCode.PageTableHardwareError => "PAGE_TAB_HARDWARE_ERROR",
        IommuEventCode.IllegalCommandError => "ILLEGAL_COMMAND_ERROR",
        IommuEventCode.CommandHardwareError => "COMMAND_HARDWARE_ERROR",
        IommuEventCode.IotlbInvalidationTimeout => "IOTLB_INV_TIMEOUT",
        IommuEventCode.InvalidDeviceRequest => "INVALID_DEVICE_REQUEST",
        IommuEventCode.InvalidPageRequest => "INVALID_PPR_REQUEST",
        IommuEventCode.EventCounterZero => "EVENT_COUNTER_ZERO",
        IommuEventCode.GuestEventFault => "GUEST_EVENT_FAULT",
        IommuEventCode.VirtualIommuHardwareError => "VIOMMU_HARDWARE_ERROR",
        IommuEventCode.RmpPageFault => "RMP_PAGE_FAULT",
        IommuEventCode.RmpHardwareError => "RMP_HARDWARE_ERROR",
        IommuEventCode.None => "none: the IOMMU has not yet written the entry",
        _ => "no known code",
    };
}
