using System.Runtime.CompilerServices;
using FastRmp.Paging;

namespace FastRmp.Iommu;

/// <content>What a device table entry makes of a request, test by test; order of AMD I/O Virtualization Technology (IOMMU) Specification as
/// VirtualBox DevIommuAmd.cpp reads it, with both tests for an illegal entry before the rights.</content>
public static partial class IommuWalker
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IommuWalkResult Any<TMemory, TCheck, TMarks, TTrace>(
        scoped ref TMemory memory, in IommuState iommu, in DeviceTableEntry device, in IommuRequest request, scoped ref TCheck check,
        scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, ITrace
    {
        ulong address = request.Address.Value;
        ModelChoices choices = iommu.Choices;
        if (!device.Valid)
        {
            if (choices.UntranslatedDmaIsChecked) return Untranslated(Rights, address, request.IsWrite, ref check);
            NoCheck none = default;
            return Untranslated(Rights, address, request.IsWrite, ref none);
        }

        ulong need = Need(request.IsWrite);
        bool isRefused = (device.Word0 & need) == 0;
        bool isGuest = IsGuest(device, request);
        bool isJudgedLater = choices.DmaRightsAreJudgedAtLeaf && device.Mode != 0; // without host tables there is no later
        IommuStatus verdict = iommu.Judge(device);
        if (verdict == IommuStatus.IllegalDeviceTableEntry && choices.DeviceRightsBeforeEncoding && isRefused)
        {
            verdict = IommuStatus.RightsViolation;
        }

        if (verdict == IommuStatus.Mapped && isRefused && !isJudgedLater) verdict = IommuStatus.RightsViolation;
        if (verdict != IommuStatus.Mapped)
        {
            return new IommuWalkResult(
                default, verdict, 0, 0, verdict == IommuStatus.RightsViolation ? RightsOf(device.Word0) : DmaRights.None);
        }

        if (isGuest) return GuestOrRestart<TMemory, TCheck, TMarks, TTrace>(ref memory, iommu, device, request, ref check, ref trace);
        if (device.Mode == 0) return Untranslated(device.Word0, address, request.IsWrite, ref check);
        if (!Reaches(device.Mode, address)) return Ended(IommuStatus.OutOfReach);
        HostTables tables = new(iommu, device.Word0, isJudgedLater ? 0 : need);
        return WalkOrRestart<TMemory, TCheck, TMarks, TTrace>(ref memory, tables, address, request.IsWrite, ref check, ref trace);
    }

    /// <summary>Whether guest (v2) tables translate a request.</summary>
    internal static bool IsGuest(in DeviceTableEntry device, in IommuRequest request) =>
        device.GuestTranslationValid && (request.Pasid is not null || device.GuestIoProtection);

    private static IommuWalkResult Untranslated<TCheck>(ulong rights, ulong address, bool isWrite, scoped ref TCheck check)
        where TCheck : struct, IWalkCheck, allows ref struct
    {
        if (!PhysicalAddress.TryCreate(address, out PhysicalAddress page)) return Ended(IommuStatus.OutOfReach);
        bool mayAccess = check.MayAccess(page, PageSize.Size4K, isWrite ? AccessKind.Write : AccessKind.Read);
        return new IommuWalkResult(
            page, mayAccess ? IommuStatus.Mapped : IommuStatus.RmpViolation, 0, IoPageSize.MinShift, RightsOf(rights));
    }
}
