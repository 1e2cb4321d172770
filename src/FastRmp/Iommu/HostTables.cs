using System.Runtime.CompilerServices;

namespace FastRmp.Iommu;

/// <summary>What a walk of one device's host tables depends on.</summary>
internal readonly struct HostTables
{
    internal readonly ulong Device; // quadword 0 of its entry
    internal readonly ulong Need; // what each level must have
    internal readonly ulong EncryptionMask;
    internal readonly int LargeFrom;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal HostTables(in IommuState iommu, ulong device, ulong need)
    {
        Device = device;
        Need = need;
        EncryptionMask = iommu.EncryptionMask;
        LargeFrom = iommu.IsIntermediateSizeLarge ? IoPageSize.MinShift + 1 : PageSize.Size2M.ShiftUnchecked();
    }

    internal ulong AddressMask
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => IoPageTableEntry.AddressMask & ~EncryptionMask;
    }
}
