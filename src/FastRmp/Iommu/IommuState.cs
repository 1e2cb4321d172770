using FastRmp.Addressing;
using FastRmp.Layouts;

namespace FastRmp.Iommu;

/// <summary>What an IOMMU knows besides memory: where its device table stands, and whether SNP is enabled in it.</summary>
/// <param name="DeviceTable">The Device Table Base register.</param>
/// <param name="IsSnpEnabled">Whether SNP's restrictions on device table entries hold: mode 0 is illegal.</param>
/// <remarks>Immutable; any threads may share it.</remarks>
public readonly record struct IommuState(DeviceTableBase DeviceTable, bool IsSnpEnabled = false)
{
    /// <summary>How many device table entries a 4 KiB page holds.</summary>
    public const int EntriesInPage = 4096 / DeviceTableEntry.SizeInBytes;

    /// <summary>How many entries the device table has: 128 to 65,536.</summary>
    public int Entries => (DeviceTable.Size + 1) * EntriesInPage;

    /// <summary>Where the entry of a device stands.</summary>
    /// <param name="device">The device.</param>
    /// <param name="address">Address of its 32 bytes; beyond the table, where it would stand, modulo 2^52.</param>
    /// <returns>False if the table, or physical memory, ends before it.</returns>
    public bool TryLocate(DeviceId device, out PhysicalAddress address)
    {
        address = DeviceTable.Base + ((ulong)device.Value * DeviceTableEntry.SizeInBytes);
        return device.Value < Entries && address >= DeviceTable.Base;
    }
}
