using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <content>The walk itself: the body of <see cref="PageWalker"/> over the guest's memory, which is the same body over the nested tables;
/// its rules are that walker's.</content>
public static partial class NestedWalker
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static NestedWalkResult Run<TMemory, TCheck, TMarks, TTrace>(
        scoped ref TMemory memory, in NestedPagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check,
        scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, INestedWalkCheck
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, INestedTrace
    {
        access = PageWalker.Effective(NestedPagingState.GuestOf(state), access);
        if (!TMarks.Writes) return Try<TMemory, TCheck, TMarks, TTrace>(ref memory, state, address, access, ref check, ref trace);
        if (state.MarksOnlyAllowed)
        {
            NoCheck noCheck = default;
            NestedWalkResult plain = Translate(ref memory, state, address, access, ref noCheck);
            if (!plain.IsMapped) return plain;
        }

        for (int restart = 0; ; restart++)
        {
            NestedWalkResult result = Try<TMemory, TCheck, TMarks, TTrace>(ref memory, state, address, access, ref check, ref trace);
            if (result.Status != NestedWalkStatus.Contended || restart == PageWalker.MaxRestarts) return result;
            trace.Restart();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static NestedWalkResult Try<TMemory, TCheck, TMarks, TTrace>(
        scoped ref TMemory memory, in NestedPagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check,
        scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, INestedWalkCheck
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, INestedTrace => state.HasExecuteTrap
            ? RunOnce<TMemory, TCheck, TMarks, TTrace, ExecuteTrap>(ref memory, state, address, access, ref check, ref trace)
            : RunOnce<TMemory, TCheck, TMarks, TTrace, NoExecuteTrap>(ref memory, state, address, access, ref check, ref trace);

    /// <summary>One try: a loop over the guest's levels. It and the nested walks are methods of their own, so that what each needs stays in
    /// registers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static NestedWalkResult RunOnce<TMemory, TCheck, TMarks, TTrace, TTrap>(
        scoped ref TMemory memory, in NestedPagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check,
        scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, INestedWalkCheck
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, INestedTrace
        where TTrap : struct, IExecuteTrap
    {
        ref readonly PagingState guest = ref NestedPagingState.GuestOf(state);
        ref readonly PagingState host = ref NestedPagingState.HostOf(state);
        if (!address.IsCanonicalUnchecked(guest.Mode)) return NonCanonical;
        PhysicalAddress table = guest.Root;
        PagingLevel level = guest.TopLevel;
        ulong all = PagingEntry.WritableMask | PagingEntry.UserMask; // of the tables followed, without the leaf
        ulong any = 0;
        ulong entry;
        PhysicalAddress entryGpa;
        WalkResult place;
        while (true)
        {
            entryGpa = PageWalker.EntryAddress(table, address, level);
            place = OfGuestEntry<TMemory, TCheck, TMarks, TTrace, TTrap>(ref memory, host, entryGpa, ref check, ref trace);
            if (!place.IsMapped) return EndedAtTable(Unread(entryGpa, level), place, state, access);
            NestedCheckResult onEntry =
                check.JudgeGuestEntry(GuestPhysicalAddress.CreateUnchecked(entryGpa.Value), place.Address, place.Size, state.IsEncrypted);
            if (!onEntry.IsAllowed) return Refused(onEntry, Unread(entryGpa, level), place, state, access, isPrivate: false);
            if (!memory.TryRead(place.Address, out entry))
            {
                return new NestedWalkResult(NestedWalkStatus.OutsideMemory, Unread(entryGpa, level), place, 0);
            }

            trace.AddGuest(level, entryGpa, place.Address, entry);
            if (!PageWalker.IsFollowed(guest, entry, level)) break;
            if (TMarks.Writes && (entry & PagingEntry.AccessedMask) == 0
                && !TMarks.TrySet(ref memory, place.Address, entry, PagingEntry.AccessedMask))
            {
                return new NestedWalkResult(NestedWalkStatus.Contended, Unread(entryGpa, level), place, 0);
            }

            all &= entry;
            any |= entry;
            table = PhysicalAddress.CreateUnchecked(entry & guest.AddressMask);
            level--;
        }

        WalkResult page = PageWalker.JudgeLeaf(guest, address, access, entry, entryGpa, level, all, any);
        if (!page.IsMapped) return new NestedWalkResult(NestedWalkStatus.GuestPageFault, page, place, page.ErrorCode);
        ulong marks = access.Kind == AccessKind.Write ? PagingEntry.AccessedMask | PagingEntry.DirtyMask : PagingEntry.AccessedMask;
        if (TMarks.Writes && (entry & marks) != marks && !TMarks.TrySet(ref memory, place.Address, entry, marks))
        {
            return new NestedWalkResult(NestedWalkStatus.Contended, page, place, 0);
        }

        // With GMET U/S keeps supervisors from fetching, as SMEP does, and is nothing to data accesses; without, all are users.
        MemoryAccess nestedAccess = new(access.Kind, IsUser: !TTrap.IsOn || (access.IsUser && access.Kind == AccessKind.Fetch));
        bool isPrivate = state.IsPrivate(access.Kind, page.Address.Value, entry);
        place = TTrap.IsOn && state.LetsThrough(access)
            ? OfAnyPage<TMemory, TCheck, TMarks, TTrace>(
                ref memory, host, page.Address, new MemoryAccess(AccessKind.Fetch), ref check, ref trace)
            : OfPage<TMemory, TCheck, TMarks, TTrace>(ref memory, host, page.Address, nestedAccess, ref check, ref trace);
        if (!place.IsMapped) return EndedAtPage(page, place, state, access, isPrivate);
        NestedCheckResult verdict =
            check.JudgeAccess(GuestPhysicalAddress.CreateUnchecked(page.Address.Value), place.Address, place.Size, access, isPrivate);
        return (TTrap.IsOn || access.IsShadowStack) && !verdict.IsAllowed
            ? Refused(verdict, page, place, state, access, isPrivate)
            : new NestedWalkResult(verdict.Status, page, place, verdict.Code, isPrivate);
    }

    /// <summary>Where a guest's entry stands.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WalkResult OfGuestEntry<TMemory, TCheck, TMarks, TTrace, TTrap>(
        scoped ref TMemory memory, in PagingState host, PhysicalAddress gpa, scoped ref TCheck check, scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, INestedWalkCheck
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, INestedTrace
        where TTrap : struct, IExecuteTrap =>
            Nested<TMemory, TCheck, TMarks, TTrace>(
                ref memory, host, gpa, new MemoryAccess(AccessKind.Write, IsUser: !TTrap.IsOn), ref check, ref trace);

    /// <summary>Where the page stands that the guest's tables led to.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WalkResult OfPage<TMemory, TCheck, TMarks, TTrace>(
        scoped ref TMemory memory, in PagingState host, PhysicalAddress gpa, MemoryAccess access, scoped ref TCheck check,
        scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, INestedWalkCheck
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, INestedTrace => Nested<TMemory, TCheck, TMarks, TTrace>(ref memory, host, gpa, access, ref check, ref trace);

    /// <summary>The same where U/S of the nested tables bars no fetch: <see cref="ModelChoices.GmetAllowsUserFetches"/>.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WalkResult OfAnyPage<TMemory, TCheck, TMarks, TTrace>(
        scoped ref TMemory memory, in PagingState host, PhysicalAddress gpa, MemoryAccess access, scoped ref TCheck check,
        scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, INestedWalkCheck
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, INestedTrace =>
            OfPage<TMemory, TCheck, TMarks, TTrace>(ref memory, host.WithoutFetchBars(), gpa, access, ref check, ref trace);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static WalkResult Nested<TMemory, TCheck, TMarks, TTrace>(
        scoped ref TMemory memory, in PagingState host, PhysicalAddress gpa, MemoryAccess access, scoped ref TCheck check,
        scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, INestedWalkCheck
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, INestedTrace
    {
        NestedEntries<TCheck> entries = new(ref check);
        scoped TMemory view = memory;
        return PageWalker.RunOnce<TMemory, NestedEntries<TCheck>, TMarks, TTrace, GuestPhysicalForm>(
            ref view, host, new VirtualAddress(gpa.Value), access, ref entries, ref trace);
    }
}
