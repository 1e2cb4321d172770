using System;
using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <summary>Many nested walks at once.</summary>
/// <typeparam name="TMemory">The memory.</typeparam>
/// <typeparam name="TCheck">What is asked on the way.</typeparam>
internal readonly struct NestedBatch<TMemory, TCheck>
    : IBatchWays<TMemory, NestedPagingState, VirtualAddress, MemoryAccess, TCheck, NestedWalkResult>
    where TMemory : struct, IPrefetchableMemory, allows ref struct
    where TCheck : struct, INestedWalkCheck
{
    public static int GroupSize => NestedTour<TMemory>.MostAddresses;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void OneByOne(
        scoped ref TMemory memory, in NestedPagingState state, scoped ReadOnlySpan<VirtualAddress> addresses, MemoryAccess access,
        scoped ref TCheck check, scoped Span<NestedWalkResult> results)
    {
        for (int i = 0; i < addresses.Length; i++)
        {
            results[i] = NestedWalker.Translate(ref memory, state, addresses[i], access, ref check);
        }
    }

    public static void ReadAhead(
        scoped ref TMemory memory, in NestedPagingState state, scoped ReadOnlySpan<VirtualAddress> addresses, MemoryAccess access,
        scoped in TCheck check) => NestedTour<TMemory>.GoDown(ref memory, state, addresses);
}
