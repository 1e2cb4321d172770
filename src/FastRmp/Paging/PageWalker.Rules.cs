using System.Runtime.CompilerServices;
using FastRmp.Addressing;
using FastRmp.Layouts;

namespace FastRmp.Paging;

/// <content>The rules of paging, each in one place: entry address, leaf, reserved bits, rights, error code.</content>
public static partial class PageWalker
{
    private const ulong RmpFault = PageFaultErrorCode.PresentMask | PageFaultErrorCode.RmpMask;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static PhysicalAddress EntryAddress(PhysicalAddress table, VirtualAddress address, PagingLevel level) =>
        PhysicalAddress.CreateUnchecked(table.Value + (address.GetIndex(level) * PagingEntry.SizeInBytes));

    /// <summary>A PTE always maps a page, a PDE and a PDPE with PS set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsLeaf(ulong entry, PagingLevel level) =>
        level == PagingLevel.PageTable || (level <= PagingLevel.PageDirectoryPointer && (entry & PagingEntry.LargePageMask) != 0);

    /// <summary>The bits that must be zero in a present entry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ReservedBits(in PagingState state, PagingLevel level, bool leaf) => level switch
    {
        PagingLevel.PageTable => state.CommonReserved,
        PagingLevel.PageDirectory => leaf ? state.CommonReserved | Pde2M.ReservedMask : state.CommonReserved,
        PagingLevel.PageDirectoryPointer => leaf ? state.PointerReserved | Pdpe1G.ReservedMask : state.PointerReserved,
        _ => state.UpperReserved,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static PagingRights Rights(in PagingState state, ulong all, ulong any)
    {
        PagingRights rights = (PagingRights)((all & (PagingEntry.WritableMask | PagingEntry.UserMask)) >> PagingEntry.WritableShift);
        bool executes = !state.NoExecute || (any & PagingEntry.NoExecuteMask) == 0;
        return executes ? rights | PagingRights.Execute : rights;
    }

    /// <summary>The rights of all levels against one access; AMD64 APM vol. 2, 5.6.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Allows(in PagingState state, MemoryAccess access, PagingRights rights)
    {
        bool userPage = (rights & PagingRights.User) != 0;
        if (access.IsUser && !userPage) return false;
        return access.Kind switch
        {
            AccessKind.Fetch => (rights & PagingRights.Execute) != 0 && (access.IsUser || !userPage || !state.Smep),
            AccessKind.Write when (rights & PagingRights.Write) == 0 && (access.IsUser || state.WriteProtect) => false,
            _ => access.IsUser || !userPage || !state.Smap || access.MayTouchUserPages,
        };
    }

    /// <summary>The error code: the given bits, and those that tell of the access itself.</summary>
    private static uint ErrorCode(in PagingState state, MemoryAccess access, ulong bits)
    {
        if (access.Kind == AccessKind.Write) bits |= PageFaultErrorCode.WriteMask;
        if (access.IsUser) bits |= PageFaultErrorCode.UserMask;
        if (access.Kind == AccessKind.Fetch && (state.NoExecute || state.Smep)) bits |= PageFaultErrorCode.FetchMask;
        return (uint)bits;
    }

    private static Translation Ended(WalkStatus status, PagingLevel level, PhysicalAddress entryAddress, uint errorCode) =>
        new(entryAddress, errorCode, status, level, default, default);
}
