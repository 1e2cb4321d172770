using System.Runtime.CompilerServices;
using FastRmp.Addressing;
using FastRmp.Layouts;
using FastRmp.Memory;

namespace FastRmp.Paging;

/// <content>The walk itself: the body of <see cref="PageWalker"/> over the guest's memory, which is the same body over the nested tables; its rules are that walker's.</content>
public static partial class NestedWalker
{
    private static MemoryAccess TableAccess => new(AccessKind.Write, IsUser: true);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static GuestTranslation Run<TMemory, TCheck, TMarks, TTrace>(
        scoped ref TMemory memory, in NestedPagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check, scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, INestedWalkCheck
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, INestedTrace
    {
        if (!TMarks.Writes) return RunOnce<TMemory, TCheck, TMarks, TTrace>(ref memory, state, address, access, ref check, ref trace);
        for (int restart = 0; ; restart++)
        {
            GuestTranslation result = RunOnce<TMemory, TCheck, TMarks, TTrace>(ref memory, state, address, access, ref check, ref trace);
            if (result.Status != NestedWalkStatus.Contended || restart == PageWalker.MaxRestarts) return result;
            trace.Restart();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static GuestTranslation RunOnce<TMemory, TCheck, TMarks, TTrace>(
        scoped ref TMemory memory, in NestedPagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check, scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, INestedWalkCheck
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, INestedTrace
    {
        ref readonly PagingState host = ref NestedPagingState.HostOf(state);
        GuestMemory<TMemory, TCheck, TMarks, TTrace> guestMemory = new(memory, host, ref check, ref trace, state.IsEncrypted);
        NoCheck noCheck = default;
        PageWalker.NoTrace noTrace = default;
        Translation guest = PageWalker.RunOnce<GuestMemory<TMemory, TCheck, TMarks, TTrace>, NoCheck, GuestMarks<TMemory, TCheck, TMarks, TTrace>, PageWalker.NoTrace, PageWalker.LinearForm>(
            ref guestMemory, NestedPagingState.GuestOf(state), address, access, ref noCheck, ref noTrace);
        if (!guest.IsMapped) return EndedInGuestTables(guest, guestMemory.Place, guestMemory.Verdict, host);

        bool isPrivate = state.IsPrivate(access.Kind, guest.Address.Value, guestMemory.Entry);
        Translation page = Nested<TMemory, TCheck, TMarks, TTrace>(ref memory, host, guest.Address, new MemoryAccess(access.Kind, IsUser: true), ref check, ref trace);
        if (!page.IsMapped) return EndedInNestedTables(guest, page, host, new MemoryAccess(access.Kind, IsUser: true), NestedPageFaultCode.FinalMask, isPrivate);
        NestedVerdict verdict = check.JudgeAccess(GuestPhysicalAddress.CreateUnchecked(guest.Address.Value), page.Address, page.Size, access, isPrivate);
        return new GuestTranslation(verdict.Status, guest, page, verdict.Code, isPrivate);
    }

    /// <summary>Where a guest's entry stands: out of line, because a walk needs it for each level of the guest's tables.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Translation OfGuestEntry<TMemory, TCheck, TMarks, TTrace>(
        scoped ref TMemory memory, in PagingState host, PhysicalAddress gpa, scoped ref TCheck check, scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, INestedWalkCheck
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, INestedTrace => Nested<TMemory, TCheck, TMarks, TTrace>(ref memory, host, gpa, TableAccess, ref check, ref trace);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Translation Nested<TMemory, TCheck, TMarks, TTrace>(
        scoped ref TMemory memory, in PagingState host, PhysicalAddress gpa, MemoryAccess access, scoped ref TCheck check, scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, INestedWalkCheck
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, INestedTrace
    {
        NestedEntries<TCheck> entries = new(ref check);
        scoped TMemory view = memory;
        return PageWalker.RunOnce<TMemory, NestedEntries<TCheck>, TMarks, TTrace, GuestPhysicalForm>(ref view, host, new VirtualAddress(gpa.Value), access, ref entries, ref trace);
    }

    /// <summary>A walk that never left the guest's tables: the guest's own fault, or the next entry could not be had.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static GuestTranslation EndedInGuestTables(in Translation guest, in Translation place, NestedVerdict verdict, in PagingState host)
    {
        if (guest.Status == WalkStatus.NonCanonical) return new GuestTranslation(NestedWalkStatus.NonCanonical, guest, default, 0);
        if (guest.Status == WalkStatus.Contended) return new GuestTranslation(NestedWalkStatus.Contended, guest, place, 0);
        if (guest.Status != WalkStatus.OutsideMemory) return new GuestTranslation(NestedWalkStatus.GuestPageFault, guest, place, guest.ErrorCode);
        if (!place.IsMapped) return EndedInNestedTables(guest, place, host, TableAccess, NestedPageFaultCode.PageTableMask, isPrivate: false);
        return verdict.IsAllowed
            ? new GuestTranslation(NestedWalkStatus.OutsideMemory, guest, place, 0)
            : new GuestTranslation(verdict.Status, guest, place, verdict.Code);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static GuestTranslation EndedInNestedTables(in Translation guest, in Translation nested, in PagingState host, MemoryAccess access, ulong where, bool isPrivate)
    {
        Translation end = nested.Status == WalkStatus.NonCanonical ? Beyond(host, access) : nested;
        return end.Status switch
        {
            WalkStatus.OutsideMemory => new GuestTranslation(NestedWalkStatus.OutsideMemory, guest, end, 0, isPrivate),
            WalkStatus.Contended => new GuestTranslation(NestedWalkStatus.Contended, guest, end, 0, isPrivate),
            WalkStatus.RmpViolation => new GuestTranslation(NestedWalkStatus.RmpViolation, guest, end, end.ErrorCode | where, isPrivate),
            _ => new GuestTranslation(NestedWalkStatus.NestedPageFault, guest, end, end.ErrorCode | where, isPrivate),
        };
    }

    /// <summary>A guest physical address that the nested tables do not reach.</summary>
    private static Translation Beyond(in PagingState host, MemoryAccess access) =>
        new(default, PageWalker.ErrorCode(access, host.ReportsFetch, 0), WalkStatus.NotPresent, host.TopLevel, default, default);
}
