using System;
using System.Diagnostics;

namespace FastRmp.Fuzz;

/// <summary>Runs a target on one input and holds it to what every reader promises.</summary>
internal static class FuzzCheck
{
    /// <summary>Longer than any input may take, however busy the machine is.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Reads an input.</summary>
    /// <returns>Whether it was taken for whole.</returns>
    /// <exception cref="FuzzFailure">An exception that is not documented came out, or it took too long or too much memory.</exception>
    internal static bool Run(FuzzTarget target, byte[] input)
    {
        long limit = target.AllocationBase + (target.AllocationFactor * input.Length);
        long before = GC.GetAllocatedBytesForCurrentThread();
        long begin = Stopwatch.GetTimestamp();
        bool isWhole;
        try
        {
            isWhole = target.Read(input);
        }
        catch (Exception failure) when (failure is not FuzzFailure)
        {
            throw new FuzzFailure($"{target.Name}: {failure.GetType().Name}: {failure.Message}", failure);
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(begin);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (elapsed > Patience) throw new FuzzFailure($"{target.Name}: {input.Length} bytes took {elapsed.TotalSeconds:F1} s");
        if (allocated > limit) throw new FuzzFailure($"{target.Name}: {input.Length} bytes allocated {allocated}, more than {limit}");
        return isWhole;
    }
}
