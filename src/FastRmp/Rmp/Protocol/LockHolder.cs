using System.Runtime.CompilerServices;

namespace FastRmp;

/// <summary>Who holds a lock: a number that no other thread has at the same time.</summary>
internal static unsafe class LockHolder
{
    /// <summary>The calling thread, as a value of the entry's field of the guest address. Not zero.</summary>
    /// <remarks>The page of the thread's stack: no two threads share one, and a thread executes one instruction at a time. To take the
    /// address of a variable costs less than to read the number of the thread.</remarks>
    internal static ulong Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ulong here;
            return (ulong)&here & RmpEntry.GpaMask; // Safety: a number, never followed.
        }
    }
}
