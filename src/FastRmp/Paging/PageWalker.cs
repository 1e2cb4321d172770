using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <summary>Walks the host's long-mode paging structures: four or five levels, pages of 4 KiB, 2 MiB and 1 GiB.</summary>
/// <remarks>
/// <para>Source: AMD64 APM vol. 2, chapter 5; the order of tests is canonical form, then for each level presence and reserved bits, then
/// rights and protection keys, then the check.</para>
/// <para>Every entry is read once. The number of levels bounds a walk, so a table that points at itself ends. Nothing is allocated; a
/// failed walk is a value. Any threads may walk the same memory.</para>
/// </remarks>
public static partial class PageWalker
{
    /// <summary>Translates an address without setting Accessed or Dirty bits and without any check after paging: for images.</summary>
    /// <typeparam name="TMemory">The memory that holds the paging structures.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="state">The processor state.</param>
    /// <param name="address">The address.</param>
    /// <param name="access">What the access does.</param>
    /// <returns>The outcome.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WalkResult Translate<TMemory>(
        scoped ref TMemory memory, in PagingState state, VirtualAddress address, MemoryAccess access)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        NoCheck check = default;
        NoTrace trace = default;
        return PageWalk<TMemory, NoCheck, LeaveEntries<TMemory>, NoTrace>.Run(ref memory, state, address, access, ref check, ref trace);
    }

    /// <summary>Translates an address without setting Accessed or Dirty bits, and asks a check whether the access may happen.</summary>
    /// <typeparam name="TMemory">The memory that holds the paging structures.</typeparam>
    /// <typeparam name="TCheck">What is asked after paging.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="state">The processor state.</param>
    /// <param name="address">The address.</param>
    /// <param name="access">What the access does.</param>
    /// <param name="check">The check.</param>
    /// <returns>The outcome.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WalkResult Translate<TMemory, TCheck>(
        scoped ref TMemory memory, in PagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
    {
        NoTrace trace = default;
        return PageWalk<TMemory, TCheck, LeaveEntries<TMemory>, NoTrace>.Run(ref memory, state, address, access, ref check, ref trace);
    }

    /// <summary>As <see cref="Translate{TMemory,TCheck}(ref TMemory,in PagingState,VirtualAddress,MemoryAccess,ref TCheck)"/>, and reports
    /// every entry passed.</summary>
    /// <typeparam name="TMemory">The memory that holds the paging structures.</typeparam>
    /// <typeparam name="TCheck">What is asked after paging.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="state">The processor state.</param>
    /// <param name="address">The address.</param>
    /// <param name="access">What the access does.</param>
    /// <param name="check">The check.</param>
    /// <param name="trace">Receives the entries.</param>
    /// <returns>The outcome.</returns>
    public static WalkResult Trace<TMemory, TCheck>(
        scoped ref TMemory memory, in PagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check,
        ref WalkTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
    {
        EntryTrace recorder = default;
        WalkResult result =
            PageWalk<TMemory, TCheck, LeaveEntries<TMemory>, EntryTrace>.Run(ref memory, state, address, access, ref check, ref recorder);
        trace = recorder.Steps;
        return result;
    }

    /// <summary>Performs an access as the processor does: Accessed bits are set in every entry used, Dirty in the leaf of a write, by
    /// compare-exchange.</summary>
    /// <typeparam name="TMemory">The memory that holds the paging structures.</typeparam>
    /// <typeparam name="TCheck">What is asked before an entry is written, and after paging.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="state">The processor state.</param>
    /// <param name="address">The address.</param>
    /// <param name="access">What the access does.</param>
    /// <param name="check">The check.</param>
    /// <returns>The outcome; <see cref="WalkStatus.Contended"/> if other writers won the race for an entry each time.</returns>
    /// <remarks>An upper entry is marked as soon as it passed its own tests, the leaf only after the rights did (as QEMU does; hardware may
    /// leave upper entries of a faulting walk unmarked: <see cref="ModelChoices.SetAccessedOnlyIfAllowed"/>).</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)] // in the middle of another method the JIT would inline a part of it
    public static WalkResult Access<TMemory, TCheck>(
        scoped ref TMemory memory, in PagingState state, VirtualAddress address, MemoryAccess access, scoped ref TCheck check)
        where TMemory : struct, IMutablePhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
    {
        NoTrace trace = default;
        return PageWalk<TMemory, TCheck, UpdateEntries<TMemory>, NoTrace>.Run(ref memory, state, address, access, ref check, ref trace);
    }
}
