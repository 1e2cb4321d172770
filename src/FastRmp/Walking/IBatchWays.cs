using System;

namespace FastRmp;

/// <summary>The two ways in which a batch can make walks; the results are the same.</summary>
/// <typeparam name="TMemory">The memory.</typeparam>
/// <typeparam name="TState">What the walks depend on.</typeparam>
/// <typeparam name="TAddress">What they translate.</typeparam>
/// <typeparam name="TAccess">What the accesses do.</typeparam>
/// <typeparam name="TCheck">What they ask.</typeparam>
/// <typeparam name="TResult">What they come to.</typeparam>
internal interface IBatchWays<TMemory, TState, TAddress, TAccess, TCheck, TResult>
    where TMemory : struct, IPrefetchableMemory, allows ref struct
    where TCheck : struct, allows ref struct
{
    /// <summary>How many walks are made together; also the larger half of a sample.</summary>
    static abstract int GroupSize { get; }

    /// <summary>One after the other.</summary>
    static abstract void OneByOne(
        scoped ref TMemory memory, in TState state, scoped ReadOnlySpan<TAddress> addresses, TAccess access, scoped ref TCheck check,
        scoped Span<TResult> results);

    /// <summary>Reads ahead what the walks of up to a group will read, with the cache misses overlapped.</summary>
    static abstract void ReadAhead(
        scoped ref TMemory memory, in TState state, scoped ReadOnlySpan<TAddress> addresses, TAccess access, scoped in TCheck check);
}
