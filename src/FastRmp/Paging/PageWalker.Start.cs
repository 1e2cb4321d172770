using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <content>The part of a walk above the page directory, for walks that are interrupted or begin in a cache.</content>
public static partial class PageWalker
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Progress Begin(in PagingState state) => new()
    {
        Table = state.Root,
        All = PagingEntry.WritableMask | PagingEntry.UserMask,
    };

    /// <summary>One level: reads the entry and, if it is a table that may be used, follows it.</summary>
    /// <returns>False where the walk ends: at a leaf or at an obstacle.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Descend<TMemory, TCheck>(
        scoped ref TMemory memory, in PagingState state, VirtualAddress address, scoped ref TCheck check, ref Progress walk,
        PagingLevel level)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
    {
        NoTrace trace = default;
        if (Read(ref memory, address, ref trace, ref walk, level))
        {
            return Follow<TMemory, TCheck, LeaveMarks<TMemory>>(ref memory, state, ref check, ref walk, level);
        }

        walk.Obstacle = WalkStatus.OutsideMemory;
        walk.Entry = 0; // no leaf
        return false;
    }

    /// <summary>Goes from the root, or from where a cache knows the way, to the page directory or the page table.</summary>
    /// <returns>False if the walk is over: then the result is complete; else the level says what <see cref="Progress.Table"/> is.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Start<TMemory, TCheck, TUpper>(
        scoped ref TMemory memory,
        in PagingState state,
        VirtualAddress address,
        MemoryAccess access,
        scoped ref TCheck check,
        scoped ref TUpper upper,
        ref Progress walk,
        out PagingLevel level,
        out WalkResult result)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
        where TUpper : struct, IUpperLevels
    {
        result = default;
        level = PagingLevel.None;
        if (!address.IsCanonicalUnchecked(state.Mode))
        {
            result = NonCanonical;
            return false;
        }

        level = upper.Find(address, ref walk);
        if (level != PagingLevel.None) return true;
        if (state.Mode.IsFiveLevel()
            && !Descend(ref memory, state, address, ref check, ref walk, PagingLevel.PageMapLevel5))
        {
            result = Stopped(walk, PagingLevel.PageMapLevel5, access, state);
            return false;
        }

        if (!Descend(ref memory, state, address, ref check, ref walk, PagingLevel.PageMapLevel4))
        {
            result = Stopped(walk, PagingLevel.PageMapLevel4, access, state);
            return false;
        }

        if (!Descend(ref memory, state, address, ref check, ref walk, PagingLevel.PageDirectoryPointer))
        {
            result = Leaf<TMemory, TCheck, LeaveMarks<TMemory>>(
                ref memory, state, address, access, ref check, walk, PagingLevel.PageDirectoryPointer);
            return false;
        }

        level = PagingLevel.PageDirectory;
        upper.Add(address, walk, level);
        return true;
    }
}
