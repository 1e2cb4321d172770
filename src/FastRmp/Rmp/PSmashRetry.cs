using System;
using System.Threading;
using FastRmp.Addressing;

namespace FastRmp.Rmp;

/// <summary>The host's loop around PSMASH: tries again while another processor holds the page, as KVM's wrapper does.</summary>
public static class PSmashRetry
{
    /// <summary>Executes PSMASH until it no longer reports contention, or the retries are used up.</summary>
    /// <typeparam name="TGeometry">Where the entries stand.</typeparam>
    /// <param name="table">The table.</param>
    /// <param name="processor">The executing processor.</param>
    /// <param name="page">The page, 2 MiB aligned.</param>
    /// <param name="maxRetries">How often to try again at most; 0 or less tries once.</param>
    /// <param name="retries">How many tries failed before the result.</param>
    /// <returns>The last result; with <see cref="RmpResult.IsContention"/> set if the bound ended the loop. FAIL_INUSE of a page that a running guest uses is returned at once: it lasts until #VMEXIT.</returns>
    public static RmpResult Execute<TGeometry>(ReverseMapTable<TGeometry> table, in ExecutionState processor, PhysicalAddress page, long maxRetries, out long retries)
        where TGeometry : struct, IRmpGeometry
    {
        ArgumentNullException.ThrowIfNull(table);
        SpinWait spin = default;
        retries = 0;
        while (true)
        {
            RmpResult result = table.PSmash(processor, page);
            if (!result.IsContention || retries >= maxRetries) return result;
            retries++;
            spin.SpinOnce(sleep1Threshold: -1); // gives way to a preempted holder, never sleeps
        }
    }
}
