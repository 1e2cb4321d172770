using System;
using FastRmp.Internals;

namespace FastRmp.Paging;

/// <content>Many nested walks at once.</content>
public static partial class NestedWalker
{
    /// <summary>Translates many guest virtual addresses as one call of
    /// <see cref="Translate{TMemory}(ref TMemory,in NestedPagingState,VirtualAddress,MemoryAccess)"/> for each would, with their cache
    /// misses overlapped where the tables are not in the cache, which the batch measures by itself.</summary>
    /// <typeparam name="TMemory">The memory that holds the paging structures.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="state">The guest's state and the host's.</param>
    /// <param name="addresses">The guest virtual addresses; any number, also none.</param>
    /// <param name="access">What the accesses do.</param>
    /// <param name="results">Receives the outcomes in the order of the addresses; what is behind the last one is left alone. It must not
    /// overlap the addresses.</param>
    /// <exception cref="ArgumentException"><paramref name="results"/> is shorter than <paramref name="addresses"/>; nothing was
    /// written.</exception>
    /// <remarks>Where misses are overlapped, entries are read ahead and then once more by the walk that they belong to, which alone decides
    /// the result: if others change the tables meanwhile, walks of one batch may see different moments, as walks one after the other
    /// do.</remarks>
    public static void Translate<TMemory>(
        scoped ref TMemory memory, in NestedPagingState state, ReadOnlySpan<VirtualAddress> addresses, MemoryAccess access,
        Span<NestedWalkResult> results)
        where TMemory : struct, IPrefetchableMemory, allows ref struct
    {
        NoCheck check = default;
        Translate(ref memory, state, addresses, access, ref check, results);
    }

    /// <summary>As
    /// <see cref="Translate{TMemory}(ref TMemory,in NestedPagingState,ReadOnlySpan{VirtualAddress},MemoryAccess,Span{NestedWalkResult})"/>,
    /// and asks a check on the way.</summary>
    /// <typeparam name="TMemory">The memory that holds the paging structures.</typeparam>
    /// <typeparam name="TCheck">What is asked after paging.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="state">The guest's state and the host's.</param>
    /// <param name="addresses">The guest virtual addresses; any number, also none.</param>
    /// <param name="access">What the accesses do.</param>
    /// <param name="check">The check, asked as single walks one after the other ask it.</param>
    /// <param name="results">Receives the outcomes in the order of the addresses; what is behind the last one is left alone. It must not
    /// overlap the addresses.</param>
    /// <exception cref="ArgumentException"><paramref name="results"/> is shorter than <paramref name="addresses"/>; nothing was
    /// written.</exception>
    public static void Translate<TMemory, TCheck>(
        scoped ref TMemory memory, in NestedPagingState state, ReadOnlySpan<VirtualAddress> addresses, MemoryAccess access,
        scoped ref TCheck check, Span<NestedWalkResult> results)
        where TMemory : struct, IPrefetchableMemory, allows ref struct
        where TCheck : struct, INestedWalkCheck
    {
        if (results.Length < addresses.Length) Throw.ResultsTooShort(nameof(results), results.Length, addresses.Length);
        PacedBatch<
            NestedBatch<TMemory, TCheck>, TMemory, NestedPagingState, VirtualAddress, MemoryAccess, TCheck, NestedWalkResult>.Run(
            ref memory, state, addresses, access, ref check, results, ref BatchPace.OfNestedWalks);
    }
}
