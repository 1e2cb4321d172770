using System;
using System.Runtime.CompilerServices;
using FastRmp.Internals;

namespace FastRmp.Paging;

/// <content>
/// Many walks at once. The walks of a group advance together: all of them to the page directory, then to the page table, then to the page,
/// and what the next round reads is prefetched in this one. The levels above are few tables, which stay in the cache, and are walked in one
/// go. Each step is the same <see cref="Descend"/> or <see cref="Leaf"/> that a single walk takes, so the results are the same.
/// </content>
public static partial class PageWalker
{
    private const int GroupSize = 32; // 16 leave misses unused; 64 gain a twentieth, for twice the stack

    /// <summary>Translates many addresses as one call of
    /// <see cref="Translate{TMemory}(ref TMemory,in PagingState,VirtualAddress,MemoryAccess)"/> for each would, with their cache misses
    /// overlapped.</summary>
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
        RunAll(ref memory, state, addresses, access, ref check, ref upper, results);
    }

    /// <summary>As <see cref="Translate{TMemory}(ref TMemory,in PagingState,ReadOnlySpan{VirtualAddress},MemoryAccess,Span{WalkResult})"/>,
    /// and asks a check whether each access may happen.</summary>
    /// <typeparam name="TMemory">The memory that holds the paging structures.</typeparam>
    /// <typeparam name="TCheck">What is asked after paging.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="state">The processor state.</param>
    /// <param name="addresses">The addresses; any number, also none.</param>
    /// <param name="access">What the accesses do.</param>
    /// <param name="check">The check. For one address it is asked as in a single walk; the questions about different addresses come
    /// interleaved.</param>
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
        RunAll(ref memory, state, addresses, access, ref check, ref upper, results);
    }

    [SkipLocalsInit]
    private static void RunAll<TMemory, TCheck, TUpper>(
        scoped ref TMemory memory, in PagingState state, ReadOnlySpan<VirtualAddress> addresses, MemoryAccess access,
        scoped ref TCheck check, scoped ref TUpper upper, Span<WalkResult> results)
        where TMemory : struct, IPrefetchableMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
        where TUpper : struct, IUpperLevels
    {
        access = Effective(state, access);
        if (results.Length < addresses.Length) Throw.ResultsTooShort(nameof(results), results.Length, addresses.Length);
        Span<Pending> group = stackalloc Pending[GroupSize];
        while (!addresses.IsEmpty)
        {
            int count = Math.Min(addresses.Length, GroupSize);
            Span<Pending> walks = group[..count];
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
    private static void ToPageDirectory<TMemory, TCheck, TUpper>(
        scoped ref TMemory memory, in PagingState state, scoped ReadOnlySpan<VirtualAddress> addresses, MemoryAccess access,
        scoped ref TCheck check, scoped ref TUpper upper, scoped Span<Pending> walks, scoped Span<WalkResult> results)
        where TMemory : struct, IPrefetchableMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
        where TUpper : struct, IUpperLevels
    {
        for (int i = 0; i < walks.Length; i++)
        {
            VirtualAddress address = addresses[i];
            Progress walk = Begin(state);
            ref Pending pending = ref walks[i];
            if (!Start(ref memory, state, address, access, ref check, ref upper, ref walk, out PagingLevel level, out WalkResult result))
            {
                results[i] = result;
                pending.Level = PagingLevel.None;
                continue;
            }

            memory.Prefetch(EntryAddress(walk.Table, address, level));
            pending.Suspend(address, walk, level);
        }
    }

    /// <summary>The second round: page directories.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ToPageTable<TMemory, TCheck, TUpper>(
        scoped ref TMemory memory, in PagingState state, MemoryAccess access, scoped ref TCheck check, scoped ref TUpper upper,
        scoped Span<Pending> walks, scoped Span<WalkResult> results)
        where TMemory : struct, IPrefetchableMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
        where TUpper : struct, IUpperLevels
    {
        for (int i = 0; i < walks.Length; i++)
        {
            ref Pending pending = ref walks[i];
            if (pending.Level != PagingLevel.PageDirectory) continue;
            VirtualAddress address = pending.Address;
            Progress walk = pending.Resume();
            if (!Descend(ref memory, state, address, ref check, ref walk, PagingLevel.PageDirectory))
            {
                results[i] = Leaf<TMemory, TCheck, LeaveMarks<TMemory>>(
                    ref memory, state, address, access, ref check, walk, PagingLevel.PageDirectory);
                pending.Level = PagingLevel.None;
                continue;
            }

            memory.Prefetch(EntryAddress(walk.Table, address, PagingLevel.PageTable));
            upper.Add(address, walk, PagingLevel.PageTable);
            pending.Suspend(address, walk, PagingLevel.PageTable);
        }
    }

    /// <summary>The last round: page tables.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ToPage<TMemory, TCheck>(
        scoped ref TMemory memory, in PagingState state, MemoryAccess access, scoped ref TCheck check, scoped Span<Pending> walks,
        scoped Span<WalkResult> results)
        where TMemory : struct, IPrefetchableMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
    {
        NoTrace trace = default;
        for (int i = 0; i < walks.Length; i++)
        {
            ref Pending pending = ref walks[i];
            if (pending.Level != PagingLevel.PageTable) continue;
            VirtualAddress address = pending.Address;
            Progress walk = pending.Resume();
            results[i] = Read(ref memory, address, ref trace, ref walk, PagingLevel.PageTable)
                ? Leaf<TMemory, TCheck, LeaveMarks<TMemory>>(ref memory, state, address, access, ref check, walk, PagingLevel.PageTable)
                : Outside(walk, PagingLevel.PageTable, access, state);
        }
    }

    /// <summary>A walk between two rounds.</summary>
    private struct Pending
    {
        internal PagingLevel Level; // of the table to read next; None if the walk is over
        internal VirtualAddress Address;
        private PhysicalAddress _table;
        private ulong _all;
        private ulong _any;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal void Suspend(VirtualAddress address, in Progress walk, PagingLevel level)
        {
            Level = level;
            Address = address;
            _table = walk.Table;
            _all = walk.All;
            _any = walk.Any;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal readonly Progress Resume() => new() { Table = _table, All = _all, Any = _any };
    }
}
