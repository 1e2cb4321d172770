using System;
using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <summary>Who holds the lock of a sub-entry: a number that no other instruction on the table has at the same time (rule 5).</summary>
internal static unsafe class LockHolder
{
    // From bit 7 of an address to the lowest bit of the field of the guest address.
    private const int Shift = 5;

    // The field's highest bit is always set, so that no holder is zero; below it address bits [44:7].
    private const ulong NotZero = 1UL << 50;
    private const ulong Mask = RmpEntry.GpaMask & ~NotZero;

    private static ulong _process;

    /// <summary>Where the child of a fork writes a number of its own: its stacks have the addresses of its parent's, and the two may share
    /// a table. Of primitive type, so that no collection moves it.</summary>
    internal static ulong* Process => (ulong*)Unsafe.AsPointer(ref _process);

    /// <summary>The calling instruction, as a value of the entry's field of the guest address.</summary>
    /// <remarks>
    /// Bits of an address in its own part of the stack, combined with the number of the process. A thread executes one instruction at a
    /// time, and the callers' frames, of more than 128 bytes, lie between the variables of two threads even where a program has laid their
    /// stacks side by side, in one page. To take the address of a variable costs less than to read the number of the thread.
    /// </remarks>
    internal static ulong Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ulong here;
            return ((((ulong)&here << Shift) ^ _process) & Mask) | NotZero; // Safety: a number, never followed.
        }
    }

    /// <summary>Gives the process its number, if it has none: another process that maps the same table may have its stacks at the same
    /// addresses. Before the first instruction; a static constructor would be looked for by each.</summary>
    internal static void Begin()
    {
        if (Volatile.Read(ref _process) != 0) return;
        ulong number = BitConverter.ToUInt64(Guid.NewGuid().ToByteArray()); // not zero: the version is among its bits
        Interlocked.CompareExchange(ref _process, number, 0);
    }
}
