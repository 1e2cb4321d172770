using System;

namespace FastRmp.Paging;

/// <content>Many walks at once.</content>
public static partial class PageWalker
{
    /// <summary>Translates many addresses as one call of
    /// <see cref="Translate{TMemory}(ref TMemory,in PagingState,VirtualAddress,MemoryAccess)"/> for each would, with their cache misses
    /// overlapped where the tables are not in the cache, which the batch measures by itself.</summary>
    /// <typeparam name="TMemory">The memory that holds the paging structures.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="state">The processor state.</param>
    /// <param name="addresses">The addresses; any number, also none.</param>
    /// <param name="access">What the accesses do.</param>
    /// <param name="results">Receives the outcomes in the order of the addresses; what is behind the last one is left alone. It must not
    /// overlap the addresses.</param>
    /// <exception cref="ArgumentException"><paramref name="results"/> is shorter than <paramref name="addresses"/>; nothing was
    /// written.</exception>
    /// <remarks>Every entry is read once for each walk that needs it, in an order of its own: if others change the tables meanwhile, walks
    /// of one batch may see different moments, as walks one after the other do.</remarks>
    public static void Translate<TMemory>(
        scoped ref TMemory memory, in PagingState state, ReadOnlySpan<VirtualAddress> addresses, MemoryAccess access,
        Span<WalkResult> results)
        where TMemory : struct, IPrefetchableMemory, allows ref struct
    {
        NoCheck check = default;
        NoUpperLevels upper = default;
        BatchWalk<TMemory, NoCheck, NoUpperLevels>.Run(ref memory, state, addresses, access, ref check, ref upper, results);
    }

    /// <summary>As <see cref="Translate{TMemory}(ref TMemory,in PagingState,ReadOnlySpan{VirtualAddress},MemoryAccess,Span{WalkResult})"/>,
    /// and asks a check whether each access may happen.</summary>
    /// <typeparam name="TMemory">The memory that holds the paging structures.</typeparam>
    /// <typeparam name="TCheck">What is asked after paging.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="state">The processor state.</param>
    /// <param name="addresses">The addresses; any number, also none.</param>
    /// <param name="access">What the accesses do.</param>
    /// <param name="check">The check. For one address it is asked as in a single walk; the questions about different addresses may
    /// come interleaved.</param>
    /// <param name="results">Receives the outcomes in the order of the addresses; what is behind the last one is left alone. It must not
    /// overlap the addresses.</param>
    /// <exception cref="ArgumentException"><paramref name="results"/> is shorter than <paramref name="addresses"/>; nothing was
    /// written.</exception>
    public static void Translate<TMemory, TCheck>(
        scoped ref TMemory memory, in PagingState state, ReadOnlySpan<VirtualAddress> addresses, MemoryAccess access,
        scoped ref TCheck check, Span<WalkResult> results)
        where TMemory : struct, IPrefetchableMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
    {
        NoUpperLevels upper = default;
        BatchWalk<TMemory, TCheck, NoUpperLevels>.Run(ref memory, state, addresses, access, ref check, ref upper, results);
    }
}
