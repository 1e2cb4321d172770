using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <summary>
/// The walk itself: one body for every memory, check, and use. Each level is one call of <see cref="Read"/> and <see cref="Follow"/> with
/// the level as a constant, so that its index, masks and tests are constants too; a step over a good table entry is one comparison.
/// Whatever else a step meets, a leaf or trouble, is judged once, behind the last step. Faults are built out of line.
/// </summary>
/// <typeparam name="TMemory">The memory.</typeparam>
/// <typeparam name="TCheck">What is asked after paging.</typeparam>
/// <typeparam name="TUpdate">What happens to Accessed and Dirty bits.</typeparam>
/// <typeparam name="TTrace">Who wants to know the entries passed.</typeparam>
internal static class PageWalk<TMemory, TCheck, TUpdate, TTrace>
    where TMemory : struct, IPhysicalMemory, allows ref struct
    where TCheck : struct, IWalkCheck, allows ref struct
    where TUpdate : struct, IEntryUpdate<TMemory>
    where TTrace : struct, ITrace
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static WalkResult Run(
        scoped ref TMemory memory, in PagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check,
        scoped ref TTrace trace)
    {
        access = PagingRules.Effective(state, access);
        // The types, not TUpdate.Writes: they are compared before anything is inlined. Else the JIT would inline the walk of the loop
        // below, too, for nothing, and leave calls in the other one, since a method has no more than 512 variables after inlining.
        if (typeof(TUpdate) == typeof(LeaveEntries<TMemory>))
        {
            return RunOnce<LinearForm>(ref memory, state, address, access, ref check, ref trace);
        }

        if (state.SetsAccessedOnlyIfAllowed)
        {
            WalkResult plain = Unmarked(ref memory, state, address, access);
            if (!plain.IsMapped) return plain;
        }

        for (int restart = 0; ; restart++)
        {
            WalkResult result = RunOnce<LinearForm>(ref memory, state, address, access, ref check, ref trace);
            if (result.Status != WalkStatus.Contended || restart == WalkLimits.MaxRestarts) return result;
            trace.Restart();
        }
    }

    /// <summary>What paging alone says to an access, before any bit is set: out of line, since only a choice asks for it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WalkResult Unmarked(
        scoped ref TMemory memory, in PagingState state, VirtualAddress address, MemoryAccess access)
    {
        NoCheck check = default;
        NoTrace trace = default;
        return PageWalk<TMemory, NoCheck, LeaveEntries<TMemory>, NoTrace>.RunOnce<LinearForm>(
            ref memory, state, address, access, ref check, ref trace);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static WalkResult RunOnce<TForm>(
        scoped ref TMemory memory, in PagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check,
        scoped ref TTrace trace)
        where TForm : struct, IAddressForm
    {
        // Two answers a level: an entry outside the memory leaves at once, so that nothing is merged on the way of all others.
        WalkProgress walk = PagingRules.Begin(state);
        if (state.Mode.IsFiveLevel())
        {
            if (!TForm.IsWalked(address, PagingMode.FiveLevel)) return PagingRules.NonCanonical;
            if (!Read(ref memory, address, ref trace, ref walk, PagingLevel.PageMapLevel5))
            {
                return PagingRules.Outside(walk, PagingLevel.PageMapLevel5, access, state);
            }

            if (!Follow(ref memory, state, ref check, ref walk, PagingLevel.PageMapLevel5))
            {
                return PagingRules.Stopped(walk, PagingLevel.PageMapLevel5, access, state);
            }
        }
        else if (!TForm.IsWalked(address, PagingMode.FourLevel))
        {
            return PagingRules.NonCanonical;
        }

        if (!Read(ref memory, address, ref trace, ref walk, PagingLevel.PageMapLevel4))
        {
            return PagingRules.Outside(walk, PagingLevel.PageMapLevel4, access, state);
        }

        if (!Follow(ref memory, state, ref check, ref walk, PagingLevel.PageMapLevel4))
        {
            return PagingRules.Stopped(walk, PagingLevel.PageMapLevel4, access, state);
        }

        if (!Read(ref memory, address, ref trace, ref walk, PagingLevel.PageDirectoryPointer))
        {
            return PagingRules.Outside(walk, PagingLevel.PageDirectoryPointer, access, state);
        }

        if (!Follow(ref memory, state, ref check, ref walk, PagingLevel.PageDirectoryPointer))
        {
            return Leaf(ref memory, state, address, access, ref check, walk, PagingLevel.PageDirectoryPointer);
        }

        if (!Read(ref memory, address, ref trace, ref walk, PagingLevel.PageDirectory))
        {
            return PagingRules.Outside(walk, PagingLevel.PageDirectory, access, state);
        }

        if (!Follow(ref memory, state, ref check, ref walk, PagingLevel.PageDirectory))
        {
            return Leaf(ref memory, state, address, access, ref check, walk, PagingLevel.PageDirectory);
        }

        if (!Read(ref memory, address, ref trace, ref walk, PagingLevel.PageTable))
        {
            return PagingRules.Outside(walk, PagingLevel.PageTable, access, state);
        }

        return Leaf(ref memory, state, address, access, ref check, walk, PagingLevel.PageTable);
    }

    /// <summary>Reads the entry of one level.</summary>
    /// <returns>False if it is outside the memory.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Read(
        scoped ref TMemory memory, VirtualAddress address, scoped ref TTrace trace, ref WalkProgress walk, PagingLevel level)
    {
        PhysicalAddress entryAddress = LongModeTable.EntryAddress(walk.Table, address, level);
        walk.EntryAddress = entryAddress;
        if (!memory.TryRead(entryAddress, out ulong entry)) return false;
        trace.Add((int)level, entryAddress, entry);
        walk.Entry = entry;
        return true;
    }

    /// <summary>Follows the entry read, if it is a table that may be used.</summary>
    /// <returns>False where the walk ends: at a leaf or at an obstacle.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Follow(
        scoped ref TMemory memory, in PagingState state, scoped ref TCheck check, ref WalkProgress walk, PagingLevel level)
    {
        if (!PagingRules.IsFollowed(state, walk.Entry, level)) return false;
        bool setsAccessed = TUpdate.Writes && (walk.Entry & PagingEntry.AccessedMask) == 0;
        if (!check.MayUseEntry(walk.EntryAddress, setsAccessed))
        {
            walk.Obstacle = WalkStatus.RmpViolation;
            return false;
        }

        if (setsAccessed && !TUpdate.TrySet(ref memory, walk.EntryAddress, walk.Entry, PagingEntry.AccessedMask))
        {
            walk.Obstacle = WalkStatus.Contended;
            return false;
        }

        walk.All &= walk.Entry;
        walk.Any |= walk.Entry;
        walk.Table = PhysicalAddress.CreateUnchecked(walk.Entry & state.AddressMask);
        return true;
    }

    /// <summary>A level's entry that is not followed: if it is a well-formed leaf, rights come next, then the check of the page. With
    /// <see cref="NoCheck"/> and <see cref="LeaveEntries{TMemory}"/> it is what paging alone says, as a nested walk asks for the guest's
    /// leaf.</summary>
    /// <remarks>One body with early returns: split into a judgement of the leaf and what follows it, a result or a number between both, a
    /// walk takes 13 to 30 percent longer, since the compiler then keeps what is between them in memory.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static WalkResult Leaf(
        scoped ref TMemory memory, in PagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check,
        in WalkProgress walk, PagingLevel level)
    {
        if ((walk.Entry & PagingRules.LeafTest(state, level)) != PagingRules.LeafForm(level))
        {
            return PagingRules.Stopped(walk, level, access, state);
        }

        PageSize size = level.LeafSizeUnchecked();
        PhysicalAddress page = LongModeTable.PageOf(walk.Entry, state.AddressMask, size.ShiftUnchecked(), address.Value);
        ulong rights = PagingRules.Rights(state, walk.All & walk.Entry, walk.Any | walk.Entry);
        if (PagingRules.MayBeRefused(state, access, walk.Entry, walk.All, walk.Any))
        {
            ulong fault = PagingRules.Verdict(state, access, walk.Entry, walk.All, walk.Any);
            if (fault != 0) return PagingRules.Refused(WalkStatus.RightsViolation, fault, page, level, rights, access, state);
        }

        ulong bits = access.Kind == AccessKind.Write ? PagingEntry.AccessedMask | PagingEntry.DirtyMask : PagingEntry.AccessedMask;
        bool writes = TUpdate.Writes && (walk.Entry & bits) != bits;
        if (!check.MayUseEntry(walk.EntryAddress, writes))
        {
            return PagingRules.Stopped(walk with { Obstacle = WalkStatus.RmpViolation }, level, access, state);
        }

        if (writes && !TUpdate.TrySet(ref memory, walk.EntryAddress, walk.Entry, bits))
        {
            return PagingRules.Stopped(walk with { Obstacle = WalkStatus.Contended }, level, access, state);
        }

        return check.MayAccess(page, size, access.Kind)
            ? WalkResult.Mapped(page, level, size, rights)
            : PagingRules.Refused(WalkStatus.RmpViolation, PagingRules.RmpFaultCode, page, level, rights, access, state);
    }
}
