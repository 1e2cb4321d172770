using System;
using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <summary>A number that no other living thread of the process has: the place of what a thread alone writes.</summary>
/// <remarks>There are 64. A thread takes one when it first needs it, and keeps it; that of a thread that has ended is taken by another one,
/// which goes on with what stands there. The ends of threads are not waited for: a thread that finds all taken has none from then
/// on.</remarks>
internal static class ThreadPlace
{
    /// <summary>Places, from 1 on.</summary>
    internal const int Count = 64;

    /// <summary>The number of all threads that have no place.</summary>
    internal const int None = Count + 1;

    [ThreadStatic]
    private static int _number;

    /// <summary>The calling thread's place, <see cref="None"/>, or 0 before the first <see cref="Take"/>.</summary>
    internal static int Number
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _number;
    }

    /// <summary>The calling thread's place or <see cref="None"/>, taken now unless it was before.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static int Take()
    {
        if (_number == 0) _number = Taken.First(Thread.CurrentThread);
        return _number;
    }

    /// <summary>Who has which place. A class of its own, so that no access to a number initializes anything.</summary>
    private static class Taken
    {
        private static readonly Thread?[] Owners = new Thread?[None];

        internal static int First(Thread own)
        {
            for (int number = 1; number < None; number++)
            {
                Thread? owner = Volatile.Read(ref Owners[number]);
                if (owner is { IsAlive: true }) continue;
#pragma warning disable RS0030 // the ulong overload, which the rule asks for, exchanges no references
                // A full fence: what the owner before has written is seen, since it wrote before it ended.
                if (Interlocked.CompareExchange(ref Owners[number], own, owner) == owner) return number;
#pragma warning restore RS0030
            }

            return None;
        }
    }
}
