using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using FastRmp.Internals;

namespace FastRmp.Paging;

/// <summary>
/// Many walks at once. The walks of a group advance together: all of them to the page directory, then to the page table, then to the page,
/// and what the next round reads is prefetched in this one. The levels above are few tables, which stay in the cache, and are walked in one
/// go. Each step is the same that a single walk takes, so the results are the same. Where the tables are in the cache the walks are made
/// one by one: see <see cref="BatchPace"/>.
/// </summary>
/// <typeparam name="TMemory">The memory.</typeparam>
/// <typeparam name="TCheck">What is asked after paging.</typeparam>
/// <typeparam name="TUpper">Where a walk may begin.</typeparam>
internal static class BatchWalk<TMemory, TCheck, TUpper>
    where TMemory : struct, IPrefetchableMemory, allows ref struct
    where TCheck : struct, IWalkCheck, allows ref struct
    where TUpper : struct, IUpperLevels
{
    private const int GroupSize = 32; // 16 leave misses unused; 64 gain a twentieth, for twice the stack

    internal static void Run(
        scoped ref TMemory memory, in PagingState state, ReadOnlySpan<VirtualAddress> addresses, MemoryAccess access,
        scoped ref TCheck check, scoped ref TUpper upper, Span<WalkResult> results)
    {
        access = PagingRules.Effective(state, access);
        if (results.Length < addresses.Length) Throw.ResultsTooShort(nameof(results), results.Length, addresses.Length);
        ref BatchPace pace = ref BatchPace.OfWalks;
        while (!addresses.IsEmpty)
        {
            int count = Math.Min(addresses.Length, pace.Left);
            if (pace.IsDue && addresses.Length >= 2 * BatchPace.LeastSample)
            {
                int half = Math.Min(addresses.Length / 2, GroupSize);
                count = 2 * half;
                Sample(ref memory, state, addresses[..count], access, ref check, ref upper, results, ref pace);
            }
            else if (pace.IsOneByOne)
            {
                OneByOne(ref memory, state, addresses[..count], access, ref check, ref upper, results);
                pace.Spend(count);
            }
            else
            {
                Together(ref memory, state, addresses[..count], access, ref check, ref upper, results);
                pace.Spend(count);
            }

            addresses = addresses[count..];
            results = results[count..];
        }
    }

    /// <summary>Half of the walks each way, and what took longer.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Sample(
        scoped ref TMemory memory, in PagingState state, scoped ReadOnlySpan<VirtualAddress> addresses, MemoryAccess access,
        scoped ref TCheck check, scoped ref TUpper upper, scoped Span<WalkResult> results, ref BatchPace pace)
    {
        int half = addresses.Length / 2;
        bool beginsTogether = pace.BeginsTogether;
        long start = Stopwatch.GetTimestamp();
        if (beginsTogether) Together(ref memory, state, addresses[..half], access, ref check, ref upper, results);
        else OneByOne(ref memory, state, addresses[..half], access, ref check, ref upper, results);
        long middle = Stopwatch.GetTimestamp();
        if (beginsTogether) OneByOne(ref memory, state, addresses[half..], access, ref check, ref upper, results[half..]);
        else Together(ref memory, state, addresses[half..], access, ref check, ref upper, results[half..]);
        long end = Stopwatch.GetTimestamp();
        pace.Decide(
            together: beginsTogether ? middle - start : end - middle, oneByOne: beginsTogether ? end - middle : middle - start);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void OneByOne(
        scoped ref TMemory memory, in PagingState state, scoped ReadOnlySpan<VirtualAddress> addresses, MemoryAccess access,
        scoped ref TCheck check, scoped ref TUpper upper, scoped Span<WalkResult> results)
    {
        for (int i = 0; i < addresses.Length; i++)
        {
            results[i] = StagedWalk<TMemory, TCheck, TUpper>.Run(ref memory, state, addresses[i], access, ref check, ref upper);
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Together(
        scoped ref TMemory memory, in PagingState state, scoped ReadOnlySpan<VirtualAddress> addresses, MemoryAccess access,
        scoped ref TCheck check, scoped ref TUpper upper, scoped Span<WalkResult> results)
    {
        Span<SuspendedWalk> group = stackalloc SuspendedWalk[GroupSize];
        while (!addresses.IsEmpty)
        {
            int count = Math.Min(addresses.Length, GroupSize);
            Span<SuspendedWalk> walks = group[..count];
            Span<WalkResult> outcomes = results[..count];
            ToPageDirectory(ref memory, state, addresses[..count], access, ref check, ref upper, walks, outcomes);
            ToPageTable(ref memory, state, access, ref check, ref upper, walks, outcomes);
            ToPage(ref memory, state, access, ref check, walks, outcomes);
            addresses = addresses[count..];
            results = results[count..];
        }
    }

    /// <summary>The first round: the levels whose tables are few.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ToPageDirectory(
        scoped ref TMemory memory, in PagingState state, scoped ReadOnlySpan<VirtualAddress> addresses, MemoryAccess access,
        scoped ref TCheck check, scoped ref TUpper upper, scoped Span<SuspendedWalk> walks, scoped Span<WalkResult> results)
    {
        for (int i = 0; i < walks.Length; i++)
        {
            VirtualAddress address = addresses[i];
            WalkProgress walk = PagingRules.Begin(state);
            ref SuspendedWalk pending = ref walks[i];
            bool goesOn = StagedWalk<TMemory, TCheck, TUpper>.Start(
                ref memory, state, address, access, ref check, ref upper, ref walk, out PagingLevel level, out WalkResult result);
            if (!goesOn)
            {
                results[i] = result;
                pending.Level = PagingLevel.None;
                continue;
            }

            memory.Prefetch(LongModeTable.EntryAddress(walk.Table, address, level));
            pending.Suspend(address, walk, level);
        }
    }

    /// <summary>The second round: page directories.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ToPageTable(
        scoped ref TMemory memory, in PagingState state, MemoryAccess access, scoped ref TCheck check, scoped ref TUpper upper,
        scoped Span<SuspendedWalk> walks, scoped Span<WalkResult> results)
    {
        for (int i = 0; i < walks.Length; i++)
        {
            ref SuspendedWalk pending = ref walks[i];
            if (pending.Level != PagingLevel.PageDirectory) continue;
            VirtualAddress address = pending.Address;
            WalkProgress walk = pending.Resume();
            if (!StagedWalk<TMemory, TCheck, TUpper>.Descend(ref memory, state, address, ref check, ref walk, PagingLevel.PageDirectory))
            {
                results[i] = StagedWalk<TMemory, TCheck, TUpper>.Leaf(
                    ref memory, state, address, access, ref check, walk, PagingLevel.PageDirectory);
                pending.Level = PagingLevel.None;
                continue;
            }

            memory.Prefetch(LongModeTable.EntryAddress(walk.Table, address, PagingLevel.PageTable));
            upper.Add(address, walk, PagingLevel.PageTable);
            pending.Suspend(address, walk, PagingLevel.PageTable);
        }
    }

    /// <summary>The last round: page tables.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ToPage(
        scoped ref TMemory memory, in PagingState state, MemoryAccess access, scoped ref TCheck check, scoped Span<SuspendedWalk> walks,
        scoped Span<WalkResult> results)
    {
        for (int i = 0; i < walks.Length; i++)
        {
            ref SuspendedWalk pending = ref walks[i];
            if (pending.Level != PagingLevel.PageTable) continue;
            VirtualAddress address = pending.Address;
            WalkProgress walk = pending.Resume();
            results[i] = StagedWalk<TMemory, TCheck, TUpper>.Read(ref memory, address, ref walk, PagingLevel.PageTable)
                ? StagedWalk<TMemory, TCheck, TUpper>.Leaf(ref memory, state, address, access, ref check, walk, PagingLevel.PageTable)
                : PagingRules.Outside(walk, PagingLevel.PageTable, access, state);
        }
    }
}
