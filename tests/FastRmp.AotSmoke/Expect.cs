using System;

namespace FastRmp.AotSmoke;

/// <summary>Plain checks: no test framework runs under NativeAOT. What fails is counted and named.</summary>
internal static class Expect
{
    /// <summary>How many checks failed.</summary>
    internal static int Failures { get; private set; }

    internal static void That(bool holds, string what)
    {
        if (holds) return;
        Failures++;
        Console.Error.WriteLine($"failed: {what}");
    }

    /// <summary>Runs a round once to warm up, then so often that it must not allocate.</summary>
    /// <param name="name">What the round is about.</param>
    /// <param name="round">The round; it gets its number.</param>
    internal static void NoAllocation(string name, Action<int> round)
    {
        const int Rounds = 20;
        round(0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 1; i <= Rounds; i++)
        {
            round(i);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        That(allocated == 0, $"{name}: nothing is allocated, found {allocated} bytes");
    }
}
