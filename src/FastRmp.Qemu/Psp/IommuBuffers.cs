using System.Collections.Generic;
using System.Collections.Immutable;

namespace FastRmp.Qemu;

/// <summary>What the IOMMUs write to, as the kernel has programmed them: firmware reads their registers when it initialises SNP.</summary>
/// <remarks>docs/spec/amd-vi.md 1, 6.1. The emulated IOMMU has one log of each kind, and does not keep the base of the completion-wait
/// store, but its limit; Linux drivers/iommu/amd/init.c, iommu_set_cwwb_range, makes both the same.</remarks>
internal static class IommuBuffers
{
    private const ulong EventLogAt = 0x10;
    private const ulong ControlAt = 0x18;
    private const ulong StoreBaseAt = 0x20;
    private const ulong StoreLimitAt = 0x28;
    private const ulong PageRequestLogAt = 0x38;
    private const int EntryBits = 4;

    /// <summary>Whether all of them are enabled.</summary>
    /// <param name="iommus">Where their registers are.</param>
    /// <param name="device">Memory of devices.</param>
    internal static bool AreEnabled(IReadOnlyList<ulong> iommus, IDeviceMemory device)
    {
        bool areEnabled = true;
        foreach (ulong iommu in iommus) areEnabled &= new IommuControl(Register(device, iommu + ControlAt)).Enable;
        return areEnabled;
    }

    /// <summary>The ranges, in the order in which firmware meets them: event logs, completion-wait stores and logs of page requests of one
    /// IOMMU after the other. A log that is off, and a store that nobody has programmed, have none.</summary>
    /// <param name="iommus">Where their registers are.</param>
    /// <param name="device">Memory of devices.</param>
    internal static ImmutableArray<PhysicalRange> Of(IReadOnlyList<ulong> iommus, IDeviceMemory device)
    {
        ImmutableArray<PhysicalRange>.Builder ranges = ImmutableArray.CreateBuilder<PhysicalRange>();
        foreach (ulong iommu in iommus)
        {
            IommuControl control = new(Register(device, iommu + ControlAt));
            if (control.EventLogEnable) ranges.Add(Log(device, iommu + EventLogAt));
            ulong first = Buffer(device, iommu + StoreBaseAt).Base.Value;
            ulong last = Buffer(device, iommu + StoreLimitAt).Base.Value;
            if (first == 0) first = last;
            ulong bytes = last < first ? 0 : last - first + PageSize.Size4K.Bytes();
            if (last != 0) ranges.Add(new PhysicalRange(PhysicalAddress.Truncate(first), bytes));
            if (control.PageRequestLogEnable) ranges.Add(Log(device, iommu + PageRequestLogAt));
        }

        return ranges.ToImmutable();
    }

    private static PhysicalRange Log(IDeviceMemory device, ulong register)
    {
        IommuBufferBase log = Buffer(device, register);
        ulong bytes = 1UL << (log.Length + EntryBits);
        return new PhysicalRange(log.Base, ulong.Max(bytes, PageSize.Size4K.Bytes()));
    }

    private static IommuBufferBase Buffer(IDeviceMemory device, ulong register) => new(Register(device, register));

    private static ulong Register(IDeviceMemory device, ulong address) =>
        device.Read(address) | ((ulong)device.Read(address + sizeof(uint)) << 32);
}
