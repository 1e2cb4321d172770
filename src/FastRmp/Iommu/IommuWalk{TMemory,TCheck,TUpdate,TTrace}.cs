using System.Runtime.CompilerServices;

namespace FastRmp.Iommu;

/// <summary>
/// The walk of a device's request: one body for every memory, check, and use. In host (v1) tables a step to the table one level below is
/// one comparison, of presence, level, reserved bits and the right needed together; whatever else an entry holds (a page, a table further
/// below, trouble) is judged behind it.
/// </summary>
/// <typeparam name="TMemory">The memory.</typeparam>
/// <typeparam name="TCheck">What is asked after the walk.</typeparam>
/// <typeparam name="TUpdate">What happens to Accessed and Dirty bits.</typeparam>
/// <typeparam name="TTrace">Who wants to know the entries passed.</typeparam>
internal static partial class IommuWalk<TMemory, TCheck, TUpdate, TTrace>
    where TMemory : struct, IPhysicalMemory, allows ref struct
    where TCheck : struct, IWalkCheck, allows ref struct
    where TUpdate : struct, IEntryUpdate<TMemory>
    where TTrace : struct, ITrace
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static IommuWalkResult Any(
        scoped ref TMemory memory, in IommuState iommu, in DeviceTableEntry device, in IommuRequest request, scoped ref TCheck check,
        scoped ref TTrace trace)
    {
        ulong address = request.Address.Value;
        ModelChoices choices = iommu.Choices;
        if (!device.Valid)
        {
            if (choices.UntranslatedDmaIsChecked) return IommuRules.Untranslated(IommuRules.Rights, address, request.IsWrite, ref check);
            NoCheck none = default;
            return IommuRules.Untranslated(IommuRules.Rights, address, request.IsWrite, ref none);
        }

        ulong need = IommuRules.Need(request.IsWrite);
        bool isRefused = (device.Word0 & need) == 0;
        bool isGuest = IommuRules.IsGuest(device, request);
        bool isCheckedLater = choices.DmaRightsAreCheckedAtLeaf && device.Mode != 0; // without host tables there is no later
        IommuStatus outcome = iommu.Check(device);
        if (outcome == IommuStatus.IllegalDeviceTableEntry && choices.DeviceRightsBeforeEncoding && isRefused)
        {
            outcome = IommuStatus.RightsViolation;
        }

        if (outcome == IommuStatus.Mapped && isRefused && !isCheckedLater) outcome = IommuStatus.RightsViolation;
        if (outcome != IommuStatus.Mapped)
        {
            return new IommuWalkResult(
                default, outcome, 0, 0, outcome == IommuStatus.RightsViolation ? IommuRules.RightsOf(device.Word0) : DmaRights.None);
        }

        if (isGuest) return GuestOrRestart(ref memory, iommu, device, request, ref check, ref trace);
        if (device.Mode == 0) return IommuRules.Untranslated(device.Word0, address, request.IsWrite, ref check);
        if (!IommuRules.Reaches(device.Mode, address)) return IommuRules.Ended(IommuStatus.OutOfReach);
        HostTables tables = new(iommu, device.Word0, isCheckedLater ? 0 : need);
        return WalkOrRestart(ref memory, tables, address, request.IsWrite, ref check, ref trace);
    }

    /// <summary>A request without PASID. The common case, host tables and nothing wrong with the entry, is told in one look.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static IommuWalkResult Run(
        scoped ref TMemory memory, in IommuState iommu, in DeviceTableEntry device, ulong address, bool isWrite, scoped ref TCheck check,
        scoped ref TTrace trace)
    {
        int mode = (int)((device.Word0 & DeviceTableEntry.ModeMask) >> DeviceTableEntry.ModeShift);
        ulong need = IommuRules.Need(isWrite);
        bool isCommon = (device.Word0 & (IommuRules.Kind | need)) == (IommuRules.Translated | need)
            && (uint)(mode - 1) < IoPageSize.TopLevel
            && !iommu.HasReservedBits(device)
            && !iommu.NeedsCloserLook
            && IommuRules.Reaches(mode, address);
        if (!isCommon)
        {
            return Any(
                ref memory, iommu, device, new IommuRequest(new DeviceAddress(address), isWrite), ref check, ref trace);
        }

        HostTables tables = new(iommu, device.Word0, need);
        return WalkOrRestart(ref memory, tables, address, isWrite, ref check, ref trace);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static IommuWalkResult WalkOrRestart(
        scoped ref TMemory memory, HostTables tables, ulong address, bool isWrite, scoped ref TCheck check, scoped ref TTrace trace)
    {
        if (!TUpdate.Writes) return Walk(ref memory, tables, address, isWrite, ref check, ref trace);
        for (int restart = 0; ; restart++)
        {
            IommuWalkResult result = Walk(ref memory, tables, address, isWrite, ref check, ref trace);
            if (result.Status != IommuStatus.Contended || restart == WalkLimits.MaxRestarts) return result;
            trace.Restart();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static IommuWalkResult Walk(
        scoped ref TMemory memory, HostTables tables, ulong address, bool isWrite, scoped ref TCheck check, scoped ref TTrace trace)
    {
        ulong device = tables.Device;
        int level = (int)((device & DeviceTableEntry.ModeMask) >> DeviceTableEntry.ModeShift);
        int shift = IoPageSize.ShiftOf(level);
        ulong table = device & DeviceTableEntry.RootMask & tables.AddressMask;
        ulong all = device;
        ulong need = tables.Need;
        ulong expected = IommuRules.Expected(level, need);
        while (true)
        {
            // Not LongModeTable.EntryAddress: the level is no constant here, and a rotation by a variable is slower than a shift.
            PhysicalAddress entryAddress =
                PhysicalAddress.CreateUnchecked(table + (((address >> shift) & PageArithmetic.IndexMask) * IoPageTableEntry.SizeInBytes));
            if (!memory.TryRead(entryAddress, out ulong entry)) return IommuRules.Ended(IommuStatus.OutsideMemory, entryAddress, level);
            trace.Add(level, entryAddress, entry);
            all &= entry;
            if (((entry & IommuRules.StepTest) | (all & need)) == expected && level != 1)
            {
                table = entry & tables.AddressMask;
                level--;
                shift -= PageArithmetic.IndexBits;
                expected -= IommuRules.OneLevel;
                continue;
            }

            int sizeShift = IoPageSize.MinShift;
            ulong final = IommuRules.Need(isWrite);
            if ((entry & IommuRules.LeafTest) != IoPageTableEntry.PresentMask || level != 1 || (all & final) == 0)
            {
                IommuStatus kind = IommuRules.Check(
                    entry & ~tables.EncryptionMask, all, need, final, level, address, out int below, out sizeShift);
                if (kind == IommuStatus.RightsViolation && sizeShift != 0)
                {
                    return new IommuWalkResult(
                        LongModeTable.PageOf(entry, tables.AddressMask, sizeShift, address), kind, level, sizeShift,
                        IommuRules.RightsOf(all));
                }

                if (kind != IommuStatus.Mapped)
                {
                    return new IommuWalkResult(
                        entryAddress, kind, level, 0, kind == IommuStatus.RightsViolation ? IommuRules.RightsOf(all) : DmaRights.None);
                }

                if (below != 0)
                {
                    table = entry & tables.AddressMask;
                    level = below;
                    shift = IoPageSize.ShiftOf(below);
                    expected = IommuRules.Expected(below, need);
                    continue;
                }
            }

            PhysicalAddress page = LongModeTable.PageOf(entry, tables.AddressMask, sizeShift, address);
            if (TUpdate.Writes)
            {
                ulong bits = IommuRules.AccessedAndDirty(device, isWrite) & ~entry;
                if (bits != 0)
                {
                    if (!check.MayUseEntry(entryAddress, writes: true))
                    {
                        return IommuRules.Ended(IommuStatus.RmpViolation, entryAddress, level);
                    }

                    if (!TUpdate.TrySet(ref memory, entryAddress, entry, bits))
                    {
                        return IommuRules.Ended(IommuStatus.Contended, entryAddress, level);
                    }
                }
            }

            PageSize checkedSize = IommuRules.CheckedSize(sizeShift, tables.LargeFrom);
            bool mayAccess = check.MayAccess(page, checkedSize, isWrite ? AccessKind.Write : AccessKind.Read);
            return new IommuWalkResult(
                page, mayAccess ? IommuStatus.Mapped : IommuStatus.RmpViolation, level, sizeShift, IommuRules.RightsOf(all));
        }
    }
}
