using System;

namespace FastRmp;

/// <summary>The RMP checks of an access whose translation is already known, for the host, guests, devices, the IOMMU and
/// firmware.</summary>
/// <remarks>AMD64 APM vol. 2, 15.36. For callers that do their own translation; the walker uses <see cref="HostRmpCheck{TGeometry}"/>. SNP
/// is enabled; while it is not, nothing is checked. Any threads; allocates nothing.</remarks>
public static partial class RmpCheck
{
    /// <summary>Checks a host access in supervisor mode.</summary>
    /// <inheritdoc cref="Host{TGeometry}(ReverseMapTable{TGeometry},AccessKind,PhysicalAddress,PageSize,bool)"/>
    public static PageFaultErrorCode Host<TGeometry>(
        ReverseMapTable<TGeometry> table, AccessKind kind, PhysicalAddress address, PageSize mapping)
        where TGeometry : struct, IRmpGeometry => Host(table, kind, address, mapping, isUser: false);

    /// <summary>Checks a host access.</summary>
    /// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
    /// <param name="table">The table; SNP is enabled.</param>
    /// <param name="kind">Read, write or fetch; any other value counts as a read.</param>
    /// <param name="address">The physical address accessed.</param>
    /// <param name="mapping">Size of the host mapping; whatever is not 4 KiB is checked as 2 MiB.</param>
    /// <param name="isUser">Whether the access is made in user mode.</param>
    /// <returns>Zero if the access may happen; else the #PF error code, 0x8000_0003 for a kernel write, 0x8000_0007 for a user
    /// write.</returns>
    public static PageFaultErrorCode Host<TGeometry>(
        ReverseMapTable<TGeometry> table, AccessKind kind, PhysicalAddress address, PageSize mapping, bool isUser)
        where TGeometry : struct, IRmpGeometry
    {
        ArgumentNullException.ThrowIfNull(table);
        if (HostRmpCheck<TGeometry>.MayAccess(table, address, mapping, kind)) return default;
        return FaultCodes.OfHostWrite(isUser); // only writes fail
    }

    /// <summary>Checks a device's access through an IOMMU.</summary>
    /// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
    /// <param name="table">The table.</param>
    /// <param name="kind">Read or write; whether reads are checked is <see cref="ModelChoices.DmaReadsAreChecked"/>.</param>
    /// <param name="address">The physical address accessed.</param>
    /// <param name="mapping">Size of the IOMMU's mapping.</param>
    /// <returns>Whether the access passes: Hypervisor-Owned.</returns>
    public static bool Device<TGeometry>(ReverseMapTable<TGeometry> table, AccessKind kind, PhysicalAddress address, PageSize mapping)
        where TGeometry : struct, IRmpGeometry
    {
        ArgumentNullException.ThrowIfNull(table);
        return new DmaRmpCheck<TGeometry>(table).MayAccess(address, mapping, kind);
    }

    /// <summary>Checks an IOMMU's own write to its event log, PPR log or completion-wait store.</summary>
    /// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
    /// <param name="table">The table.</param>
    /// <param name="address">The physical address written.</param>
    /// <returns>Whether the page is Firmware-IOMMU.</returns>
    public static bool IommuLog<TGeometry>(ReverseMapTable<TGeometry> table, PhysicalAddress address)
        where TGeometry : struct, IRmpGeometry
    {
        ArgumentNullException.ThrowIfNull(table);
        return table.StateOf(address) == PageState.FirmwareIommu;
    }

    /// <summary>Checks a buffer that firmware is requested to write.</summary>
    /// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
    /// <param name="table">The table.</param>
    /// <param name="address">The physical address written.</param>
    /// <returns>Whether the page is Firmware or Default.</returns>
    /// <remarks>Source: AMD SEV firmware, sev_rmp.c.</remarks>
    public static bool FirmwareBuffer<TGeometry>(ReverseMapTable<TGeometry> table, PhysicalAddress address)
        where TGeometry : struct, IRmpGeometry
    {
        ArgumentNullException.ThrowIfNull(table);
        return table.StateOf(address) is PageState.Firmware or PageState.Default;
    }
}
