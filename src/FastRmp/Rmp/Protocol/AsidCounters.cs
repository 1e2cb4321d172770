using System;
using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <summary>Assigned pages by ASID, for a table whose bookkeeping nobody else sees: each thread counts for itself.</summary>
/// <remarks>
/// A thread has two sums for each ASID, of what it raised and of what it lowered; both only grow, and only it writes them, by plain stores
/// with release semantics, in lines of their own. Threads without a place (<see cref="ThreadPlace"/>) share two sums, by interlocked
/// operations. What is assigned is all that was raised without all that was lowered: pages are counted before they are published as
/// assigned and taken off after they are released, and each thread's stores reach memory in that order, so that at no moment fewer are
/// counted than are assigned.
///
/// A reader adds up what was lowered, then what was raised, then both again. If both are the same, no thread's sum changed between the end
/// of the first addition and the beginning of the last one, since none can fall back: the result is that of the moment between the first
/// two additions and the second two. If threads count each time, it ends after a number of tries with the last result. That is not less
/// than the count at the moment between its additions, because what was lowered after it is left out, and what was raised before it is in;
/// so if it is zero, the count was zero at that moment.
///
/// 17 KiB for each thread that counts in a table, 64 of them at most and one for all other threads: allocated for the thread that makes the
/// table then, for another one at its first count.
/// </remarks>
internal sealed class AsidCounters
{
    private const int MaxAttempts = 64;
    private const int Guard = 64; // quadwords before and after, so that no line is another object's too, nor a line's neighbour
    private const int Asids = (int)(RmpEntry.AsidMask >> RmpEntry.AsidShift) + 1;
    private const int Raised = 0;
    private const int Lowered = 1;

    // In the middle of the guard: the last value that the thread gave to a version. [62:56] are its place.
    private const int Token = Guard / 2;
    private const int TokenPlaceShift = 56;

    // By number of the thread; at 0 and at None there is nothing.
    private readonly ulong[]?[] _own = new ulong[]?[ThreadPlace.None + 1];
    private ulong[]? _shared;

    /// <summary>Makes counters, all zero.</summary>
    internal AsidCounters() => _ = OwnOf(ThreadPlace.Take());

    /// <summary>What the calling thread alone writes; null before its first count in this table, unless it made the table, and
    /// if it has no place.</summary>
    internal ulong[]? Own
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _own[ThreadPlace.Number];
    }

    /// <summary>Adds pages that are about to be assigned.</summary>
    /// <param name="own">The thread's.</param>
    /// <param name="asid">An ASID of an entry.</param>
    /// <param name="pages">How many.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Raise(ulong[] own, uint asid, ulong pages) => Add(ref own[At(asid, Raised)], pages);

    /// <summary>Takes off pages that have been released.</summary>
    /// <inheritdoc cref="Raise(ulong[], uint, ulong)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Lower(ulong[] own, uint asid, ulong pages) => Add(ref own[At(asid, Lowered)], pages);

    /// <summary>A value that no version of the table has or had; others are <see cref="VersionToken"/>'s.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong NextToken(ulong[] own) => ++own[Token];

    /// <summary>As <see cref="Raise(ulong[], uint, ulong)"/>, where <see cref="Own"/> is null.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void Raise(uint asid, ulong pages) => AddFirst(At(asid, Raised), pages);

    /// <summary>As <see cref="Lower(ulong[], uint, ulong)"/>, where <see cref="Own"/> is null.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void Lower(uint asid, ulong pages) => AddFirst(At(asid, Lowered), pages);

    /// <summary>The count of an ASID: see the remarks of the class.</summary>
    internal ulong Read(uint asid)
    {
        if (asid >= Asids) return 0;
        for (int attempt = 1; ; attempt++)
        {
            ulong lowered = Sum(At(asid, Lowered));
            ulong raised = Sum(At(asid, Raised));
            if ((Sum(At(asid, Lowered)) == lowered && Sum(At(asid, Raised)) == raised) || attempt == MaxAttempts) return raised - lowered;
        }
    }

    /// <summary>Makes all counts zero. No other thread may use the table meanwhile.</summary>
    internal void Clear()
    {
        foreach (ulong[]? own in _own)
        {
            own?.AsSpan(Guard).Clear(); // values of versions are not given out again
        }

        _shared?.AsSpan(Guard).Clear();
    }

    private static int At(uint asid, int which) => Guard + (2 * (int)asid) + which;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref ulong sum, ulong pages) => Volatile.Write(ref sum, sum + pages);

    /// <summary>The first count of a thread in this table, and each one of a thread without a place.</summary>
    private void AddFirst(int at, ulong pages)
    {
        if (OwnOf(ThreadPlace.Take()) is { } own) Add(ref own[at], pages);
        else _ = Interlocked.Add(ref Shared()[at], pages);
    }

    // Made unless it was before; null without a place.
    private ulong[]? OwnOf(int number)
    {
        if (number == ThreadPlace.None) return null;
        if (_own[number] is { } there) return there;
        ulong[] own = New();
        own[Token] = (ulong)number << TokenPlaceShift;
        Volatile.Write(ref _own[number], own);
        return own;
    }

    private ulong[] Shared()
    {
        if (Volatile.Read(ref _shared) is { } shared) return shared;
        ulong[] made = New();
#pragma warning disable RS0030 // the ulong overload, which the rule asks for, exchanges no references
        return Interlocked.CompareExchange(ref _shared, made, null) ?? made;
#pragma warning restore RS0030
    }

    private static ulong[] New() => new ulong[Guard + (2 * Asids) + Guard];

    /// <summary>Over all threads; a thread that has not counted yet has zero.</summary>
    private ulong Sum(int at)
    {
        ulong sum = Volatile.Read(ref _shared) is { } shared ? Volatile.Read(ref shared[at]) : 0;
        for (int number = 1; number < ThreadPlace.None; number++)
        {
            if (Volatile.Read(ref _own[number]) is { } own) sum += Volatile.Read(ref own[at]);
        }

        return sum;
    }
}
