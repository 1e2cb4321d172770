using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using FastRmp.Internals;

namespace FastRmp;

/// <summary>Makes the walks of a batch in the way that its <see cref="BatchPace"/> finds the faster one: one by one, or the same after all
/// of a group were read ahead.</summary>
/// <typeparam name="TWays">The ways.</typeparam>
/// <typeparam name="TMemory">The memory.</typeparam>
/// <typeparam name="TState">What the walks depend on.</typeparam>
/// <typeparam name="TAddress">What they translate.</typeparam>
/// <typeparam name="TAccess">What the accesses do.</typeparam>
/// <typeparam name="TCheck">What they ask.</typeparam>
/// <typeparam name="TResult">What they come to.</typeparam>
internal static class PacedBatch<TWays, TMemory, TState, TAddress, TAccess, TCheck, TResult>
    where TWays : IBatchWays<TMemory, TState, TAddress, TAccess, TCheck, TResult>
    where TMemory : struct, IPrefetchableMemory, allows ref struct
    where TCheck : struct, allows ref struct
{
    internal static void Run(
        scoped ref TMemory memory, in TState state, scoped ReadOnlySpan<TAddress> addresses, TAccess access, scoped ref TCheck check,
        scoped Span<TResult> results, ref BatchPace pace)
    {
        while (!addresses.IsEmpty)
        {
            int count = Math.Min(addresses.Length, pace.Left);
            if (pace.IsDue && addresses.Length >= 2 * BatchPace.LeastSample)
            {
                count = 2 * Math.Min(addresses.Length / 2, TWays.GroupSize);
                Sample(ref memory, state, addresses[..count], access, ref check, results, ref pace);
            }
            else
            {
                if (pace.IsOneByOne) TWays.OneByOne(ref memory, state, addresses[..count], access, ref check, results[..count]);
                else Together(ref memory, state, addresses[..count], access, ref check, results);
                pace.Spend(count);
            }

            addresses = addresses[count..];
            results = results[count..];
        }
    }

    /// <summary>Half of the walks each way, and what took longer.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Sample(
        scoped ref TMemory memory, in TState state, scoped ReadOnlySpan<TAddress> addresses, TAccess access, scoped ref TCheck check,
        scoped Span<TResult> results, ref BatchPace pace)
    {
        int half = addresses.Length / 2;
        bool beginsTogether = pace.BeginsTogether;
        long start = Stopwatch.GetTimestamp();
        if (beginsTogether) Together(ref memory, state, addresses[..half], access, ref check, results);
        else TWays.OneByOne(ref memory, state, addresses[..half], access, ref check, results[..half]);
        long middle = Stopwatch.GetTimestamp();
        if (beginsTogether) TWays.OneByOne(ref memory, state, addresses[half..], access, ref check, results[half..addresses.Length]);
        else Together(ref memory, state, addresses[half..], access, ref check, results[half..]);
        long end = Stopwatch.GetTimestamp();
        pace.Decide(
            together: beginsTogether ? middle - start : end - middle, oneByOne: beginsTogether ? end - middle : middle - start);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Together(
        scoped ref TMemory memory, in TState state, scoped ReadOnlySpan<TAddress> addresses, TAccess access, scoped ref TCheck check,
        scoped Span<TResult> results)
    {
        while (!addresses.IsEmpty)
        {
            int count = Math.Min(addresses.Length, TWays.GroupSize);
            TWays.ReadAhead(ref memory, state, addresses[..count], access, check);
            TWays.OneByOne(ref memory, state, addresses[..count], access, ref check, results[..count]);
            addresses = addresses[count..];
            results = results[count..];
        }
    }
}
