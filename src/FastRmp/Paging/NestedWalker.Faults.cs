using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <content>Walks that end before the access may happen, and what EXITINFO1 says of it. All out of line.</content>
public static partial class NestedWalker
{
    internal static NestedWalkResult NonCanonical =>
        new(NestedWalkStatus.NonCanonical, new(default, 0, WalkStatus.NonCanonical, PagingLevel.None, default, default), default, 0);

    /// <summary>The guest's walk where its next entry could not be had.</summary>
    internal static WalkResult Unread(PhysicalAddress entryGpa, PagingLevel level) =>
        new(entryGpa, 0, WalkStatus.OutsideMemory, level, default, default);

    /// <summary>The nested tables do not lead to a guest's entry. Such an access is a write, and private if the guest's memory is
    /// encrypted.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static NestedWalkResult EndedAtTable(
        in WalkResult guest, in WalkResult nested, in NestedPagingState state, MemoryAccess access)
    {
        ulong told = NestedPageFaultCode.PageTableMask | Mode(state, access) | Encryption(state, nested.Status, state.IsEncrypted);
        return EndedInNestedTables(guest, nested, state, AccessKind.Write, told, isPrivate: false);
    }

    /// <summary>The nested tables do not lead to the page, or not for this access.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static NestedWalkResult EndedAtPage(
        in WalkResult guest, in WalkResult nested, in NestedPagingState state, MemoryAccess access, bool isPrivate)
    {
        ulong told =
            NestedPageFaultCode.FinalMask | Mode(state, access) | ShadowStack(access) | Encryption(state, nested.Status, isPrivate);
        return EndedInNestedTables(guest, nested, state, access.Kind, told, isPrivate);
    }

    private static NestedWalkResult EndedInNestedTables(
        in WalkResult guest, in WalkResult nested, in NestedPagingState state, AccessKind kind, ulong told, bool isPrivate)
    {
        WalkResult end = nested.Status == WalkStatus.NonCanonical ? Beyond(NestedPagingState.HostOf(state), kind) : nested;
        NestedWalkStatus status = end.Status switch
        {
            WalkStatus.OutsideMemory => NestedWalkStatus.OutsideMemory,
            WalkStatus.Contended => NestedWalkStatus.Contended,
            WalkStatus.RmpViolation => NestedWalkStatus.RmpViolation,
            _ => NestedWalkStatus.NestedPageFault,
        };
        bool isFault = status is NestedWalkStatus.NestedPageFault or NestedWalkStatus.RmpViolation;
        return new NestedWalkResult(status, guest, end, isFault ? end.ErrorCode | told : 0, isPrivate, state.AlignsTableFaults);
    }

    /// <summary>A check refuses. It need not know of GMET and of shadow stacks: what is told of them is the walker's matter.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static NestedWalkResult Refused(
        NestedCheckResult refusal, in WalkResult guest, in WalkResult nested, in NestedPagingState state, MemoryAccess access,
        bool isPrivate)
    {
        ulong code = refusal.Code;
        if (!refusal.IsNotValidated)
        {
            code = (code & ~NestedPageFaultCode.UserMask) | Mode(state, access);
            if (guest.IsMapped) code |= ShadowStack(access);
        }

        return new NestedWalkResult(StatusOf(refusal), guest, nested, code, isPrivate, state.AlignsTableFaults);
    }

    /// <summary>How a walk ends by what a check says.</summary>
    internal static NestedWalkStatus StatusOf(NestedCheckResult refusal) =>
        refusal.IsAllowed ? NestedWalkStatus.Mapped
        : refusal.IsNotValidated ? NestedWalkStatus.NotValidated
        : NestedWalkStatus.RmpViolation;

    /// <summary>U: nested accesses are a user's, and with GMET the guest's own CPL decides.</summary>
    private static ulong Mode(in NestedPagingState state, MemoryAccess access) =>
        state.AlwaysReportsUser || access.IsUser ? NestedPageFaultCode.UserMask : 0;

    /// <summary>SSS: of the access itself, not of those to the guest's tables.</summary>
    private static ulong ShadowStack(MemoryAccess access) =>
        access.IsShadowStack && !access.IsUser ? NestedPageFaultCode.ShadowStackMask : 0;

    /// <summary>ENC: on every fault of an SNP guest's private access, whatever the fault is about.</summary>
    private static ulong Encryption(in NestedPagingState state, WalkStatus nested, bool isPrivate)
    {
        bool isHidden = nested == WalkStatus.RmpViolation && state.HidesEncryptionOfOwnWrites;
        return isPrivate && state.ReportsEncryption && !isHidden ? NestedPageFaultCode.EncryptedMask : 0;
    }

    /// <summary>A guest physical address that the nested tables do not reach.</summary>
    private static WalkResult Beyond(in PagingState host, AccessKind kind) =>
        new(
            default, PagingRules.ErrorCode(new MemoryAccess(kind), host.ReportsFetch, 0), WalkStatus.NotPresent, host.TopLevel, default,
            default);
}
