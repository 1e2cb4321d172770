using System;
using System.Runtime.CompilerServices;

namespace FastRmp.Iommu;

/// <content>How requests end in GCR3 and guest (v2) tables, and at the page behind them.</content>
internal static partial class IommuRules
{
    /// <summary>A guest physical address where there are no host tables. The entry's rights are those of the request, which was judged
    /// before, not of each access to a table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static IommuWalkResult Flat<TCheck>(
        in DeviceTableEntry device, PhysicalAddress address, bool isWrite, int sizeShift, scoped ref TCheck check)
        where TCheck : struct, IWalkCheck, allows ref struct
    {
        PageSize size = CheckedSize(sizeShift);
        bool mayAccess = check.MayAccess(address, size, isWrite ? AccessKind.Write : AccessKind.Read);
        return new IommuWalkResult(
            address, mayAccess ? IommuStatus.Mapped : IommuStatus.RmpViolation, 0, sizeShift, RightsOf(device.Word0));
    }

    /// <summary>A request that ended on the way to an entry of GCR3 or guest tables.</summary>
    /// <param name="host">How the host tables ended it, or the check.</param>
    /// <param name="gpa">Where the entry stands for the guest.</param>
    /// <param name="isWrite">Whether the IOMMU was about to set Accessed or Dirty in it.</param>
    /// <param name="stage">Its tables.</param>
    /// <param name="level">Its level there.</param>
    internal static IommuWalkResult InTable(in IommuWalkResult host, PhysicalAddress gpa, bool isWrite, WalkStage stage, int level)
    {
        if (host.Status == IommuStatus.RmpViolation && host.HasPage)
        {
            return new IommuWalkResult(host.Address, host.Status, level, 0, DmaRights.None, stage, Gpa(gpa));
        }

        return new IommuWalkResult(
            host.Address, host.Status, host.Level, host.SizeShift, host.Rights, WalkStage.Nested, Gpa(gpa),
            isWrite ? IommuEventBits.Write : IommuEventBits.None);
    }

    /// <summary>A request that came to the page of guest tables.</summary>
    internal static IommuWalkResult AtPage(
        in IommuWalkResult host, PhysicalAddress gpa, int level, int sizeShift, DmaRights rights, bool isWrite)
    {
        DmaRights both = rights & (host.Rights | DmaRights.Execute);
        if (host.IsMapped || (host.Status == IommuStatus.RmpViolation && host.HasPage))
        {
            return new IommuWalkResult(
                host.Address, host.Status, level, Math.Min(sizeShift, host.SizeShift), both, WalkStage.Guest, Gpa(gpa));
        }

        return new IommuWalkResult(
            host.Address, host.Status, host.Level, host.HasPage ? Math.Min(sizeShift, host.SizeShift) : 0, host.Rights, WalkStage.Nested,
            Gpa(gpa), isWrite ? IommuEventBits.Write : IommuEventBits.None);
    }

    internal static IommuWalkResult EndedInGuest(IommuStatus status, PhysicalAddress place, int level, PhysicalAddress gpa) =>
        new(place, status, level, 0, DmaRights.None, WalkStage.Guest, Gpa(gpa));

    internal static GuestPhysicalAddress Gpa(PhysicalAddress address) => GuestPhysicalAddress.CreateUnchecked(address.Value);
}
