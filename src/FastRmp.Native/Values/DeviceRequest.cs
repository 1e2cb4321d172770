using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastRmp.Iommu;

namespace FastRmp.Native;

/// <summary>struct frmp_device_request.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct DeviceRequest
{
    private const uint WriteFlag = 1;
    private const uint ExecuteFlag = 2;
    private const uint PrivilegedFlag = 4;
    private const uint PasidFlag = 8;
    private const uint UpdatesFlag = 1U << 8;
    private const uint Defined = WriteFlag | ExecuteFlag | PrivilegedFlag | PasidFlag | UpdatesFlag;

    /// <summary>The address.</summary>
    internal ulong Address { get; init; }

    /// <summary>The PASID, if the flag says so.</summary>
    internal uint Pasid { get; init; }

    /// <summary>The device.</summary>
    internal ushort Device { get; init; }

    /// <summary>What for.</summary>
    internal ushort Flags { get; init; }

    /// <summary>Whether the walk sets Accessed and Dirty bits.</summary>
    internal bool Updates => (Flags & UpdatesFlag) != 0;

    /// <summary>Takes a request apart that has no PASID and asks for nothing but a read or a write.</summary>
    /// <param name="device">Who asks.</param>
    /// <param name="address">The address.</param>
    /// <param name="isWrite">What for.</param>
    /// <returns>False for what is refused, and for other requests.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryDecodeSimple(out DeviceId device, out DeviceAddress address, out bool isWrite)
    {
        uint flags = Flags;
        device = new DeviceId(Device);
        address = new DeviceAddress(Address);
        isWrite = flags != 0;
        return flags <= WriteFlag;
    }

    /// <summary>Takes it apart.</summary>
    /// <param name="device">Who asks.</param>
    /// <param name="request">What for.</param>
    /// <returns>False if a flag means nothing.</returns>
    internal bool TryDecode(out DeviceId device, out IommuRequest request)
    {
        device = new DeviceId(Device);
        request = new IommuRequest(
            new DeviceAddress(Address), (Flags & WriteFlag) != 0, (Flags & PasidFlag) != 0 ? Pasid : null, (Flags & ExecuteFlag) != 0,
            (Flags & PrivilegedFlag) != 0);
        return (Flags & ~Defined) == 0;
    }
}
