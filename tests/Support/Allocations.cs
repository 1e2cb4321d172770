using System;
using Xunit;

namespace FastRmp.Tests.Support;

/// <summary>What code allocates on the managed heap of the thread that runs it.</summary>
/// <remarks>
/// The runtime counts a thread's allocation buffer (8 KiB or so) as a whole when it hands it out, and takes off what is still free when it
/// is asked. A background collection that other tests cause takes the buffer away and does not take that off: the counter jumps although
/// nothing was allocated. A collection that the thread itself waits for does, so it comes first: then there is no buffer to discard, and
/// code that allocates nothing gets none.
/// </remarks>
internal static class Allocations
{
    private const int Attempts = 5;

    /// <summary>
    /// Runs an action once, so that all it needs is loaded and compiled, and then requires of a number of further runs that they allocate
    /// nothing.
    /// </summary>
    public static void RequireNone(Action action, int rounds = 100)
    {
        action();
        long allocated = Of(Repeat);
        Assert.Equal(0, allocated);

        void Repeat()
        {
            for (int round = 0; round < rounds; round++) action();
        }
    }

    /// <summary>Requires that a function whose results are positive allocates nothing.</summary>
    public static void RequireNoneOf(Func<int> function)
    {
        int sum = 0;
        RequireNone(() => sum += function());
        Assert.True(sum > 0);
    }

    /// <summary>The bytes that an action allocates: exact if there are none, else now and then some KiB too many (see above).</summary>
    public static long Of(Action action)
    {
        GC.Collect(0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>The least of several measurements, for code that allocates.</summary>
    public static long Least(Func<long> measurement)
    {
        long least = long.MaxValue;
        for (int attempt = 0; attempt < Attempts; attempt++) least = Math.Min(least, measurement());
        return least;
    }
}
