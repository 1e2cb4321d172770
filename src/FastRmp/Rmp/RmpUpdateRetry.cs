using System;
using System.Threading;
using FastRmp.Addressing;
using FastRmp.Layouts;

namespace FastRmp.Rmp;

/// <summary>The host's loop around RMPUPDATE: tries again while another processor holds the entry. With <see cref="PSmashRetry"/> the only place that repeats an instruction.</summary>
public static class RmpUpdateRetry
{
    /// <summary>The loop of the original patch.</summary>
    public const RetryRule Rfc = RetryRule.InUse;

    /// <summary>Both codes: ends contention whichever of them <see cref="Model.ModelChoices.Contention"/> makes of it.</summary>
    public const RetryRule Any = RetryRule.InUse | RetryRule.Overlap;

    /// <summary>The loop of mainline Linux since 6.9. Contention that comes as FAIL_INUSE fails there at once.</summary>
    public const RetryRule Mainline = RetryRule.Overlap;

    /// <summary>Executes RMPUPDATE until it no longer reports contention by a code that the rule covers.</summary>
    /// <typeparam name="TGeometry">Where the entries stand.</typeparam>
    /// <param name="table">The table.</param>
    /// <param name="processor">The executing processor.</param>
    /// <param name="page">The page.</param>
    /// <param name="operand">The state it shall have.</param>
    /// <param name="rule">The codes to retry.</param>
    /// <param name="retries">How many tries failed before the result.</param>
    /// <returns>The last result. A persistent FAIL_OVERLAP is returned at once, never looped on.</returns>
    /// <remarks>Unbounded, as the kernel's loop: it ends when the others get on, which they do unless a thread died inside an instruction.</remarks>
    public static RmpResult Execute<TGeometry>(
        ReverseMapTable<TGeometry> table, in ExecutionState processor, PhysicalAddress page, in RmpUpdateOperand operand, RetryRule rule, out long retries)
        where TGeometry : struct, IRmpGeometry => Execute(table, processor, page, operand, rule, long.MaxValue, out retries);

    /// <summary>Executes RMPUPDATE until it no longer reports contention by a code that the rule covers, or the retries are used up.</summary>
    /// <typeparam name="TGeometry">Where the entries stand.</typeparam>
    /// <param name="table">The table.</param>
    /// <param name="processor">The executing processor.</param>
    /// <param name="page">The page.</param>
    /// <param name="operand">The state it shall have.</param>
    /// <param name="rule">The codes to retry.</param>
    /// <param name="maxRetries">How often to try again at most; 0 or less tries once.</param>
    /// <param name="retries">How many tries failed before the result.</param>
    /// <returns>The last result; with <see cref="RmpResult.IsContention"/> set if the bound ended the loop.</returns>
    public static RmpResult Execute<TGeometry>(
        ReverseMapTable<TGeometry> table, in ExecutionState processor, PhysicalAddress page, in RmpUpdateOperand operand, RetryRule rule, long maxRetries, out long retries)
        where TGeometry : struct, IRmpGeometry
    {
        ArgumentNullException.ThrowIfNull(table);
        SpinWait spin = default;
        retries = 0;
        while (true)
        {
            RmpResult result = table.RmpUpdate(processor, page, operand);
            if (!result.IsContention || retries >= maxRetries || !Covers(rule, result.Status)) return result;
            retries++;
            spin.SpinOnce(sleep1Threshold: -1); // gives way to a preempted holder, never sleeps
        }
    }

    private static bool Covers(RetryRule rule, RmpStatus status) => status switch
    {
        RmpStatus.FailInUse => (rule & RetryRule.InUse) != 0,
        RmpStatus.FailOverlap => (rule & RetryRule.Overlap) != 0,
        _ => false,
    };
}
