using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <summary>Walks a guest's paging structures through nested ones: four or five levels of each, pages of 4 KiB, 2 MiB and 1 GiB.</summary>
/// <remarks>
/// <para>Source: AMD64 APM vol. 2, 15.25. The guest's tables are in guest physical memory. For each level: the nested walk for the
/// entry's place, as a user's write whatever the access; the check of that access; the entry's own tests. Then the guest's rights, the
/// nested walk for the page with the guest's kind of access, and the check of the access.</para>
/// <para>A nested entry is judged by the host's NXE and widths; U/S = 0 anywhere in the nested tables forbids all, and with GMET (15.25.13)
/// fetches alone are judged by it. Nothing is allocated; a failed walk is a value; the numbers of levels bound it, so that tables that
/// point at themselves end. The memory is used through a copy of the value passed. Any threads may walk the same memory.</para>
/// </remarks>
public static partial class NestedWalker
{
    /// <summary>Translates a guest virtual address without setting Accessed or Dirty bits and without any check after paging: for
    /// images.</summary>
    /// <typeparam name="TMemory">The memory that holds the paging structures.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="state">The guest's state and the host's.</param>
    /// <param name="address">The guest virtual address.</param>
    /// <param name="access">What the access does.</param>
    /// <returns>The outcome.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NestedWalkResult Translate<TMemory>(
        scoped ref TMemory memory, in NestedPagingState state, VirtualAddress address, MemoryAccess access)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        NoCheck check = default;
        return Translate(ref memory, state, address, access, ref check);
    }

    /// <summary>Translates a guest virtual address without setting Accessed or Dirty bits, and asks a check on the way.</summary>
    /// <typeparam name="TMemory">The memory that holds the paging structures.</typeparam>
    /// <typeparam name="TCheck">What is asked after paging.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="state">The guest's state and the host's.</param>
    /// <param name="address">The guest virtual address.</param>
    /// <param name="access">What the access does.</param>
    /// <param name="check">The check.</param>
    /// <returns>The outcome.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NestedWalkResult Translate<TMemory, TCheck>(
        scoped ref TMemory memory, in NestedPagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, INestedWalkCheck
    {
        NoTrace trace = default;
        return NestedWalk<TMemory, TCheck, LeaveEntries<TMemory>, NoTrace>.Run(
            ref memory, state, address, access, ref check, ref trace);
    }

    /// <summary>As
    /// <see cref="Translate{TMemory,TCheck}(ref TMemory,in NestedPagingState,VirtualAddress,MemoryAccess,ref TCheck)"/>, and reports every
    /// entry passed.</summary>
    /// <typeparam name="TMemory">The memory that holds the paging structures.</typeparam>
    /// <typeparam name="TCheck">What is asked after paging.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="state">The guest's state and the host's.</param>
    /// <param name="address">The guest virtual address.</param>
    /// <param name="access">What the access does.</param>
    /// <param name="check">The check.</param>
    /// <param name="trace">Receives the entries.</param>
    /// <returns>The outcome.</returns>
    public static NestedWalkResult Trace<TMemory, TCheck>(
        scoped ref TMemory memory, in NestedPagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check,
        ref WalkTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, INestedWalkCheck
    {
        EntryTrace recorder = default;
        recorder.EnterNested();
        NestedWalkResult result = NestedWalk<TMemory, TCheck, LeaveEntries<TMemory>, EntryTrace>.Run(
            ref memory, state, address, access, ref check, ref recorder);
        trace = recorder.Steps;
        return result;
    }

    /// <summary>Performs an access as the processor does: Accessed and Dirty bits are set in both kinds of tables, by
    /// compare-exchange.</summary>
    /// <typeparam name="TMemory">The memory that holds the paging structures.</typeparam>
    /// <typeparam name="TCheck">What is asked before a nested entry is written, and after paging.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="state">The guest's state and the host's.</param>
    /// <param name="address">The guest virtual address.</param>
    /// <param name="access">What the access does.</param>
    /// <param name="check">The check.</param>
    /// <returns>The outcome; <see cref="NestedWalkStatus.Contended"/> if other writers won the race for an entry each time.</returns>
    /// <remarks>The nested leaf of a guest table becomes Dirty in any case: the access to it counts as a write. The guest's leaf is marked
    /// before the nested walk for the page, which may still fail.</remarks>
    public static NestedWalkResult Access<TMemory, TCheck>(
        scoped ref TMemory memory, in NestedPagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check)
        where TMemory : struct, IMutablePhysicalMemory, allows ref struct
        where TCheck : struct, INestedWalkCheck
    {
        NoTrace trace = default;
        return NestedWalk<TMemory, TCheck, UpdateEntries<TMemory>, NoTrace>.Run(ref memory, state, address, access, ref check, ref trace);
    }
}
