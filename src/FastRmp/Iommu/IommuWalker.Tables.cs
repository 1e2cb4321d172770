namespace FastRmp.Iommu;

/// <content>What listings need of the walk: where the tables of a PASID are.</content>
public static partial class IommuWalker
{
    /// <summary>The root of a PASID's tables, for listings.</summary>
    internal static IommuWalkResult FindRoot<TMemory>(
        scoped ref TMemory memory, in IommuState iommu, in DeviceTableEntry device, uint pasid, out ulong root)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        NoCheck check = default;
        NoTrace trace = default;
        IommuStatus status = IommuWalk<TMemory, NoCheck, LeaveEntries<TMemory>, NoTrace>.Gcr3(
            ref memory, iommu, device, pasid, ref check, ref trace, out root, out IommuWalkResult end);
        return status == IommuStatus.Mapped ? new IommuWalkResult(default, status, 0, 0, DmaRights.None) : end;
    }

    /// <summary>Where a guest table is, for listings.</summary>
    internal static IommuWalkResult FindTable<TMemory>(
        scoped ref TMemory memory, in IommuState iommu, in DeviceTableEntry device, PhysicalAddress gpa)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        NoCheck check = default;
        NoTrace trace = default;
        IommuWalkResult place = IommuWalk<TMemory, NoCheck, LeaveEntries<TMemory>, NoTrace>.Host(
            ref memory, iommu, device, gpa, isWrite: false, IoPageSize.MinShift, ref check, ref trace);
        return place.IsMapped ? place : IommuRules.InTable(place, gpa, isWrite: false, WalkStage.Guest, 0);
    }
}
