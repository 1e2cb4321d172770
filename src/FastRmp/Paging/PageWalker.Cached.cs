using System;

namespace FastRmp.Paging;

/// <content>Walks through a paging-structure cache: its state is the walks' state.</content>
public static partial class PageWalker
{
    /// <summary>Translates an address as <see cref="Translate{TMemory}(ref TMemory,in PagingState,VirtualAddress,MemoryAccess)"/> does,
    /// from where a cache knows the way.</summary>
    /// <typeparam name="TMemory">The memory that holds the paging structures; always the same with one cache.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="cache">The cache, and with it the processor state.</param>
    /// <param name="address">The address.</param>
    /// <param name="access">What the access does.</param>
    /// <returns>The outcome.</returns>
    public static WalkResult Translate<TMemory>(
        scoped ref TMemory memory, PagingStructureCache cache, VirtualAddress address, MemoryAccess access)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        NoCheck check = default;
        return Translate(ref memory, cache, address, access, ref check);
    }

    /// <summary>As <see cref="Translate{TMemory}(ref TMemory,PagingStructureCache,VirtualAddress,MemoryAccess)"/>, and asks a check whether
    /// the access may happen.</summary>
    /// <typeparam name="TMemory">The memory that holds the paging structures; always the same with one cache.</typeparam>
    /// <typeparam name="TCheck">What is asked after paging; always the same with one cache.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="cache">The cache, and with it the processor state.</param>
    /// <param name="address">The address.</param>
    /// <param name="access">What the access does.</param>
    /// <param name="check">The check; about an entry that comes from the cache it is not asked.</param>
    /// <returns>The outcome.</returns>
    public static WalkResult Translate<TMemory, TCheck>(
        scoped ref TMemory memory, PagingStructureCache cache, VirtualAddress address, MemoryAccess access, scoped ref TCheck check)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(cache);
        ref readonly PagingState state = ref cache.State;
        CachedUpperLevels upper = new(cache);
        return StagedWalk<TMemory, TCheck, CachedUpperLevels>.Run(ref memory, state, address, access, ref check, ref upper);
    }

    /// <summary>Translates many addresses as
    /// <see cref="Translate{TMemory}(ref TMemory,in PagingState,ReadOnlySpan{VirtualAddress},MemoryAccess,Span{WalkResult})"/> does, each
    /// from where a cache knows the way.</summary>
    /// <typeparam name="TMemory">The memory that holds the paging structures; always the same with one cache.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="cache">The cache, and with it the processor state.</param>
    /// <param name="addresses">The addresses; any number, also none.</param>
    /// <param name="access">What the accesses do.</param>
    /// <param name="results">Receives the outcomes in the order of the addresses; what is behind the last one is left alone. It must not
    /// overlap the addresses.</param>
    /// <exception cref="ArgumentException"><paramref name="results"/> is shorter than <paramref name="addresses"/>; nothing was
    /// written.</exception>
    public static void Translate<TMemory>(
        scoped ref TMemory memory, PagingStructureCache cache, ReadOnlySpan<VirtualAddress> addresses, MemoryAccess access,
        Span<WalkResult> results)
        where TMemory : struct, IPrefetchableMemory, allows ref struct
    {
        NoCheck check = default;
        Translate(ref memory, cache, addresses, access, ref check, results);
    }

    /// <summary>As
    /// <see cref="Translate{TMemory}(ref TMemory,PagingStructureCache,ReadOnlySpan{VirtualAddress},MemoryAccess,Span{WalkResult})"/>, and
    /// asks a check whether each access may happen.</summary>
    /// <typeparam name="TMemory">The memory that holds the paging structures; always the same with one cache.</typeparam>
    /// <typeparam name="TCheck">What is asked after paging; always the same with one cache.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="cache">The cache, and with it the processor state.</param>
    /// <param name="addresses">The addresses; any number, also none.</param>
    /// <param name="access">What the accesses do.</param>
    /// <param name="check">The check; about an entry that comes from the cache it is not asked.</param>
    /// <param name="results">Receives the outcomes in the order of the addresses; what is behind the last one is left alone. It must not
    /// overlap the addresses.</param>
    /// <exception cref="ArgumentException"><paramref name="results"/> is shorter than <paramref name="addresses"/>; nothing was
    /// written.</exception>
    public static void Translate<TMemory, TCheck>(
        scoped ref TMemory memory, PagingStructureCache cache, ReadOnlySpan<VirtualAddress> addresses, MemoryAccess access,
        scoped ref TCheck check, Span<WalkResult> results)
        where TMemory : struct, IPrefetchableMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(cache);
        CachedUpperLevels upper = new(cache);
        BatchWalk<TMemory, TCheck, CachedUpperLevels>.Run(
            ref memory, cache.State, addresses, access, ref check, ref upper, results);
    }
}
