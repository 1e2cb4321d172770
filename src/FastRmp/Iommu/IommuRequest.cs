namespace FastRmp.Iommu;

/// <summary>A device's request: an address, what for, and in which address space.</summary>
/// <param name="Address">The address in it.</param>
/// <param name="IsWrite">Whether it writes.</param>
/// <param name="Pasid">The PASID in it, 20 bits; null without one. A larger one is no misuse: it ends in a fault unless the GCR3 table
/// reaches it.</param>
/// <param name="IsExecute">Whether it asks to execute what it reads: guest (v2) tables know no-execute.</param>
/// <param name="IsPrivileged">Whether it claims supervisor privilege; without, guest (v2) tables treat it as one of a user.</param>
public readonly record struct IommuRequest(
    DeviceAddress Address, bool IsWrite, uint? Pasid = null, bool IsExecute = false, bool IsPrivileged = false);
