using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <content>
/// The walk itself: one body for every memory, check, and use. Each level is one call of <see cref="Read"/> and <see cref="Follow"/> with
/// the level as a constant, so that its index, masks and tests are constants too; a step over a good table entry is one comparison.
/// Whatever else a step meets, a leaf or trouble, is judged once, behind the last step. Faults are built out of line.
/// </content>
public static partial class PageWalker
{
    internal const int MaxRestarts = 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static WalkResult Run<TMemory, TCheck, TMarks, TTrace>(
        scoped ref TMemory memory, in PagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check,
        scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
        where TMarks : struct, IMarks<TMemory>
        where TTrace : struct, ITrace
    {
        access = Effective(state, access);
        if (!TMarks.Writes)
        {
            return RunOnce<TMemory, TCheck, TMarks, TTrace, LinearForm>(ref memory, state, address, access, ref check, ref trace);
        }

        if (state.MarksOnlyAllowed)
        {
            WalkResult plain = Unmarked(ref memory, state, address, access);
            if (!plain.IsMapped) return plain;
        }

        for (int restart = 0; ; restart++)
        {
            WalkResult result =
                RunOnce<TMemory, TCheck, TMarks, TTrace, LinearForm>(ref memory, state, address, access, ref check, ref trace);
            if (result.Status != WalkStatus.Contended || restart == MaxRestarts) return result;
            trace.Restart();
        }
    }

    /// <summary>What paging alone says to an access, before anything is marked: out of line, since only a choice asks for it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WalkResult Unmarked<TMemory>(
        scoped ref TMemory memory, in PagingState state, VirtualAddress address, MemoryAccess access)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        NoCheck check = default;
        NoTrace trace = default;
        return RunOnce<TMemory, NoCheck, LeaveMarks<TMemory>, NoTrace, LinearForm>(
            ref memory, state, address, access, ref check, ref trace);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static WalkResult RunOnce<TMemory, TCheck, TMarks, TTrace, TForm>(
        scoped ref TMemory memory, in PagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check,
        scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
        where TMarks : struct, IMarks<TMemory>
        where TTrace : struct, ITrace
        where TForm : struct, IForm
    {
        // Two answers a level: an entry outside the memory leaves at once, so that nothing is merged on the way of all others.
        Progress walk = Begin(state);
        if (state.Mode.IsFiveLevel())
        {
            if (!TForm.IsWalked(address, PagingMode.FiveLevel)) return NonCanonical;
            if (!Read(ref memory, address, ref trace, ref walk, PagingLevel.PageMapLevel5))
            {
                return Outside(walk, PagingLevel.PageMapLevel5, access, state);
            }

            if (!Follow<TMemory, TCheck, TMarks>(ref memory, state, ref check, ref walk, PagingLevel.PageMapLevel5))
            {
                return Stopped(walk, PagingLevel.PageMapLevel5, access, state);
            }
        }
        else if (!TForm.IsWalked(address, PagingMode.FourLevel))
        {
            return NonCanonical;
        }

        if (!Read(ref memory, address, ref trace, ref walk, PagingLevel.PageMapLevel4))
        {
            return Outside(walk, PagingLevel.PageMapLevel4, access, state);
        }

        if (!Follow<TMemory, TCheck, TMarks>(ref memory, state, ref check, ref walk, PagingLevel.PageMapLevel4))
        {
            return Stopped(walk, PagingLevel.PageMapLevel4, access, state);
        }

        if (!Read(ref memory, address, ref trace, ref walk, PagingLevel.PageDirectoryPointer))
        {
            return Outside(walk, PagingLevel.PageDirectoryPointer, access, state);
        }

        if (!Follow<TMemory, TCheck, TMarks>(ref memory, state, ref check, ref walk, PagingLevel.PageDirectoryPointer))
        {
            return Leaf<TMemory, TCheck, TMarks>(ref memory, state, address, access, ref check, walk, PagingLevel.PageDirectoryPointer);
        }

        if (!Read(ref memory, address, ref trace, ref walk, PagingLevel.PageDirectory))
        {
            return Outside(walk, PagingLevel.PageDirectory, access, state);
        }

        if (!Follow<TMemory, TCheck, TMarks>(ref memory, state, ref check, ref walk, PagingLevel.PageDirectory))
        {
            return Leaf<TMemory, TCheck, TMarks>(ref memory, state, address, access, ref check, walk, PagingLevel.PageDirectory);
        }

        if (!Read(ref memory, address, ref trace, ref walk, PagingLevel.PageTable))
        {
            return Outside(walk, PagingLevel.PageTable, access, state);
        }

        return Leaf<TMemory, TCheck, TMarks>(ref memory, state, address, access, ref check, walk, PagingLevel.PageTable);
    }

    /// <summary>Reads the entry of one level.</summary>
    /// <returns>False if it is outside the memory.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Read<TMemory, TTrace>(
        scoped ref TMemory memory, VirtualAddress address, scoped ref TTrace trace, ref Progress walk, PagingLevel level)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TTrace : struct, ITrace
    {
        PhysicalAddress entryAddress = EntryAddress(walk.Table, address, level);
        walk.EntryAddress = entryAddress;
        if (!memory.TryRead(entryAddress, out ulong entry)) return false;
        trace.Add(level, entryAddress, entry);
        walk.Entry = entry;
        return true;
    }

    /// <summary>Follows the entry read, if it is a table that may be used.</summary>
    /// <returns>False where the walk ends: at a leaf or at an obstacle.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Follow<TMemory, TCheck, TMarks>(
        scoped ref TMemory memory, in PagingState state, scoped ref TCheck check, ref Progress walk, PagingLevel level)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
        where TMarks : struct, IMarks<TMemory>
    {
        if (!IsFollowed(state, walk.Entry, level)) return false;
        bool marks = TMarks.Writes && (walk.Entry & PagingEntry.AccessedMask) == 0;
        if (!check.MayUseEntry(walk.EntryAddress, marks))
        {
            walk.Obstacle = WalkStatus.RmpViolation;
            return false;
        }

        if (marks && !TMarks.TrySet(ref memory, walk.EntryAddress, walk.Entry, PagingEntry.AccessedMask))
        {
            walk.Obstacle = WalkStatus.Contended;
            return false;
        }

        walk.All &= walk.Entry;
        walk.Any |= walk.Entry;
        walk.Table = PhysicalAddress.CreateUnchecked(walk.Entry & state.AddressMask);
        return true;
    }

    /// <summary>A level's entry that is not followed: if it is a well-formed leaf, rights come next, then the check of the page.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static WalkResult Leaf<TMemory, TCheck, TMarks>(
        scoped ref TMemory memory, in PagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check,
        in Progress walk, PagingLevel level)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
        where TMarks : struct, IMarks<TMemory>
    {
        if ((walk.Entry & LeafTest(state, level)) != LeafForm(level)) return Stopped(walk, level, access, state);
        PageSize size = level.LeafSizeUnchecked();
        ulong offset = size.OffsetMaskUnchecked();
        PhysicalAddress page = PhysicalAddress.CreateUnchecked((walk.Entry & state.AddressMask & ~offset) | (address.Value & offset));
        ulong rights = Rights(state, walk.All & walk.Entry, walk.Any | walk.Entry);
        if (IsDoubtful(state, access, walk.Entry, walk.All, walk.Any))
        {
            ulong fault = Verdict(state, access, walk.Entry, walk.All, walk.Any);
            if (fault != 0) return Refused(WalkStatus.RightsViolation, fault, page, level, rights, access, state);
        }

        ulong marks = access.Kind == AccessKind.Write ? PagingEntry.AccessedMask | PagingEntry.DirtyMask : PagingEntry.AccessedMask;
        bool writes = TMarks.Writes && (walk.Entry & marks) != marks;
        if (!check.MayUseEntry(walk.EntryAddress, writes))
        {
            return Stopped(walk with { Obstacle = WalkStatus.RmpViolation }, level, access, state);
        }

        if (writes && !TMarks.TrySet(ref memory, walk.EntryAddress, walk.Entry, marks))
        {
            return Stopped(walk with { Obstacle = WalkStatus.Contended }, level, access, state);
        }

        return check.MayAccess(page, size, access.Kind)
            ? WalkResult.Mapped(page, level, rights)
            : Refused(WalkStatus.RmpViolation, RmpFaultCode, page, level, rights, access, state);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static WalkResult Stopped(in Progress walk, PagingLevel level, MemoryAccess access, in PagingState state) =>
        Stopped(walk.Obstacle, walk.Entry, level, walk.EntryAddress, access, state);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static WalkResult Outside(in Progress walk, PagingLevel level, MemoryAccess access, in PagingState state) =>
        Stopped(WalkStatus.OutsideMemory, 0, level, walk.EntryAddress, access, state);

    /// <summary>What a walk carries from level to level, and the entry where it ended.</summary>
    internal struct Progress
    {
        internal PhysicalAddress Table;
        internal ulong All; // AND over the tables followed, without the leaf: R/W, U/S
        internal ulong Any; // OR over the same: NX
        internal PhysicalAddress EntryAddress;
        internal ulong Entry;
        internal WalkStatus Obstacle; // Mapped if the entry itself tells
    }
}
