using System.Runtime.CompilerServices;

namespace FastRmp;

/// <summary>Who holds a lock: a number that no other instruction has at the same time.</summary>
internal static unsafe class LockHolder
{
    // From bit 7 of an address to the lowest bit of the field.
    private const int Shift = 5;

    /// <summary>Sets a parent and its children apart, whose stacks have the same addresses: zero, or what a fork has given to a
    /// child.</summary>
#pragma warning disable CS0649 // assigned through the pointer below
    private static ulong _process;
#pragma warning restore CS0649

    /// <summary>Where the child of a fork writes a number of its own. Of primitive type, so that no collection moves it.</summary>
    internal static ulong* Process => (ulong*)Unsafe.AsPointer(ref _process);

    /// <summary>The calling instruction, as a value of the entry's field of the guest address. Not zero, but by a rare chance in a
    /// child.</summary>
    /// <remarks>
    /// Bits [46:7] of an address in its own part of the stack. A thread executes one instruction at a time, and the callers' frames, of
    /// more than 128 bytes, lie between the variables of two threads even where a program has laid their stacks side by side, in one
    /// page. To take the address of a variable costs less than to read the number of the thread.
    /// </remarks>
    internal static ulong Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ulong here;
            return (((ulong)&here << Shift) ^ _process) & RmpEntry.GpaMask; // Safety: a number, never followed.
        }
    }
}
