using System.Runtime.CompilerServices;
using FastRmp.Paging;

namespace FastRmp.Iommu;

/// <content>
/// The walk of host (v1) tables: one body for every memory, check, and use. A step to the table one level below is one comparison, of
/// presence, level, reserved bits and the right needed together; whatever else an entry holds (a page, a table further below, trouble) is
/// judged behind it. IR and IW stand in the same bits of a device table entry and of a page-table entry, so that one AND combines them all.
/// </content>
public static partial class IommuWalker
{
    private const int MaxRestarts = 64;
    private const ulong Rights = IoPageTableEntry.ReadableMask | IoPageTableEntry.WritableMask;
    private const ulong LeafTest = IoPageTableEntry.PresentMask | IoPageTableEntry.NextLevelMask | IoPageTableEntry.ReservedMask;
    private const ulong ReservedInTables =
        IoPageTableEntry.ReservedMask | IoPageTableEntry.UntranslatedMask | IoPageTableEntry.ForceCoherentMask;
    private const ulong StepTest = LeafTest | ReservedInTables;
    private const ulong OneLevel = 1UL << IoPageTableEntry.NextLevelShift;
    private const ulong Kind =
        DeviceTableEntry.ValidMask | DeviceTableEntry.TranslationValidMask | DeviceTableEntry.GuestTranslationValidMask;
    private const ulong Translated = DeviceTableEntry.ValidMask | DeviceTableEntry.TranslationValidMask;

    /// <summary>A request without PASID. The common case, host tables and nothing wrong with the entry, is told in one look.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static IommuWalkResult Run<TMemory, TCheck, TMarks, TTrace>(
        scoped ref TMemory memory, in IommuState iommu, in DeviceTableEntry device, ulong address, bool isWrite, scoped ref TCheck check,
        scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, ITrace
    {
        int mode = (int)((device.Word0 & DeviceTableEntry.ModeMask) >> DeviceTableEntry.ModeShift);
        ulong need = Need(isWrite);
        bool isCommon = (device.Word0 & (Kind | need)) == (Translated | need)
            && (uint)(mode - 1) < IoPageSize.TopLevel
            && !iommu.HasReservedBits(device)
            && !iommu.NeedsCloserLook
            && Reaches(mode, address);
        if (!isCommon)
        {
            return Any<TMemory, TCheck, TMarks, TTrace>(
                ref memory, iommu, device, new IommuRequest(new DeviceAddress(address), isWrite), ref check, ref trace);
        }

        HostTables tables = new(iommu, device.Word0, need);
        return WalkOrRestart<TMemory, TCheck, TMarks, TTrace>(ref memory, tables, address, isWrite, ref check, ref trace);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static IommuWalkResult WalkOrRestart<TMemory, TCheck, TMarks, TTrace>(
        scoped ref TMemory memory, HostTables tables, ulong address, bool isWrite, scoped ref TCheck check, scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, ITrace
    {
        if (!TMarks.Writes) return Walk<TMemory, TCheck, TMarks, TTrace>(ref memory, tables, address, isWrite, ref check, ref trace);
        for (int restart = 0; ; restart++)
        {
            IommuWalkResult result = Walk<TMemory, TCheck, TMarks, TTrace>(ref memory, tables, address, isWrite, ref check, ref trace);
            if (result.Status != IommuStatus.Contended || restart == MaxRestarts) return result;
            trace.Restart();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static IommuWalkResult Walk<TMemory, TCheck, TMarks, TTrace>(
        scoped ref TMemory memory, HostTables tables, ulong address, bool isWrite, scoped ref TCheck check, scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, ITrace
    {
        ulong device = tables.Device;
        int level = (int)((device & DeviceTableEntry.ModeMask) >> DeviceTableEntry.ModeShift);
        int shift = IoPageSize.ShiftOf(level);
        ulong table = device & DeviceTableEntry.RootMask & tables.AddressMask;
        ulong all = device;
        ulong need = tables.Need;
        ulong expected = Expected(level, need);
        while (true)
        {
            PhysicalAddress entryAddress =
                PhysicalAddress.CreateUnchecked(table + (((address >> shift) & PageArithmetic.IndexMask) * IoPageTableEntry.SizeInBytes));
            if (!memory.TryRead(entryAddress, out ulong entry)) return Ended(IommuStatus.OutsideMemory, entryAddress, level);
            trace.Add(level, entryAddress, entry);
            all &= entry;
            if (((entry & StepTest) | (all & need)) == expected && level != 1)
            {
                table = entry & tables.AddressMask;
                level--;
                shift -= PageArithmetic.IndexBits;
                expected -= OneLevel;
                continue;
            }

            int sizeShift = IoPageSize.MinShift;
            ulong final = Need(isWrite);
            if ((entry & LeafTest) != IoPageTableEntry.PresentMask || level != 1 || (all & final) == 0)
            {
                IommuStatus kind = Judge(entry & ~tables.EncryptionMask, all, need, final, level, address, out int below, out sizeShift);
                if (kind == IommuStatus.RightsViolation && sizeShift != 0)
                {
                    return new IommuWalkResult(
                        PageOf(entry, tables.AddressMask, sizeShift, address), kind, level, sizeShift, RightsOf(all));
                }

                if (kind != IommuStatus.Mapped)
                {
                    return new IommuWalkResult(
                        entryAddress, kind, level, 0, kind == IommuStatus.RightsViolation ? RightsOf(all) : DmaRights.None);
                }

                if (below != 0)
                {
                    table = entry & tables.AddressMask;
                    level = below;
                    shift = IoPageSize.ShiftOf(below);
                    expected = Expected(below, need);
                    continue;
                }
            }

            PhysicalAddress page = PageOf(entry, tables.AddressMask, sizeShift, address);
            if (TMarks.Writes)
            {
                ulong marks = Marks(device, isWrite) & ~entry;
                if (marks != 0)
                {
                    if (!check.MayUseEntry(entryAddress, writes: true)) return Ended(IommuStatus.RmpViolation, entryAddress, level);
                    if (!TMarks.TrySet(ref memory, entryAddress, entry, marks)) return Ended(IommuStatus.Contended, entryAddress, level);
                }
            }

            bool mayAccess = check.MayAccess(page, CheckedSize(sizeShift, tables.LargeFrom), isWrite ? AccessKind.Write : AccessKind.Read);
            return new IommuWalkResult(page, mayAccess ? IommuStatus.Mapped : IommuStatus.RmpViolation, level, sizeShift, RightsOf(all));
        }
    }

    /// <summary>An entry that is neither a table one level below nor a 4 KiB page, or has not the right.</summary>
    /// <param name="entry">The entry, without the C-bit.</param>
    /// <param name="all">What it and all before it have in common.</param>
    /// <param name="need">The right that each level must have; zero if the leaf alone is judged.</param>
    /// <param name="final">The right that the request needs.</param>
    /// <param name="level">Its level.</param>
    /// <param name="address">The address asked for.</param>
    /// <param name="below">The level of the table that it points at; 0 if it maps a page.</param>
    /// <param name="sizeShift">Binary logarithm of the page's size; 0 without a page.</param>
    /// <returns>Mapped if the walk may go on. A right that is missing at a page comes with the page's size.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IommuStatus Judge(
        ulong entry, ulong all, ulong need, ulong final, int level, ulong address, out int below, out int sizeShift)
    {
        IoPageTableEntry found = new(entry);
        below = 0;
        sizeShift = 0;
        if (!found.Present) return IommuStatus.NotPresent;
        bool isLeaf = found.NextLevel is 0 or IoPageSize.EncodedLevel;
        if (HasReservedBits(found)) return IommuStatus.ForbiddenBits;
        bool isRefused = (isLeaf ? all & final : all & need) != (isLeaf ? final : need);
        if (isLeaf)
        {
            bool isPage = IoPageSize.TryDecode(found, level, out sizeShift);
            if (!isPage) sizeShift = 0;
            return isRefused ? IommuStatus.RightsViolation : isPage ? IommuStatus.Mapped : IommuStatus.MalformedEntry;
        }

        if (isRefused) return IommuStatus.RightsViolation;
        below = found.NextLevel;
        if (below >= level) return IommuStatus.MalformedEntry;
        return HasSkippedBits(address, level, below) ? IommuStatus.SkippedBits : IommuStatus.Mapped;
    }

    /// <summary>Whether a reserved bit of a present entry is not zero; those of a page and of a table differ.</summary>
    internal static bool HasReservedBits(IoPageTableEntry entry)
    {
        bool isLeaf = entry.NextLevel is 0 or IoPageSize.EncodedLevel;
        return (entry.Value & (isLeaf ? IoPageTableEntry.ReservedMask : ReservedInTables)) != 0;
    }

    /// <summary>Whether an address has a bit that a level left out would have indexed.</summary>
    private static bool HasSkippedBits(ulong address, int level, int below) =>
        (address & ((1UL << IoPageSize.ShiftOf(level)) - 1)) >> IoPageSize.ShiftOf(below + 1) != 0;

    /// <summary>What an entry has that points to a table one level below another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Expected(int level, ulong need) =>
        IoPageTableEntry.PresentMask | need | ((ulong)(uint)(level - 1) << IoPageTableEntry.NextLevelShift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Need(bool isWrite) => isWrite ? IoPageTableEntry.WritableMask : IoPageTableEntry.ReadableMask;

    /// <summary>Whether tables of a mode, 1 to 6, translate an address at all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Reaches(int mode, ulong address) => mode == IoPageSize.TopLevel || address >> IoPageSize.ShiftOf(mode + 1) == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static PhysicalAddress PageOf(ulong entry, ulong addressMask, int sizeShift, ulong address)
    {
        ulong offset = (1UL << sizeShift) - 1;
        return PhysicalAddress.CreateUnchecked((entry & addressMask & ~offset) | (address & offset));
    }

    /// <summary>What HAD makes the IOMMU set: Accessed, and for a write Dirty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Marks(ulong device, bool isWrite)
    {
        ulong mode = (device & DeviceTableEntry.HostAccessDirtyMask) >> DeviceTableEntry.HostAccessDirtyShift;
        if ((mode & 1) == 0) return 0;
        return isWrite && mode == 3 ? IoPageTableEntry.AccessedMask | IoPageTableEntry.DirtyMask : IoPageTableEntry.AccessedMask;
    }

    /// <summary>How far the RMP check reaches: what is smaller than 2 MiB counts as 4 KiB, or as 2 MiB by choice, since the RMP knows both
    /// sizes only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static PageSize CheckedSize(int sizeShift, int largeFrom) =>
        sizeShift < largeFrom ? PageSize.Size4K : sizeShift < PageSize.Size1G.ShiftUnchecked() ? PageSize.Size2M : PageSize.Size1G;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static DmaRights RightsOf(ulong all) => (DmaRights)((all & Rights) >> IoPageTableEntry.ReadableShift);

    private static IommuWalkResult Ended(IommuStatus status, PhysicalAddress entry = default, int level = 0) =>
        new(entry, status, level, 0, DmaRights.None);

    /// <summary>What a walk of one device's host tables depends on.</summary>
    private readonly struct HostTables
    {
        internal readonly ulong Device; // quadword 0 of its entry
        internal readonly ulong Need; // what each level must have
        internal readonly ulong EncryptionMask;
        internal readonly int LargeFrom;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal HostTables(in IommuState iommu, ulong device, ulong need)
        {
            Device = device;
            Need = need;
            EncryptionMask = iommu.EncryptionMask;
            LargeFrom = iommu.IsIntermediateSizeLarge ? IoPageSize.MinShift + 1 : PageSize.Size2M.ShiftUnchecked();
        }

        internal ulong AddressMask
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => IoPageTableEntry.AddressMask & ~EncryptionMask;
        }
    }
}
