using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <summary>The rules of paging, each in one place: leaf, reserved bits, rights, error code.</summary>
/// <remarks>AMD64 APM vol. 2, chapter 5.</remarks>
internal static class PagingRules
{
    internal const ulong RmpFaultCode = PageFaultErrorCode.PresentMask | PageFaultErrorCode.RmpMask;

    /// <summary>A walk at the root.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static WalkProgress Begin(in PagingState state) => new()
    {
        Table = state.Root,
        All = PagingEntry.WritableMask | PagingEntry.UserMask,
    };

    /// <summary>The bits of which a table that may be followed has P alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong TableTest(in PagingState state, PagingLevel level) =>
        level <= PagingLevel.PageDirectoryPointer
            ? state.LowerTableTest
            : level == PagingLevel.PageMapLevel4
            ? state.UpperTableTest
            : state.TopTableTest;

    /// <summary>Whether an entry is that of a table that may be used.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsFollowed(in PagingState state, ulong entry, PagingLevel level) =>
        level != PagingLevel.PageTable && (entry & TableTest(state, level)) == PagingEntry.PresentMask;

    /// <summary>The bits of which a well-formed leaf has those of <see cref="LeafForm"/> alone. Upper levels have no leaf: nothing
    /// fits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong LeafTest(in PagingState state, PagingLevel level) => level switch
    {
        PagingLevel.PageTable => state.SmallLeafTest,
        PagingLevel.PageDirectory => state.LargeLeafTest,
        PagingLevel.PageDirectoryPointer => state.GigabyteLeafTest,
        _ => 0,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong LeafForm(PagingLevel level) =>
        level == PagingLevel.PageTable ? PagingEntry.PresentMask : PagingEntry.PresentMask | PagingEntry.LargePageMask;

    /// <summary>The bits of <see cref="PagingRights"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Rights(in PagingState state, ulong all, ulong any)
    {
        ulong rights = (all & (PagingEntry.WritableMask | PagingEntry.UserMask)) >> PagingEntry.WritableShift;
        return (any & state.FetchForbiddenMask) == 0 ? rights | (ulong)PagingRights.Execute : rights;
    }

    /// <summary>An access as it is judged: without CR4.CET there are no shadow stacks, and a fetch is none's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static MemoryAccess Effective(in PagingState state, MemoryAccess access) =>
        access.IsShadowStack && (!state.ShadowStacks || access.Kind == AccessKind.Fetch) ? access with { IsShadowStack = false } : access;

    /// <summary>The bits of all levels together against one access: what every level needs, and what must not be; AMD64 APM vol. 2,
    /// 5.6.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Violations(in PagingState state, MemoryAccess access, ulong leaf, ulong above, ulong aboveAny)
    {
        if (access.IsShadowStack) return ShadowStackViolations(access, leaf, above);
        ulong all = above & leaf;
        ulong any = aboveAny | leaf;
        ulong needs = access.IsUser ? PagingEntry.UserMask : 0;
        if (access.Kind == AccessKind.Write) needs |= access.IsUser ? PagingEntry.WritableMask : state.KernelWriteNeeds;
        ulong bars = access.IsUser ? 0
            : access.Kind == AccessKind.Fetch ? state.KernelFetchForbiddenMask
            : access.MayTouchUserPages ? 0
            : state.KernelDataForbiddenMask;
        ulong violation = (all & (needs | bars)) ^ needs;
        return access.Kind == AccessKind.Fetch ? violation | (any & state.FetchForbiddenMask) : violation;
    }

    /// <summary>What a page lacks to be a shadow stack of the access's mode: Dirty and R/W = 0 in the leaf, R/W = 1 in all levels above,
    /// and U/S as the mode has it. CR0.WP and SMAP do not matter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ShadowStackViolations(MemoryAccess access, ulong leaf, ulong above)
    {
        ulong mode = access.IsUser ? PagingEntry.UserMask : 0;
        return (~above & PagingEntry.WritableMask) | (leaf & PagingEntry.WritableMask) | (~leaf & PagingEntry.DirtyMask)
            | ((above & leaf & PagingEntry.UserMask) ^ mode);
    }

    /// <summary>Whether a leaf may not be used without a closer look: a right is missing, or there are protection keys and the leaf's may
    /// forbid the access.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool MayBeRefused(in PagingState state, MemoryAccess access, ulong leaf, ulong all, ulong any)
    {
        ulong violations = Violations(state, access, leaf, all, any);
        return (access.Kind == AccessKind.Fetch ? violations : violations | (leaf & state.Keys.KeyCheckMask)) != 0;
    }

    /// <summary>The closer look: rights and protection keys. A key that forbids the access is told whatever else is violation
    /// too.</summary>
    /// <returns>The bits of the error code that say why; zero if the access is allowed after all.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a call on the way to the page would cost every walk its registers
    internal static ulong Verdict(in PagingState state, MemoryAccess access, ulong leaf, ulong all, ulong any)
    {
        const ulong KeyFault = PageFaultErrorCode.PresentMask | PageFaultErrorCode.ProtectionKeyMask;
        if (access.Kind != AccessKind.Fetch && state.Keys.Forbid(new PagingEntry(leaf), (all & leaf & PagingEntry.UserMask) != 0, access))
        {
            return KeyFault;
        }

        return Violations(state, access, leaf, all, any) == 0 ? 0 : PageFaultErrorCode.PresentMask;
    }

    /// <summary>The error code: the given bits, and those that tell of the access itself.</summary>
    internal static uint ErrorCode(MemoryAccess access, bool reportsFetch, ulong bits)
    {
        if (access.Kind == AccessKind.Write) bits |= PageFaultErrorCode.WriteMask;
        if (access.IsUser) bits |= PageFaultErrorCode.UserMask;
        if (access.Kind == AccessKind.Fetch && reportsFetch) bits |= PageFaultErrorCode.FetchMask;
        if (access.IsShadowStack) bits |= PageFaultErrorCode.ShadowStackMask;
        return (uint)bits;
    }

    internal static WalkResult NonCanonical => new(default, 0, WalkStatus.NonCanonical, PagingLevel.None, default, default);

    /// <summary>A walk that ended at an entry: at an obstacle that the step met, else for what the entry holds.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WalkResult Stopped(
        WalkStatus obstacle, ulong entry, PagingLevel level, PhysicalAddress entryAddress, MemoryAccess access, in PagingState state)
    {
        const ulong Malformed = PageFaultErrorCode.PresentMask | PageFaultErrorCode.ReservedBitMask;
        (WalkStatus status, uint errorCode) = obstacle switch
        {
            WalkStatus.RmpViolation => (obstacle, ErrorCode(access, state.ReportsFetch, RmpFaultCode)),
            WalkStatus.OutsideMemory or WalkStatus.Contended => (obstacle, 0U),
            _ when (entry & PagingEntry.PresentMask) == 0 => (WalkStatus.NotPresent, ErrorCode(access, state.ReportsFetch, 0)),
            _ => (WalkStatus.MalformedEntry, ErrorCode(access, state.ReportsFetch, Malformed)),
        };
        return new WalkResult(entryAddress, errorCode, status, level, default, default);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static WalkResult Stopped(in WalkProgress walk, PagingLevel level, MemoryAccess access, in PagingState state) =>
        Stopped(walk.Obstacle, walk.Entry, level, walk.EntryAddress, access, state);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static WalkResult Outside(in WalkProgress walk, PagingLevel level, MemoryAccess access, in PagingState state) =>
        Stopped(WalkStatus.OutsideMemory, 0, level, walk.EntryAddress, access, state);

    /// <summary>A walk that found the page and ends there: rights or the RMP are against it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static WalkResult Refused(
        WalkStatus status, ulong bits, PhysicalAddress page, PagingLevel level, ulong rights, MemoryAccess access, in PagingState state) =>
        new(page, ErrorCode(access, state.ReportsFetch, bits), status, level, level.LeafSizeUnchecked(), (PagingRights)rights);
}
