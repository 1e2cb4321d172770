using System.Runtime.CompilerServices;

namespace FastRmp.Iommu;

/// <summary>The rules of guest (v2) tables, which are those of long-mode paging: levels, reserved bits, rights; AMD64 APM vol. 2, chapter
/// 5.</summary>
/// <remarks>A physical-address width is not known of an IOMMU: all 52 bits are address bits. PAT, G and protection keys mean nothing to
/// it.</remarks>
internal readonly struct GuestTables
{
    private const int LargestLeafLevel = (int)PagingLevel.PageDirectoryPointer;

    private readonly ulong _reserved; // in every entry
    private readonly ulong _upperTest; // of these bits, an entry that leads to a table has P alone
    private readonly ulong _lowerTest;

    /// <summary>Takes the rules from the device table entry and the registers. Inlined, as the tests are: out of line the walk copies them
    /// at once from where they were just stored in pieces, and waits for that.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal GuestTables(in IommuState iommu, in DeviceTableEntry device)
    {
        Mode = (PagingMode)device.GuestPagingMode;
        AddressMask = PagingEntry.AddressMask & ~iommu.EncryptionMask;
        FetchForbiddenMask = iommu.HasNoExecute ? PagingEntry.NoExecuteMask : 0;
        _reserved = iommu.HasNoExecute ? 0 : PagingEntry.NoExecuteMask;
        _lowerTest = PagingEntry.PresentMask | PagingEntry.LargePageMask | _reserved;
        _upperTest = _lowerTest | Pml4e.ReservedMask;
    }

    /// <summary>Four or five levels: GuestPagingMode is encoded as CR4.LA57.</summary>
    internal PagingMode Mode { get; }

    /// <summary>4 or 5.</summary>
    internal int Levels => (int)Mode.TopLevelUnchecked();

    /// <summary>The address in an entry.</summary>
    internal ulong AddressMask { get; }

    /// <summary>NX, if it counts.</summary>
    internal ulong FetchForbiddenMask { get; }

    internal bool IsCanonical(ulong address) => new VirtualAddress(address).IsCanonicalUnchecked(Mode);

    /// <summary>Where the entry of a PASID is in a GCR3 table; a table of level 1 holds the roots.</summary>
    internal static PhysicalAddress Gcr3Address(ulong table, uint pasid, int level) =>
        PhysicalAddress.CreateUnchecked(
            table + (((pasid >> (PageArithmetic.IndexBits * (level - 1))) & PageArithmetic.IndexMask) * Gcr3TableEntry.SizeInBytes));

    /// <summary>Whether a GCR3 table, and the IOMMU, knows a PASID at all.</summary>
    internal static bool Reaches(in IommuState iommu, in DeviceTableEntry device, uint pasid) =>
        (ulong)pasid >> (PageArithmetic.IndexBits * (device.GuestLevels + 1)) == 0 && (ulong)pasid >> iommu.PasidBits == 0;

    /// <summary>Whether an entry, not of the lowest level, leads to a table and has nothing wrong: all of the other tests in one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsFollowed(ulong entry, int level) =>
        (entry & (level > LargestLeafLevel ? _upperTest : _lowerTest)) == PagingEntry.PresentMask;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool HasReservedBits(ulong entry, int level, bool isLeaf)
    {
        ulong reserved = level > LargestLeafLevel ? Pml4e.ReservedMask
            : !isLeaf || level == 1 ? 0
            : level == LargestLeafLevel ? Pdpe1G.ReservedMask : Pde2M.ReservedMask;
        return (entry & (reserved | _reserved)) != 0;
    }

    /// <summary>What the entries of all levels allow a user.</summary>
    internal DmaRights RightsOf(ulong all, ulong any)
    {
        if ((all & PagingEntry.UserMask) == 0) return DmaRights.None;
        DmaRights rights = DmaRights.Read;
        if ((all & PagingEntry.WritableMask) != 0) rights |= DmaRights.Write;
        if ((any & FetchForbiddenMask) == 0) rights |= DmaRights.Execute;
        return rights;
    }

    /// <summary>Whether a request lacks a right.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsRefused(ulong all, ulong any, in IommuRequest request, out IommuEventBits cause)
    {
        cause = IommuEventBits.None;
        if (!request.IsPrivileged && (all & PagingEntry.UserMask) == 0) cause |= IommuEventBits.User;
        if (request.IsExecute && (any & FetchForbiddenMask) != 0) cause |= IommuEventBits.NoExecute;
        return cause != IommuEventBits.None || (request.IsWrite && (all & PagingEntry.WritableMask) == 0);
    }
}
