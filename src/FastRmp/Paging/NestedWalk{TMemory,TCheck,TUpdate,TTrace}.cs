using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <summary>The nested walk itself: a loop over the guest's tables, and for each of their entries the body of
/// <see cref="PageWalk{TMemory,TCheck,TUpdate,TTrace}"/> over the nested tables.</summary>
/// <typeparam name="TMemory">The memory.</typeparam>
/// <typeparam name="TCheck">What is asked on the way.</typeparam>
/// <typeparam name="TUpdate">What happens to Accessed and Dirty bits.</typeparam>
/// <typeparam name="TTrace">Who wants to know the entries passed.</typeparam>
internal static class NestedWalk<TMemory, TCheck, TUpdate, TTrace>
    where TMemory : struct, IPhysicalMemory, allows ref struct
    where TCheck : struct, INestedWalkCheck
    where TUpdate : struct, IEntryUpdate<TMemory>
    where TTrace : struct, ITrace
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static NestedWalkResult Run(
        scoped ref TMemory memory, in NestedPagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check,
        scoped ref TTrace trace)
    {
        access = PagingRules.Effective(NestedPagingState.GuestOf(state), access);
        // As in PageWalk.Run: the types, so that the loop below is not inlined for nothing.
        if (typeof(TUpdate) == typeof(LeaveEntries<TMemory>))
        {
            return Try(ref memory, state, address, access, ref check, ref trace);
        }

        if (state.SetsAccessedOnlyIfAllowed)
        {
            NoCheck noCheck = default;
            NestedWalkResult plain = NestedWalker.Translate(ref memory, state, address, access, ref noCheck);
            if (!plain.IsMapped) return plain;
        }

        for (int restart = 0; ; restart++)
        {
            NestedWalkResult result = Try(ref memory, state, address, access, ref check, ref trace);
            if (result.Status != NestedWalkStatus.Contended || restart == WalkLimits.MaxRestarts) return result;
            trace.Restart();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static NestedWalkResult Try(
        scoped ref TMemory memory, in NestedPagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check,
        scoped ref TTrace trace) => state.HasExecuteTrap
            ? RunOnce<ExecuteTrap>(ref memory, state, address, access, ref check, ref trace)
            : RunOnce<NoExecuteTrap>(ref memory, state, address, access, ref check, ref trace);

    /// <summary>One try: a loop over the guest's levels. It and the nested walks are methods of their own, so that what each needs stays in
    /// registers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static NestedWalkResult RunOnce<TTrap>(
        scoped ref TMemory memory, in NestedPagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check,
        scoped ref TTrace trace)
        where TTrap : struct, IExecuteTrap
    {
        ref readonly PagingState guest = ref NestedPagingState.GuestOf(state);
        ref readonly PagingState host = ref NestedPagingState.HostOf(state);
        if (!address.IsCanonicalUnchecked(guest.Mode)) return NestedWalker.NonCanonical;
        WalkProgress walk = PagingRules.Begin(guest);
        PagingLevel level = guest.TopLevel;
        WalkResult place;
        while (true)
        {
            PhysicalAddress entryGpa = LongModeTable.EntryAddress(walk.Table, address, level);
            place = OfGuestEntry<TTrap>(ref memory, host, entryGpa, ref check, ref trace);
            if (!place.IsMapped) return NestedWalker.EndedAtTable(NestedWalker.Unread(entryGpa, level), place, state, access);
            NestedCheckResult onEntry =
                check.CheckGuestEntry(GuestPhysicalAddress.CreateUnchecked(entryGpa.Value), place.Address, place.Size, state.IsEncrypted);
            if (!onEntry.IsAllowed)
            {
                return NestedWalker.Refused(onEntry, NestedWalker.Unread(entryGpa, level), place, state, access, isPrivate: false);
            }

            if (!memory.TryRead(place.Address, out ulong entry))
            {
                return new NestedWalkResult(NestedWalkStatus.OutsideMemory, NestedWalker.Unread(entryGpa, level), place, 0);
            }

            walk.Entry = entry;
            walk.EntryAddress = entryGpa;
            trace.AddGuest(WalkStage.Guest, (int)level, place.Address, entry, entryGpa);
            if (!PagingRules.IsFollowed(guest, entry, level)) break;
            if (TUpdate.Writes && (entry & PagingEntry.AccessedMask) == 0
                && !TUpdate.TrySet(ref memory, place.Address, entry, PagingEntry.AccessedMask))
            {
                return new NestedWalkResult(NestedWalkStatus.Contended, NestedWalker.Unread(entryGpa, level), place, 0);
            }

            walk.All &= entry;
            walk.Any |= entry;
            walk.Table = PhysicalAddress.CreateUnchecked(entry & guest.AddressMask);
            level--;
        }

        NoCheck none = default;
        WalkResult page = PageWalk<TMemory, NoCheck, LeaveEntries<TMemory>, NoTrace>.Leaf(
            ref memory, guest, address, access, ref none, walk, level);
        if (!page.IsMapped) return new NestedWalkResult(NestedWalkStatus.GuestPageFault, page, place, page.ErrorCode);
        ulong bits = access.Kind == AccessKind.Write ? PagingEntry.AccessedMask | PagingEntry.DirtyMask : PagingEntry.AccessedMask;
        if (TUpdate.Writes && (walk.Entry & bits) != bits && !TUpdate.TrySet(ref memory, place.Address, walk.Entry, bits))
        {
            return new NestedWalkResult(NestedWalkStatus.Contended, page, place, 0);
        }

        // With GMET U/S keeps supervisors from fetching, as SMEP does, and is nothing to data accesses; without, all are users.
        MemoryAccess nestedAccess = new(access.Kind, IsUser: !TTrap.IsOn || (access.IsUser && access.Kind == AccessKind.Fetch));
        bool isPrivate = state.IsPrivate(access.Kind, page.Address.Value, walk.Entry);
        place = TTrap.IsOn && state.LetsThrough(access)
            ? OfAnyPage(ref memory, host, page.Address, new MemoryAccess(AccessKind.Fetch), ref check, ref trace)
            : OfPage(ref memory, host, page.Address, nestedAccess, ref check, ref trace);
        if (!place.IsMapped) return NestedWalker.EndedAtPage(page, place, state, access, isPrivate);
        NestedCheckResult refusal =
            check.CheckAccess(GuestPhysicalAddress.CreateUnchecked(page.Address.Value), place.Address, place.Size, access, isPrivate);
        return (TTrap.IsOn || access.IsShadowStack) && !refusal.IsAllowed
            ? NestedWalker.Refused(refusal, page, place, state, access, isPrivate)
            : new NestedWalkResult(NestedWalker.StatusOf(refusal), page, place, refusal.Code, isPrivate);
    }

    /// <summary>Where a guest's entry is.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WalkResult OfGuestEntry<TTrap>(
        scoped ref TMemory memory, in PagingState host, PhysicalAddress gpa, scoped ref TCheck check, scoped ref TTrace trace)
        where TTrap : struct, IExecuteTrap =>
            Nested(ref memory, host, gpa, new MemoryAccess(AccessKind.Write, IsUser: !TTrap.IsOn), ref check, ref trace);

    /// <summary>Where the page is that the guest's tables led to.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WalkResult OfPage(
        scoped ref TMemory memory, in PagingState host, PhysicalAddress gpa, MemoryAccess access, scoped ref TCheck check,
        scoped ref TTrace trace) => Nested(ref memory, host, gpa, access, ref check, ref trace);

    /// <summary>The same where U/S of the nested tables bars no fetch: <see cref="ModelChoices.GmetAllowsUserFetches"/>.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WalkResult OfAnyPage(
        scoped ref TMemory memory, in PagingState host, PhysicalAddress gpa, MemoryAccess access, scoped ref TCheck check,
        scoped ref TTrace trace) => OfPage(ref memory, host.WithoutKernelFetchRule(), gpa, access, ref check, ref trace);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static WalkResult Nested(
        scoped ref TMemory memory, in PagingState host, PhysicalAddress gpa, MemoryAccess access, scoped ref TCheck check,
        scoped ref TTrace trace)
    {
        NestedEntries<TCheck> entries = new(ref check);
        scoped TMemory view = memory;
        return PageWalk<TMemory, NestedEntries<TCheck>, TUpdate, TTrace>.RunOnce<GuestPhysicalForm>(
            ref view, host, new VirtualAddress(gpa.Value), access, ref entries, ref trace);
    }
}
