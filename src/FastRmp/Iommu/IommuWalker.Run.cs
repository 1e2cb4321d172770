using System.Runtime.CompilerServices;
using FastRmp.Addressing;
using FastRmp.Layouts;
using FastRmp.Memory;
using FastRmp.Paging;

namespace FastRmp.Iommu;

/// <content>
/// The walk itself: one body for every memory, check, and use. A step to the table one level below is one comparison; whatever else an entry
/// holds (a page, a table further below, trouble) is judged behind it. IR and IW stand in the same bits of a device table entry and of a
/// page-table entry, so that one AND combines them all.
/// </content>
public static partial class IommuWalker
{
    private const int MaxRestarts = 64;
    private const ulong Rights = IoPageTableEntry.ReadableMask | IoPageTableEntry.WritableMask;
    private const ulong StepTest = IoPageTableEntry.PresentMask | IoPageTableEntry.NextLevelMask;
    private const ulong OneLevel = 1UL << IoPageTableEntry.NextLevelShift;
    private const ulong Kind = DeviceTableEntry.ValidMask | DeviceTableEntry.TranslationValidMask | DeviceTableEntry.GuestTranslationValidMask;
    private const ulong Translated = DeviceTableEntry.ValidMask | DeviceTableEntry.TranslationValidMask;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static IommuTranslation Run<TMemory, TCheck, TMarks, TTrace>(
        scoped ref TMemory memory, bool isSnpEnabled, ulong device, ulong address, bool isWrite, scoped ref TCheck check, scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, ITrace
    {
        int mode = (int)((device & DeviceTableEntry.ModeMask) >> DeviceTableEntry.ModeShift);
        if ((device & Kind) != Translated || (uint)(mode - 1) >= IoPageSize.TopLevel) return Untranslated(isSnpEnabled, device, mode, address, isWrite, ref check);
        if (mode < IoPageSize.TopLevel && address >> IoPageSize.ShiftOf(mode + 1) != 0) return Ended(IommuStatus.OutOfReach);
        if (!TMarks.Writes) return Walk<TMemory, TCheck, TMarks, TTrace>(ref memory, device, mode, address, isWrite, ref check, ref trace);
        for (int restart = 0; ; restart++)
        {
            IommuTranslation result = Walk<TMemory, TCheck, TMarks, TTrace>(ref memory, device, mode, address, isWrite, ref check, ref trace);
            if (result.Status != IommuStatus.Contended || restart == MaxRestarts) return result;
            trace.Restart();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static IommuTranslation Walk<TMemory, TCheck, TMarks, TTrace>(
        scoped ref TMemory memory, ulong device, int mode, ulong address, bool isWrite, scoped ref TCheck check, scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, ITrace
    {
        int level = mode;
        int shift = IoPageSize.ShiftOf(mode);
        ulong table = device & DeviceTableEntry.RootMask;
        ulong all = device;
        ulong expected = IoPageTableEntry.PresentMask | ((ulong)(uint)(mode - 1) << IoPageTableEntry.NextLevelShift);
        while (true)
        {
            PhysicalAddress entryAddress = PhysicalAddress.CreateUnchecked(table + (((address >> shift) & IndexMask) * IoPageTableEntry.SizeInBytes));
            if (!memory.TryRead(entryAddress, out ulong entry)) return Ended(IommuStatus.OutsideMemory, entryAddress, level);
            trace.Add(level, entryAddress, entry);
            all &= entry;
            if ((entry & StepTest) == expected && level != 1)
            {
                table = entry & IoPageTableEntry.AddressMask;
                level--;
                shift -= IoPageSize.IndexBits;
                expected -= OneLevel;
                continue;
            }

            int sizeShift = IoPageSize.MinShift;
            if ((entry & StepTest) != IoPageTableEntry.PresentMask || level != 1)
            {
                IommuStatus kind = Judge(entry, level, address, out int below, out sizeShift);
                if (kind != IommuStatus.Mapped) return Ended(kind, entryAddress, level);
                if (below != 0)
                {
                    table = entry & IoPageTableEntry.AddressMask;
                    level = below;
                    shift = IoPageSize.ShiftOf(below);
                    expected = IoPageTableEntry.PresentMask | ((ulong)(uint)(below - 1) << IoPageTableEntry.NextLevelShift);
                    continue;
                }
            }

            ulong offset = (1UL << sizeShift) - 1;
            PhysicalAddress page = PhysicalAddress.CreateUnchecked((entry & IoPageTableEntry.AddressMask & ~offset) | (address & offset));
            IommuStatus status = IommuStatus.Mapped;
            if ((all & (isWrite ? IoPageTableEntry.WritableMask : IoPageTableEntry.ReadableMask)) == 0)
            {
                status = IommuStatus.RightsViolation;
            }
            else
            {
                if (TMarks.Writes)
                {
                    ulong marks = Marks(device, isWrite) & ~entry;
                    if (marks != 0)
                    {
                        if (!check.MayUseEntry(entryAddress, writes: true)) return Ended(IommuStatus.RmpViolation, entryAddress, level);
                        if (!TMarks.TrySet(ref memory, entryAddress, entry, marks)) return Ended(IommuStatus.Contended, entryAddress, level);
                    }
                }

                if (!check.MayAccess(page, CheckedSize(sizeShift), isWrite ? AccessKind.Write : AccessKind.Read)) status = IommuStatus.RmpViolation;
            }

            return new IommuTranslation(page, status, level, sizeShift, RightsOf(all));
        }
    }

    /// <summary>An entry that is neither a table one level below nor a 4 KiB page.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="level">Its level.</param>
    /// <param name="address">The address asked for.</param>
    /// <param name="below">The level of the table that it points at; 0 if it maps a page.</param>
    /// <param name="sizeShift">Binary logarithm of the page's size.</param>
    /// <returns>Mapped if the walk may go on.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IommuStatus Judge(ulong entry, int level, ulong address, out int below, out int sizeShift)
    {
        IoPageTableEntry found = new(entry);
        below = 0;
        sizeShift = 0;
        if (!found.Present) return IommuStatus.NotPresent;
        if (found.NextLevel is 0 or IoPageSize.EncodedLevel) return IoPageSize.TryDecode(found, level, out sizeShift) ? IommuStatus.Mapped : IommuStatus.MalformedEntry;
        below = found.NextLevel;
        if (below >= level) return IommuStatus.MalformedEntry;
        return HasSkippedBits(address, level, below) ? IommuStatus.NotPresent : IommuStatus.Mapped;
    }

    /// <summary>Whether an address has a bit that a level left out would have indexed.</summary>
    private static bool HasSkippedBits(ulong address, int level, int below) =>
        (address & ((1UL << IoPageSize.ShiftOf(level)) - 1)) >> IoPageSize.ShiftOf(below + 1) != 0;

    /// <summary>A device table entry that leads to no walk: see the table of V, TV and Mode.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IommuTranslation Untranslated<TCheck>(bool isSnpEnabled, ulong device, int mode, ulong address, bool isWrite, scoped ref TCheck check)
        where TCheck : struct, IWalkCheck, allows ref struct
    {
        ulong rights = device;
        if ((device & DeviceTableEntry.ValidMask) == 0)
        {
            rights = Rights;
        }
        else
        {
            if ((device & DeviceTableEntry.TranslationValidMask) == 0) return Ended(IommuStatus.NoTranslation);
            if (mode > IoPageSize.TopLevel) return Ended(IommuStatus.IllegalDeviceTableEntry);
            if ((device & DeviceTableEntry.GuestTranslationValidMask) != 0) return Ended(IommuStatus.GuestTranslationUnsupported);
            if (isSnpEnabled) return Ended(IommuStatus.IllegalDeviceTableEntry);
        }

        if (!PhysicalAddress.TryCreate(address, out PhysicalAddress page)) return Ended(IommuStatus.OutOfReach);
        IommuStatus status = (rights & (isWrite ? IoPageTableEntry.WritableMask : IoPageTableEntry.ReadableMask)) == 0 ? IommuStatus.RightsViolation
            : check.MayAccess(page, PageSize.Size4K, isWrite ? AccessKind.Write : AccessKind.Read) ? IommuStatus.Mapped
            : IommuStatus.RmpViolation;
        return new IommuTranslation(page, status, 0, IoPageSize.MinShift, RightsOf(rights));
    }

    /// <summary>What HAD makes the IOMMU set: Accessed, and for a write Dirty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Marks(ulong device, bool isWrite)
    {
        ulong mode = (device & DeviceTableEntry.HostAccessDirtyMask) >> DeviceTableEntry.HostAccessDirtyShift;
        if ((mode & 1) == 0) return 0;
        return isWrite && mode == 3 ? IoPageTableEntry.AccessedMask | IoPageTableEntry.DirtyMask : IoPageTableEntry.AccessedMask;
    }

    /// <summary>How far the RMP check reaches: what is smaller than 2 MiB counts as 4 KiB, since the RMP knows both sizes only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static PageSize CheckedSize(int sizeShift) => sizeShift < 21 ? PageSize.Size4K : sizeShift < 30 ? PageSize.Size2M : PageSize.Size1G;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static DmaRights RightsOf(ulong all) => (DmaRights)((all & Rights) >> IoPageTableEntry.ReadableShift);

    private static IommuTranslation Ended(IommuStatus status, PhysicalAddress entry = default, int level = 0) => new(entry, status, level, 0, DmaRights.None);
}
