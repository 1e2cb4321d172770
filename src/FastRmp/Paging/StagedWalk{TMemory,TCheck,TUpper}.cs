using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <summary>Walks that are interrupted between levels or begin in a cache: the steps of
/// <see cref="PageWalk{TMemory,TCheck,TUpdate,TTrace}"/> one by one, without setting bits and without traces.</summary>
/// <typeparam name="TMemory">The memory.</typeparam>
/// <typeparam name="TCheck">What is asked after paging.</typeparam>
/// <typeparam name="TUpper">Where a walk may begin.</typeparam>
internal static class StagedWalk<TMemory, TCheck, TUpper>
    where TMemory : struct, IPhysicalMemory, allows ref struct
    where TCheck : struct, IWalkCheck, allows ref struct
    where TUpper : struct, IUpperLevels
{
    /// <summary>A walk as a whole.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static WalkResult Run(
        scoped ref TMemory memory, in PagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check,
        scoped ref TUpper upper)
    {
        access = PagingRules.Effective(state, access);
        WalkProgress walk = PagingRules.Begin(state);
        if (!Start(ref memory, state, address, access, ref check, ref upper, ref walk, out PagingLevel level, out WalkResult result))
        {
            return result;
        }

        if (level == PagingLevel.PageDirectory)
        {
            if (!Descend(ref memory, state, address, ref check, ref walk, PagingLevel.PageDirectory))
            {
                return Leaf(
                    ref memory, state, address, access, ref check, walk, PagingLevel.PageDirectory);
            }

            upper.Add(address, walk, PagingLevel.PageTable);
        }

        return Read(ref memory, address, ref walk, PagingLevel.PageTable)
            ? Leaf(ref memory, state, address, access, ref check, walk, PagingLevel.PageTable)
            : PagingRules.Outside(walk, PagingLevel.PageTable, access, state);
    }

    /// <summary>Reads the entry of one level.</summary>
    /// <returns>False if it is outside the memory.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Read(scoped ref TMemory memory, VirtualAddress address, ref WalkProgress walk, PagingLevel level)
    {
        NoTrace trace = default;
        return PageWalk<TMemory, TCheck, LeaveEntries<TMemory>, NoTrace>.Read(ref memory, address, ref trace, ref walk, level);
    }

    /// <summary>Judges the entry read, which is not followed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static WalkResult Leaf(
        scoped ref TMemory memory, in PagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check,
        in WalkProgress walk, PagingLevel level) =>
            PageWalk<TMemory, TCheck, LeaveEntries<TMemory>, NoTrace>.Leaf(ref memory, state, address, access, ref check, walk, level);

    /// <summary>One level: reads the entry and, if it is a table that may be used, follows it.</summary>
    /// <returns>False where the walk ends: at a leaf or at an obstacle.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Descend(
        scoped ref TMemory memory, in PagingState state, VirtualAddress address, scoped ref TCheck check, ref WalkProgress walk,
        PagingLevel level)
    {
        if (Read(ref memory, address, ref walk, level))
        {
            return PageWalk<TMemory, TCheck, LeaveEntries<TMemory>, NoTrace>.Follow(ref memory, state, ref check, ref walk, level);
        }

        walk.Obstacle = WalkStatus.OutsideMemory;
        walk.Entry = 0; // no leaf
        return false;
    }

    /// <summary>Goes from the root, or from where a cache knows the way, to the page directory or the page table.</summary>
    /// <returns>False if the walk is over: then the result is complete; else the level says what
    /// <see cref="WalkProgress.Table"/> is.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Start(
        scoped ref TMemory memory,
        in PagingState state,
        VirtualAddress address,
        MemoryAccess access,
        scoped ref TCheck check,
        scoped ref TUpper upper,
        ref WalkProgress walk,
        out PagingLevel level,
        out WalkResult result)
    {
        result = default;
        level = PagingLevel.None;
        if (!address.IsCanonicalUnchecked(state.Mode))
        {
            result = PagingRules.NonCanonical;
            return false;
        }

        level = upper.Find(address, ref walk);
        if (level != PagingLevel.None) return true;
        if (state.Mode.IsFiveLevel()
            && !Descend(ref memory, state, address, ref check, ref walk, PagingLevel.PageMapLevel5))
        {
            result = PagingRules.Stopped(walk, PagingLevel.PageMapLevel5, access, state);
            return false;
        }

        if (!Descend(ref memory, state, address, ref check, ref walk, PagingLevel.PageMapLevel4))
        {
            result = PagingRules.Stopped(walk, PagingLevel.PageMapLevel4, access, state);
            return false;
        }

        if (!Descend(ref memory, state, address, ref check, ref walk, PagingLevel.PageDirectoryPointer))
        {
            result = Leaf(
                ref memory, state, address, access, ref check, walk, PagingLevel.PageDirectoryPointer);
            return false;
        }

        level = PagingLevel.PageDirectory;
        upper.Add(address, walk, level);
        return true;
    }
}
