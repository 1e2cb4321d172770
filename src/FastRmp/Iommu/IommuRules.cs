using System.Runtime.CompilerServices;

namespace FastRmp.Iommu;

/// <summary>What an IOMMU makes of a device table entry and of host (v1) tables, test by test.</summary>
/// <remarks>Order of AMD I/O Virtualization Technology (IOMMU) Specification as VirtualBox DevIommuAmd.cpp reads it, with both tests for an
/// illegal entry before the rights. IR and IW are in the same bits of a device table entry and of a page-table entry, so that one AND
/// combines them all.</remarks>
internal static partial class IommuRules
{
    internal const ulong Rights = IoPageTableEntry.ReadableMask | IoPageTableEntry.WritableMask;
    internal const ulong LeafTest = IoPageTableEntry.PresentMask | IoPageTableEntry.NextLevelMask | IoPageTableEntry.ReservedMask;
    private const ulong ReservedInTables =
        IoPageTableEntry.ReservedMask | IoPageTableEntry.UntranslatedMask | IoPageTableEntry.ForceCoherentMask;
    internal const ulong StepTest = LeafTest | ReservedInTables;
    internal const ulong OneLevel = 1UL << IoPageTableEntry.NextLevelShift;
    internal const ulong Kind =
        DeviceTableEntry.ValidMask | DeviceTableEntry.TranslationValidMask | DeviceTableEntry.GuestTranslationValidMask;
    internal const ulong Translated = DeviceTableEntry.ValidMask | DeviceTableEntry.TranslationValidMask;

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
    internal static IommuStatus Check(
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
    internal static ulong Expected(int level, ulong need) =>
        IoPageTableEntry.PresentMask | need | ((ulong)(uint)(level - 1) << IoPageTableEntry.NextLevelShift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Need(bool isWrite) => isWrite ? IoPageTableEntry.WritableMask : IoPageTableEntry.ReadableMask;

    /// <summary>Whether tables of a mode, 1 to 6, translate an address at all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Reaches(int mode, ulong address) => mode == IoPageSize.TopLevel || address >> IoPageSize.ShiftOf(mode + 1) == 0;

    /// <summary>What HAD makes the IOMMU set: Accessed, and for a write Dirty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong AccessedAndDirty(ulong device, bool isWrite)
    {
        ulong mode = (device & DeviceTableEntry.HostAccessDirtyMask) >> DeviceTableEntry.HostAccessDirtyShift;
        if ((mode & 1) == 0) return 0;
        return isWrite && mode == 3 ? IoPageTableEntry.AccessedMask | IoPageTableEntry.DirtyMask : IoPageTableEntry.AccessedMask;
    }

    /// <summary>How far the RMP check reaches: what is smaller than 2 MiB counts as 4 KiB, or as 2 MiB by choice, since the RMP knows both
    /// sizes only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static PageSize CheckedSize(int sizeShift, in IommuState iommu)
    {
        if (sizeShift == IoPageSize.MinShift) return PageSize.Size4K;
        PageSize size = CheckedSize(sizeShift);
        return size == PageSize.Size4K && iommu.IsIntermediateSizeLarge ? PageSize.Size2M : size;
    }

    /// <summary>The same where the choice does not matter.</summary>
    internal static PageSize CheckedSize(int sizeShift) =>
        sizeShift < PageSize.Size2M.ShiftUnchecked() ? PageSize.Size4K
            : sizeShift < PageSize.Size1G.ShiftUnchecked() ? PageSize.Size2M : PageSize.Size1G;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static DmaRights RightsOf(ulong all) => (DmaRights)((all & Rights) >> IoPageTableEntry.ReadableShift);

    internal static IommuWalkResult Ended(IommuStatus status, PhysicalAddress entry = default, int level = 0) =>
        new(entry, status, level, 0, DmaRights.None);

    /// <summary>Whether guest (v2) tables translate a request.</summary>
    internal static bool IsGuest(in DeviceTableEntry device, in IommuRequest request) =>
        device.GuestTranslationValid && (request.Pasid is not null || device.GuestIoProtection);

    internal static IommuWalkResult Untranslated<TCheck>(ulong rights, ulong address, bool isWrite, scoped ref TCheck check)
        where TCheck : struct, IWalkCheck, allows ref struct
    {
        if (!PhysicalAddress.TryCreate(address, out PhysicalAddress page)) return Ended(IommuStatus.OutOfReach);
        bool mayAccess = check.MayAccess(page, PageSize.Size4K, isWrite ? AccessKind.Write : AccessKind.Read);
        return new IommuWalkResult(
            page, mayAccess ? IommuStatus.Mapped : IommuStatus.RmpViolation, 0, IoPageSize.MinShift, RightsOf(rights));
    }
}
