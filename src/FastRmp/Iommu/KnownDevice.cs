namespace FastRmp.Iommu;

/// <summary>A device whose table entry was read.</summary>
/// <param name="Iommu">The IOMMU.</param>
/// <param name="Entry">The device table entry.</param>
internal readonly record struct KnownDevice(IommuState Iommu, DeviceTableEntry Entry);
