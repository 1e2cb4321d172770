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

    /// <summary>One try: a loop over the guest's levels. It and the nested walks are methods of their own, so that what each needs stays in registers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static GuestTranslation RunOnce<TMemory, TCheck, TMarks, TTrace>(
        scoped ref TMemory memory, in NestedPagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check, scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, INestedWalkCheck
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, INestedTrace
    {
        ref readonly PagingState guest = ref NestedPagingState.GuestOf(state);
        ref readonly PagingState host = ref NestedPagingState.HostOf(state);
        if (!address.IsCanonical(guest.Mode)) return NonCanonical;
        PhysicalAddress table = guest.Root;
        PagingLevel level = guest.TopLevel;
        ulong all = PagingEntry.WritableMask | PagingEntry.UserMask;
        ulong any = 0;
        ulong entry;
        PhysicalAddress entryGpa;
        Translation place;
        while (true)
        {
            entryGpa = PageWalker.EntryAddress(table, address, level);
            place = OfGuestEntry<TMemory, TCheck, TMarks, TTrace>(ref memory, host, entryGpa, ref check, ref trace);
            if (!place.IsMapped) return EndedInNestedTables(Unread(entryGpa, level), place, host, TableAccess, NestedPageFaultCode.PageTableMask, isPrivate: false);
            NestedVerdict onEntry = check.JudgeGuestEntry(GuestPhysicalAddress.CreateUnchecked(entryGpa.Value), place.Address, place.Size, state.IsEncrypted);
            if (!onEntry.IsAllowed) return new GuestTranslation(onEntry.Status, Unread(entryGpa, level), place, onEntry.Code);
            if (!memory.TryRead(place.Address, out entry)) return new GuestTranslation(NestedWalkStatus.OutsideMemory, Unread(entryGpa, level), place, 0);
            trace.AddGuest(level, entryGpa, place.Address, entry);
            all &= entry;
            any |= entry;
            if (!PageWalker.IsFollowed(guest, entry, level)) break;
            if (TMarks.Writes && (entry & PagingEntry.AccessedMask) == 0 && !TMarks.TrySet(ref memory, place.Address, entry, PagingEntry.AccessedMask))
            {
                return new GuestTranslation(NestedWalkStatus.Contended, Unread(entryGpa, level), place, 0);
            }

            table = PhysicalAddress.CreateUnchecked(entry & guest.AddressMask);
            level--;
        }

        Translation page = PageWalker.JudgeLeaf(guest, address, access, entry, entryGpa, level, all, any);
        if (!page.IsMapped) return new GuestTranslation(NestedWalkStatus.GuestPageFault, page, place, page.ErrorCode);
        ulong marks = access.Kind == AccessKind.Write ? PagingEntry.AccessedMask | PagingEntry.DirtyMask : PagingEntry.AccessedMask;
        if (TMarks.Writes && (entry & marks) != marks && !TMarks.TrySet(ref memory, place.Address, entry, marks))
        {
            return new GuestTranslation(NestedWalkStatus.Contended, page, place, 0);
        }

        MemoryAccess nestedAccess = new(access.Kind, IsUser: true);
        bool isPrivate = state.IsPrivate(access.Kind, page.Address.Value, entry);
        place = OfPage<TMemory, TCheck, TMarks, TTrace>(ref memory, host, page.Address, nestedAccess, ref check, ref trace);
        if (!place.IsMapped) return EndedInNestedTables(page, place, host, nestedAccess, NestedPageFaultCode.FinalMask, isPrivate);
        NestedVerdict verdict = check.JudgeAccess(GuestPhysicalAddress.CreateUnchecked(page.Address.Value), place.Address, place.Size, access, isPrivate);
        return new GuestTranslation(verdict.Status, page, place, verdict.Code, isPrivate);
    }

    /// <summary>Where a guest's entry stands.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Translation OfGuestEntry<TMemory, TCheck, TMarks, TTrace>(
        scoped ref TMemory memory, in PagingState host, PhysicalAddress gpa, scoped ref TCheck check, scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, INestedWalkCheck
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, INestedTrace => Nested<TMemory, TCheck, TMarks, TTrace>(ref memory, host, gpa, TableAccess, ref check, ref trace);

    /// <summary>Where the page stands that the guest's tables led to.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Translation OfPage<TMemory, TCheck, TMarks, TTrace>(
        scoped ref TMemory memory, in PagingState host, PhysicalAddress gpa, MemoryAccess access, scoped ref TCheck check, scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, INestedWalkCheck
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, INestedTrace => Nested<TMemory, TCheck, TMarks, TTrace>(ref memory, host, gpa, access, ref check, ref trace);

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

    private static GuestTranslation NonCanonical => new(NestedWalkStatus.NonCanonical, new(default, 0, WalkStatus.NonCanonical, PagingLevel.None, default, default), default, 0);

    /// <summary>The guest's walk where its next entry could not be had.</summary>
    private static Translation Unread(PhysicalAddress entryGpa, PagingLevel level) => new(entryGpa, 0, WalkStatus.OutsideMemory, level, default, default);

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
