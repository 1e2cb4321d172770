using System.Runtime.CompilerServices;
using FastRmp.Addressing;
using FastRmp.Layouts;
using FastRmp.Memory;

namespace FastRmp.Paging;

/// <content>The walk itself: one body for every memory, check, and use.</content>
public static partial class PageWalker
{
    private const int MaxRestarts = 64;

    private static Translation Run<TMemory, TCheck, TMarks, TTrace>(
        scoped ref TMemory memory, in PagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check, scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
        where TMarks : struct, IMarks<TMemory>
        where TTrace : struct, ITrace
    {
        if (!address.IsCanonical(state.Mode))
        {
            return new Translation(default, 0, WalkStatus.NonCanonical, PagingLevel.None, default, default);
        }

        for (int restart = 0; ; restart++)
        {
            Translation result = RunOnce<TMemory, TCheck, TMarks, TTrace>(ref memory, state, address, access, ref check, ref trace);
            if (!TMarks.Writes || result.Status != WalkStatus.Contended || restart == MaxRestarts) return result;
            trace.Restart();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Translation RunOnce<TMemory, TCheck, TMarks, TTrace>(
        scoped ref TMemory memory, in PagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check, scoped ref TTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
        where TMarks : struct, IMarks<TMemory>
        where TTrace : struct, ITrace
    {
        PhysicalAddress table = state.Root;
        ulong all = PagingEntry.WritableMask | PagingEntry.UserMask; // AND over the levels: R/W, U/S
        ulong any = 0; // OR over the levels: NX
        PagingLevel level = state.TopLevel;
        while (true)
        {
            PhysicalAddress entryAddress = EntryAddress(table, address, level);
            if (!memory.TryRead(entryAddress, out ulong entry)) return Ended(WalkStatus.OutsideMemory, level, entryAddress, 0);
            trace.Add(level, entryAddress, entry);
            if ((entry & PagingEntry.PresentMask) == 0)
            {
                return Ended(WalkStatus.NotPresent, level, entryAddress, ErrorCode(state, access, 0));
            }

            bool leaf = IsLeaf(entry, level);
            if ((entry & ReservedBits(state, level, leaf)) != 0)
            {
                const ulong Malformed = PageFaultErrorCode.PresentMask | PageFaultErrorCode.ReservedBitMask;
                return Ended(WalkStatus.MalformedEntry, level, entryAddress, ErrorCode(state, access, Malformed));
            }

            all &= entry;
            any |= entry;
            if (leaf)
            {
                return Leaf<TMemory, TCheck, TMarks>(ref memory, state, address, access, ref check, level, entryAddress, entry, all, any);
            }

            if (!check.MayUseEntry(entryAddress, TMarks.Writes && (entry & PagingEntry.AccessedMask) == 0))
            {
                return Ended(WalkStatus.RmpViolation, level, entryAddress, ErrorCode(state, access, RmpFault));
            }

            if (TMarks.Writes && (entry & PagingEntry.AccessedMask) == 0 && !TMarks.TrySet(ref memory, entryAddress, entry, PagingEntry.AccessedMask))
            {
                return Ended(WalkStatus.Contended, level, entryAddress, 0);
            }

            table = PhysicalAddress.CreateUnchecked(entry & PagingEntry.AddressMask);
            level--;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Translation Leaf<TMemory, TCheck, TMarks>(
        scoped ref TMemory memory, in PagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check,
        PagingLevel level, PhysicalAddress entryAddress, ulong entry, ulong all, ulong any)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
        where TMarks : struct, IMarks<TMemory>
    {
        PageSize size = level.LeafSize();
        ulong offset = size.OffsetMask();
        PhysicalAddress page = PhysicalAddress.CreateUnchecked((entry & PagingEntry.AddressMask & ~offset) | (address.Value & offset));
        PagingRights rights = Rights(state, all, any);
        if (!Allows(state, access, rights))
        {
            return new Translation(page, ErrorCode(state, access, PageFaultErrorCode.PresentMask), WalkStatus.RightsViolation, level, size, rights);
        }

        ulong marks = access.Kind == AccessKind.Write ? PagingEntry.AccessedMask | PagingEntry.DirtyMask : PagingEntry.AccessedMask;
        bool writes = TMarks.Writes && (entry & marks) != marks;
        if (!check.MayUseEntry(entryAddress, writes))
        {
            return Ended(WalkStatus.RmpViolation, level, entryAddress, ErrorCode(state, access, RmpFault));
        }

        if (writes && !TMarks.TrySet(ref memory, entryAddress, entry, marks)) return Ended(WalkStatus.Contended, level, entryAddress, 0);
        return check.MayAccess(page, size, access.Kind)
            ? new Translation(page, 0, WalkStatus.Mapped, level, size, rights)
            : new Translation(page, ErrorCode(state, access, RmpFault), WalkStatus.RmpViolation, level, size, rights);
    }
}
