using System.Runtime.CompilerServices;

namespace FastRmp.Iommu;

/// <content>
/// The walk of guest (v2) tables: GCR3 table, long-mode tables, and for each guest physical address the host (v1) tables below, if there
/// are any. Levels strictly fall in all of them, so that it ends after at most 62 entries, whatever they hold.
/// </content>
internal static partial class IommuWalk<TMemory, TCheck, TUpdate, TTrace>
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static IommuWalkResult GuestOrRestart(
        scoped ref TMemory memory, in IommuState iommu, in DeviceTableEntry device, in IommuRequest request, scoped ref TCheck check,
        scoped ref TTrace trace)
    {
        trace.EnterNested();
        // As in PageWalk.Run: the types, so that the loop below is not inlined for nothing.
        if (typeof(TUpdate) == typeof(LeaveEntries<TMemory>))
        {
            return Guest(ref memory, iommu, device, request, ref check, ref trace);
        }

        for (int restart = 0; ; restart++)
        {
            IommuWalkResult result = Guest(ref memory, iommu, device, request, ref check, ref trace);
            if (result.Status != IommuStatus.Contended || restart == WalkLimits.MaxRestarts) return result;
            trace.Restart();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IommuWalkResult Guest(
        scoped ref TMemory memory, in IommuState iommu, in DeviceTableEntry device, in IommuRequest request, scoped ref TCheck check,
        scoped ref TTrace trace)
    {
        IommuStatus status = Gcr3(
            ref memory, iommu, device, request.Pasid ?? 0, ref check, ref trace, out ulong table, out IommuWalkResult end);
        if (status != IommuStatus.Mapped) return end;
        ulong address = request.Address.Value;
        GuestTables rules = new(iommu, device);
        if (!rules.IsCanonical(address))
        {
            return new IommuWalkResult(default, IommuStatus.NonCanonical, 0, 0, DmaRights.None, WalkStage.Guest);
        }

        bool isFlat = device.Mode == 0;
        int level = rules.Levels;
        ulong all = PagingEntry.WritableMask | PagingEntry.UserMask;
        ulong any = 0;
        while (true)
        {
            PhysicalAddress gpa = LongModeTable.EntryAddress(
                PhysicalAddress.CreateUnchecked(table), new VirtualAddress(address), (PagingLevel)level);
            PhysicalAddress place = gpa;
            if (isFlat)
            {
                if (!check.MayAccess(gpa, PageSize.Size4K, AccessKind.Read))
                {
                    return IommuRules.EndedInGuest(IommuStatus.RmpViolation, gpa, level, gpa);
                }
            }
            else
            {
                end = Host(
                    ref memory, iommu, device, gpa, isWrite: false, IoPageSize.MinShift, ref check, ref trace);
                if (!end.IsMapped) return IommuRules.InTable(end, gpa, isWrite: false, WalkStage.Guest, level);
                place = end.Address;
            }

            if (!memory.TryRead(place, out ulong entry)) return IommuRules.EndedInGuest(IommuStatus.OutsideMemory, place, level, gpa);
            trace.AddGuest(WalkStage.Guest, level, place, entry, isFlat ? default : gpa);
            if (level != 1 && rules.IsFollowed(entry, level) && (!TUpdate.Writes || (entry & PagingEntry.AccessedMask) != 0))
            {
                all &= entry;
                any |= entry;
                table = entry & rules.AddressMask;
                level--;
                continue;
            }

            if ((entry & PagingEntry.PresentMask) == 0) return IommuRules.EndedInGuest(IommuStatus.NotPresent, place, level, gpa);
            bool isLeaf = LongModeTable.IsLeaf(entry, (PagingLevel)level);
            if (rules.HasReservedBits(entry, level, isLeaf)) return IommuRules.EndedInGuest(IommuStatus.ForbiddenBits, place, level, gpa);
            all &= entry;
            any |= entry;
            int sizeShift = IoPageSize.ShiftOf(level);
            PhysicalAddress page = LongModeTable.PageOf(entry, rules.AddressMask, sizeShift, address);
            if (isLeaf && rules.IsRefused(all, any, request, out IommuEventBits cause))
            {
                return new IommuWalkResult(
                    place, IommuStatus.RightsViolation, level, 0, rules.RightsOf(all, any), WalkStage.Guest,
                    GuestPhysicalAddress.CreateUnchecked(page.Value), cause);
            }

            ulong bits = isLeaf && request.IsWrite ? PagingEntry.AccessedMask | PagingEntry.DirtyMask : PagingEntry.AccessedMask;
            if (TUpdate.Writes && (entry & bits) != bits)
            {
                end = Host(
                    ref memory, iommu, device, gpa, isWrite: true, IoPageSize.MinShift, ref check, ref trace);
                if (!end.IsMapped) return IommuRules.InTable(end, gpa, isWrite: true, WalkStage.Guest, level);
                if (end.Address != place || !TUpdate.TrySet(ref memory, place, entry, bits))
                {
                    return IommuRules.EndedInGuest(IommuStatus.Contended, place, level, gpa);
                }
            }

            if (!isLeaf)
            {
                table = entry & rules.AddressMask;
                level--;
                continue;
            }

            end = isFlat
                ? IommuRules.Flat(device, page, request.IsWrite, sizeShift, ref check)
                : Host(ref memory, iommu, device, page, request.IsWrite, sizeShift, ref check, ref trace);
            return IommuRules.AtPage(end, page, level, sizeShift, rules.RightsOf(all, any), request.IsWrite);
        }
    }

    /// <summary>The root of a PASID's tables.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static IommuStatus Gcr3(
        scoped ref TMemory memory, in IommuState iommu, in DeviceTableEntry device, uint pasid, scoped ref TCheck check,
        scoped ref TTrace trace, out ulong root, out IommuWalkResult end)
    {
        bool isNested = device.Mode != 0 && iommu.Gcr3IsGuestPhysical;
        ulong addressMask = Gcr3TableEntry.AddressMask & ~iommu.EncryptionMask;
        root = device.GuestCr3Table.Value & addressMask;
        if (!GuestTables.Reaches(iommu, device, pasid))
        {
            end = new IommuWalkResult(default, IommuStatus.PasidOutOfReach, 0, 0, DmaRights.None, WalkStage.Gcr3);
            return end.Status;
        }

        for (int level = device.GuestLevels + 1; level > 0; level--)
        {
            PhysicalAddress at = GuestTables.Gcr3Address(root, pasid, level);
            PhysicalAddress place = at;
            if (isNested)
            {
                IommuWalkResult host = Host(
                    ref memory, iommu, device, at, isWrite: false, IoPageSize.MinShift, ref check, ref trace);
                place = host.Address;
                if (!host.IsMapped)
                {
                    end = IommuRules.InTable(host, at, isWrite: false, WalkStage.Gcr3, level);
                    return end.Status;
                }
            }

            if (!isNested && !check.MayAccess(at, PageSize.Size4K, AccessKind.Read))
            {
                end = new IommuWalkResult(at, IommuStatus.RmpViolation, level, 0, DmaRights.None, WalkStage.Gcr3, IommuRules.Gpa(at));
            }
            else if (!memory.TryRead(place, out ulong entry))
            {
                end = new IommuWalkResult(place, IommuStatus.OutsideMemory, level, 0, DmaRights.None, WalkStage.Gcr3, IommuRules.Gpa(at));
            }
            else
            {
                trace.AddGuest(WalkStage.Gcr3, level, place, entry, isNested ? at : default);
                root = entry & addressMask;
                if ((entry & Gcr3TableEntry.ValidMask) != 0) continue;
                end = new IommuWalkResult(place, IommuStatus.InvalidGcr3, level, 0, DmaRights.None, WalkStage.Gcr3, IommuRules.Gpa(at));
            }

            return end.Status;
        }

        end = default;
        return IommuStatus.Mapped;
    }

    /// <summary>Translates a guest physical address, and performs an access there as far as rights and checks are concerned. Where there
    /// are no host tables, the page has the size of the guest's.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static IommuWalkResult Host(
        scoped ref TMemory memory, in IommuState iommu, in DeviceTableEntry device, PhysicalAddress gpa, bool isWrite, int flatShift,
        scoped ref TCheck check, scoped ref TTrace trace)
    {
        if (device.Mode == 0) return IommuRules.Flat(device, gpa, isWrite, flatShift, ref check);
        if (!IommuRules.Reaches(device.Mode, gpa.Value)) return IommuRules.Ended(IommuStatus.OutOfReach);
        ulong need = iommu.Choices.DmaRightsAreCheckedAtLeaf ? 0 : IommuRules.Need(isWrite);
        return Walk(ref memory, iommu, device.Word0, need, gpa.Value, isWrite, ref check, ref trace);
    }
}
