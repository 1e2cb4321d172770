using System;
using System.Runtime.CompilerServices;
using FastRmp.Paging;

namespace FastRmp.Iommu;

/// <content>
/// The walk of guest (v2) tables: GCR3 table, long-mode tables, and for each guest physical address the host (v1) tables below, if there
/// are any. Levels strictly fall in all of them, so that it ends after at most 62 entries, whatever they hold.
/// </content>
public static partial class IommuWalker
{
    /// <summary>The root of a PASID's tables, for listings.</summary>
    internal static IommuWalkResult FindRoot<TMemory>(
        scoped ref TMemory memory, in IommuState iommu, in DeviceTableEntry device, uint pasid, out ulong root)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        NoCheck check = default;
        NoTrace trace = default;
        IommuStatus status = Gcr3<TMemory, NoCheck, PageWalker.LeaveMarks<TMemory>, NoTrace>(
            ref memory, iommu, device, pasid, ref check, ref trace, out root, out IommuWalkResult end);
        return status == IommuStatus.Mapped ? new IommuWalkResult(default, status, 0, 0, DmaRights.None) : end;
    }

    /// <summary>Where a guest table stands, for listings.</summary>
    internal static IommuWalkResult FindTable<TMemory>(
        scoped ref TMemory memory, in IommuState iommu, in DeviceTableEntry device, PhysicalAddress gpa)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        NoCheck check = default;
        NoTrace trace = default;
        IommuWalkResult place = Host<TMemory, NoCheck, PageWalker.LeaveMarks<TMemory>, NoTrace>(
            ref memory, iommu, device, gpa, isWrite: false, IoPageSize.MinShift, ref check, ref trace);
        return place.IsMapped ? place : InTable(place, gpa, isWrite: false, IommuStage.Guest, 0);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IommuWalkResult GuestOrRestart<TMemory, TCheck, TMarks, TTrace>(
        scoped ref TMemory memory, in IommuState iommu, in DeviceTableEntry device, in IommuRequest request, scoped ref TCheck check,
        scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, ITrace
    {
        trace.Enter();
        if (!TMarks.Writes) return Guest<TMemory, TCheck, TMarks, TTrace>(ref memory, iommu, device, request, ref check, ref trace);
        for (int restart = 0; ; restart++)
        {
            IommuWalkResult result = Guest<TMemory, TCheck, TMarks, TTrace>(ref memory, iommu, device, request, ref check, ref trace);
            if (result.Status != IommuStatus.Contended || restart == MaxRestarts) return result;
            trace.Restart();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IommuWalkResult Guest<TMemory, TCheck, TMarks, TTrace>(
        scoped ref TMemory memory, in IommuState iommu, in DeviceTableEntry device, in IommuRequest request, scoped ref TCheck check,
        scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, ITrace
    {
        IommuStatus status = Gcr3<TMemory, TCheck, TMarks, TTrace>(
            ref memory, iommu, device, request.Pasid ?? 0, ref check, ref trace, out ulong table, out IommuWalkResult end);
        if (status != IommuStatus.Mapped) return end;
        ulong address = request.Address.Value;
        GuestTables rules = new(iommu, device);
        if (!rules.IsCanonical(address))
        {
            return new IommuWalkResult(default, IommuStatus.NonCanonical, 0, 0, DmaRights.None, IommuStage.Guest);
        }

        bool isFlat = device.Mode == 0;
        int level = rules.Levels;
        ulong all = PagingEntry.WritableMask | PagingEntry.UserMask;
        ulong any = 0;
        while (true)
        {
            PhysicalAddress gpa = GuestTables.EntryAddress(table, address, level);
            PhysicalAddress place = gpa;
            if (isFlat)
            {
                if (!check.MayAccess(gpa, PageSize.Size4K, AccessKind.Read)) return EndedInGuest(IommuStatus.RmpViolation, gpa, level, gpa);
            }
            else
            {
                end = Host<TMemory, TCheck, TMarks, TTrace>(
                    ref memory, iommu, device, gpa, isWrite: false, IoPageSize.MinShift, ref check, ref trace);
                if (!end.IsMapped) return InTable(end, gpa, isWrite: false, IommuStage.Guest, level);
                place = end.Address;
            }

            if (!memory.TryRead(place, out ulong entry)) return EndedInGuest(IommuStatus.OutsideMemory, place, level, gpa);
            trace.AddGuest(IommuStage.Guest, level, place, entry, isFlat ? default : gpa);
            if (level != 1 && rules.IsFollowed(entry, level) && (!TMarks.Writes || (entry & PagingEntry.AccessedMask) != 0))
            {
                all &= entry;
                any |= entry;
                table = entry & rules.AddressMask;
                level--;
                continue;
            }

            if ((entry & PagingEntry.PresentMask) == 0) return EndedInGuest(IommuStatus.NotPresent, place, level, gpa);
            bool isLeaf = GuestTables.IsLeaf(entry, level);
            if (rules.HasReservedBits(entry, level, isLeaf)) return EndedInGuest(IommuStatus.ForbiddenBits, place, level, gpa);
            all &= entry;
            any |= entry;
            int sizeShift = IoPageSize.ShiftOf(level);
            PhysicalAddress page = PageOf(entry, rules.AddressMask, sizeShift, address);
            if (isLeaf && rules.IsRefused(all, any, request, out IommuEventBits cause))
            {
                return new IommuWalkResult(
                    place, IommuStatus.RightsViolation, level, 0, rules.RightsOf(all, any), IommuStage.Guest,
                    GuestPhysicalAddress.CreateUnchecked(page.Value), cause);
            }

            ulong marks = isLeaf && request.IsWrite ? PagingEntry.AccessedMask | PagingEntry.DirtyMask : PagingEntry.AccessedMask;
            if (TMarks.Writes && (entry & marks) != marks)
            {
                end = Host<TMemory, TCheck, TMarks, TTrace>(
                    ref memory, iommu, device, gpa, isWrite: true, IoPageSize.MinShift, ref check, ref trace);
                if (!end.IsMapped) return InTable(end, gpa, isWrite: true, IommuStage.Guest, level);
                if (end.Address != place || !TMarks.TrySet(ref memory, place, entry, marks))
                {
                    return EndedInGuest(IommuStatus.Contended, place, level, gpa);
                }
            }

            if (!isLeaf)
            {
                table = entry & rules.AddressMask;
                level--;
                continue;
            }

            end = isFlat
                ? Flat(device, page, request.IsWrite, sizeShift, ref check)
                : Host<TMemory, TCheck, TMarks, TTrace>(ref memory, iommu, device, page, request.IsWrite, sizeShift, ref check, ref trace);
            return AtPage(end, page, level, sizeShift, rules.RightsOf(all, any), request.IsWrite);
        }
    }

    /// <summary>The root of a PASID's tables.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IommuStatus Gcr3<TMemory, TCheck, TMarks, TTrace>(
        scoped ref TMemory memory, in IommuState iommu, in DeviceTableEntry device, uint pasid, scoped ref TCheck check,
        scoped ref TTrace trace, out ulong root, out IommuWalkResult end)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, ITrace
    {
        bool isNested = device.Mode != 0 && iommu.Gcr3IsGuestPhysical;
        ulong addressMask = Gcr3TableEntry.AddressMask & ~iommu.EncryptionMask;
        root = device.GuestCr3Table.Value & addressMask;
        if (!GuestTables.Reaches(iommu, device, pasid))
        {
            end = new IommuWalkResult(default, IommuStatus.PasidOutOfReach, 0, 0, DmaRights.None, IommuStage.Gcr3);
            return end.Status;
        }

        for (int level = device.GuestLevels + 1; level > 0; level--)
        {
            PhysicalAddress at = GuestTables.Gcr3Address(root, pasid, level);
            PhysicalAddress place = at;
            if (isNested)
            {
                IommuWalkResult host = Host<TMemory, TCheck, TMarks, TTrace>(
                    ref memory, iommu, device, at, isWrite: false, IoPageSize.MinShift, ref check, ref trace);
                place = host.Address;
                if (!host.IsMapped)
                {
                    end = InTable(host, at, isWrite: false, IommuStage.Gcr3, level);
                    return end.Status;
                }
            }

            if (!isNested && !check.MayAccess(at, PageSize.Size4K, AccessKind.Read))
            {
                end = new IommuWalkResult(at, IommuStatus.RmpViolation, level, 0, DmaRights.None, IommuStage.Gcr3, Gpa(at));
            }
            else if (!memory.TryRead(place, out ulong entry))
            {
                end = new IommuWalkResult(place, IommuStatus.OutsideMemory, level, 0, DmaRights.None, IommuStage.Gcr3, Gpa(at));
            }
            else
            {
                trace.AddGuest(IommuStage.Gcr3, level, place, entry, isNested ? at : default);
                root = entry & addressMask;
                if ((entry & Gcr3TableEntry.ValidMask) != 0) continue;
                end = new IommuWalkResult(place, IommuStatus.InvalidGcr3, level, 0, DmaRights.None, IommuStage.Gcr3, Gpa(at));
            }

            return end.Status;
        }

        end = default;
        return IommuStatus.Mapped;
    }

    /// <summary>Translates a guest physical address, and performs an access there as far as rights and checks are concerned. Where there
    /// are no host tables, the page has the size of the guest's.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IommuWalkResult Host<TMemory, TCheck, TMarks, TTrace>(
        scoped ref TMemory memory, in IommuState iommu, in DeviceTableEntry device, PhysicalAddress gpa, bool isWrite, int flatShift,
        scoped ref TCheck check, scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, ITrace
    {
        if (device.Mode == 0) return Flat(device, gpa, isWrite, flatShift, ref check);
        if (!Reaches(device.Mode, gpa.Value)) return Ended(IommuStatus.OutOfReach);
        HostTables tables = new(iommu, device.Word0, iommu.Choices.DmaRightsAreJudgedAtLeaf ? 0 : Need(isWrite));
        return Walk<TMemory, TCheck, TMarks, TTrace>(ref memory, tables, gpa.Value, isWrite, ref check, ref trace);
    }

    /// <summary>The same without host tables. The entry's rights are those of the request, which was judged before, not of each access to a
    /// table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static IommuWalkResult Flat<TCheck>(
        in DeviceTableEntry device, PhysicalAddress address, bool isWrite, int sizeShift, scoped ref TCheck check)
        where TCheck : struct, IWalkCheck, allows ref struct
    {
        PageSize size = CheckedSize(sizeShift, PageSize.Size2M.ShiftUnchecked());
        bool mayAccess = check.MayAccess(address, size, isWrite ? AccessKind.Write : AccessKind.Read);
        return new IommuWalkResult(
            address, mayAccess ? IommuStatus.Mapped : IommuStatus.RmpViolation, 0, sizeShift, RightsOf(device.Word0));
    }

    /// <summary>A request that ended on the way to an entry of GCR3 or guest tables.</summary>
    /// <param name="host">How the host tables ended it, or the check.</param>
    /// <param name="gpa">Where the entry stands for the guest.</param>
    /// <param name="isWrite">Whether the IOMMU was about to mark it.</param>
    /// <param name="stage">Its tables.</param>
    /// <param name="level">Its level there.</param>
    private static IommuWalkResult InTable(in IommuWalkResult host, PhysicalAddress gpa, bool isWrite, IommuStage stage, int level)
    {
        if (host.Status == IommuStatus.RmpViolation && host.HasPage)
        {
            return new IommuWalkResult(host.Address, host.Status, level, 0, DmaRights.None, stage, Gpa(gpa));
        }

        return new IommuWalkResult(
            host.Address, host.Status, host.Level, host.SizeShift, host.Rights, IommuStage.Nested, Gpa(gpa),
            isWrite ? IommuEventBits.Write : IommuEventBits.None);
    }

    /// <summary>A request that came to the page of guest tables.</summary>
    private static IommuWalkResult AtPage(
        in IommuWalkResult host, PhysicalAddress gpa, int level, int sizeShift, DmaRights rights, bool isWrite)
    {
        DmaRights both = rights & (host.Rights | DmaRights.Execute);
        if (host.IsMapped || (host.Status == IommuStatus.RmpViolation && host.HasPage))
        {
            return new IommuWalkResult(
                host.Address, host.Status, level, Math.Min(sizeShift, host.SizeShift), both, IommuStage.Guest, Gpa(gpa));
        }

        return new IommuWalkResult(
            host.Address, host.Status, host.Level, host.HasPage ? Math.Min(sizeShift, host.SizeShift) : 0, host.Rights, IommuStage.Nested,
            Gpa(gpa), isWrite ? IommuEventBits.Write : IommuEventBits.None);
    }

    private static IommuWalkResult EndedInGuest(IommuStatus status, PhysicalAddress place, int level, PhysicalAddress gpa) =>
        new(place, status, level, 0, DmaRights.None, IommuStage.Guest, Gpa(gpa));

    private static GuestPhysicalAddress Gpa(PhysicalAddress address) => GuestPhysicalAddress.CreateUnchecked(address.Value);
}
