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
        return WalkOrRestart(
            ref memory, iommu, device.Word0, isCheckedLater ? 0 : need, address, request.IsWrite, ref check, ref trace);
    }

    /// <summary>Whether a request without PASID is the common case: host tables, and nothing wrong with the entry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsCommon(in IommuState iommu, in DeviceTableEntry device, ulong address, ulong need)
    {
        int mode = (int)((device.Word0 & DeviceTableEntry.ModeMask) >> DeviceTableEntry.ModeShift);
        return (device.Word0 & (IommuRules.Kind | need)) == (IommuRules.Translated | need)
            && (uint)(mode - 1) < IoPageSize.TopLevel
            && !iommu.HasReservedBits(device)
            && !iommu.NeedsCloserLook
            && IommuRules.Reaches(mode, address);
    }

    /// <summary>A request without PASID.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static IommuWalkResult Run(
        scoped ref TMemory memory, in IommuState iommu, in DeviceTableEntry device, ulong address, bool isWrite, scoped ref TCheck check,
        scoped ref TTrace trace)
    {
        ulong need = IommuRules.Need(isWrite);
        if (!IsCommon(iommu, device, address, need))
        {
            // Of copies: whose address is taken is kept in memory, in the common case, too.
            TMemory usedMemory = memory;
            TCheck usedCheck = check;
            TTrace usedTrace = trace;
            DeviceTableEntry entry = device;
            IommuRequest request = new(new DeviceAddress(address), isWrite);
            IommuWalkResult result = Any(ref usedMemory, iommu, entry, request, ref usedCheck, ref usedTrace);
            memory = usedMemory;
            check = usedCheck;
            trace = usedTrace;
            return result;
        }

        return WalkOrRestart(ref memory, iommu, device.Word0, need, address, isWrite, ref check, ref trace);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static IommuWalkResult WalkOrRestart(
        scoped ref TMemory memory, in IommuState iommu, ulong device, ulong need, ulong address, bool isWrite, scoped ref TCheck check,
        scoped ref TTrace trace)
    {
        // As in PageWalk.Run: the types, so that the loop below is not inlined for nothing.
        if (typeof(TUpdate) == typeof(LeaveEntries<TMemory>))
        {
            return Walk(ref memory, iommu, device, need, address, isWrite, ref check, ref trace);
        }

        for (int restart = 0; ; restart++)
        {
            IommuWalkResult result = Walk(ref memory, iommu, device, need, address, isWrite, ref check, ref trace);
            if (result.Status != IommuStatus.Contended || restart == WalkLimits.MaxRestarts) return result;
            trace.Restart();
        }
    }

    /// <summary>The walk of host tables.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="iommu">The IOMMU.</param>
    /// <param name="device">Quadword 0 of the device table entry.</param>
    /// <param name="need">The right that each level must have; zero if the leaf alone is judged.</param>
    /// <param name="address">What the tables translate.</param>
    /// <param name="isWrite">Whether the request writes.</param>
    /// <param name="check">What is asked after the walk.</param>
    /// <param name="trace">Receives the entries.</param>
    /// <returns>The outcome.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static IommuWalkResult Walk(
        scoped ref TMemory memory, in IommuState iommu, ulong device, ulong need, ulong address, bool isWrite, scoped ref TCheck check,
        scoped ref TTrace trace)
    {
        ulong addressMask = IoPageTableEntry.AddressMask & ~iommu.EncryptionMask;
        int level = (int)((device & DeviceTableEntry.ModeMask) >> DeviceTableEntry.ModeShift);
        int shift = IoPageSize.ShiftOf(level);
        ulong table = device & DeviceTableEntry.RootMask & addressMask;
        ulong all = device;
        ulong expected = IommuRules.Expected(level, need);
        while (true)
        {
            PhysicalAddress entryAddress = EntryAddress(table, address, shift);
            if (!memory.TryRead(entryAddress, out ulong entry)) return IommuRules.Ended(IommuStatus.OutsideMemory, entryAddress, level);
            trace.Add(level, entryAddress, entry);
            all &= entry;
            if (((entry & IommuRules.StepTest) | (all & need)) == expected && level != 1)
            {
                table = entry & addressMask;
                level--;
                shift -= PageArithmetic.IndexBits;
                expected -= IommuRules.OneLevel;
                continue;
            }

            if ((entry & IommuRules.LeafTest) == IoPageTableEntry.PresentMask && level == 1 && (all & IommuRules.Need(isWrite)) != 0)
            {
                return AtPage(ref memory, iommu, device, address, isWrite, ref check, entryAddress, entry, all, 1, IoPageSize.MinShift);
            }

            // Of copies, and nothing follows: what the loop needs stays in registers.
            TMemory usedMemory = memory;
            TCheck usedCheck = check;
            TTrace usedTrace = trace;
            IommuWalkResult result = GoOn(
                ref usedMemory, iommu, device, need, address, isWrite, ref usedCheck, ref usedTrace, entryAddress, entry, all, level);
            memory = usedMemory;
            check = usedCheck;
            trace = usedTrace;
            return result;
        }
    }

    /// <summary>The walk from an entry on that is neither a table one level below nor a 4 KiB page, or has not the right.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IommuWalkResult GoOn(
        scoped ref TMemory memory, in IommuState iommu, ulong device, ulong need, ulong address, bool isWrite, scoped ref TCheck check,
        scoped ref TTrace trace, PhysicalAddress entryAddress, ulong entry, ulong all, int level)
    {
        ulong addressMask = IoPageTableEntry.AddressMask & ~iommu.EncryptionMask;
        ulong final = IommuRules.Need(isWrite);
        while (true)
        {
            IommuStatus kind = IommuRules.Check(
                entry & ~iommu.EncryptionMask, all, need, final, level, address, out int below, out int sizeShift);
            if (kind == IommuStatus.RightsViolation && sizeShift != 0)
            {
                return new IommuWalkResult(
                    LongModeTable.PageOf(entry, addressMask, sizeShift, address), kind, level, sizeShift, IommuRules.RightsOf(all));
            }

            if (kind != IommuStatus.Mapped)
            {
                return new IommuWalkResult(
                    entryAddress, kind, level, 0, kind == IommuStatus.RightsViolation ? IommuRules.RightsOf(all) : DmaRights.None);
            }

            if (below == 0)
            {
                return AtPage(ref memory, iommu, device, address, isWrite, ref check, entryAddress, entry, all, level, sizeShift);
            }

            level = below;
            entryAddress = EntryAddress(entry & addressMask, address, IoPageSize.ShiftOf(level));
            if (!memory.TryRead(entryAddress, out entry)) return IommuRules.Ended(IommuStatus.OutsideMemory, entryAddress, level);
            trace.Add(level, entryAddress, entry);
            all &= entry;
        }
    }

    /// <summary>The access to a page that an entry maps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static IommuWalkResult AtPage(
        scoped ref TMemory memory, in IommuState iommu, ulong device, ulong address, bool isWrite, scoped ref TCheck check,
        PhysicalAddress entryAddress, ulong entry, ulong all, int level, int sizeShift)
    {
        PhysicalAddress page = LongModeTable.PageOf(entry, IoPageTableEntry.AddressMask & ~iommu.EncryptionMask, sizeShift, address);
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

        PageSize checkedSize = IommuRules.CheckedSize(sizeShift, iommu);
        bool mayAccess = check.MayAccess(page, checkedSize, isWrite ? AccessKind.Write : AccessKind.Read);
        return new IommuWalkResult(
            page, mayAccess ? IommuStatus.Mapped : IommuStatus.RmpViolation, level, sizeShift, IommuRules.RightsOf(all));
    }

    // Not LongModeTable.EntryAddress: the level is no constant here, and a rotation by a variable is slower than a shift.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static PhysicalAddress EntryAddress(ulong table, ulong address, int shift) =>
        PhysicalAddress.CreateUnchecked(table + (((address >> shift) & PageArithmetic.IndexMask) * IoPageTableEntry.SizeInBytes));
}
