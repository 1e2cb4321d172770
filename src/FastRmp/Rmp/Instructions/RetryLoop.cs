using System.Threading;

namespace FastRmp;

/// <summary>The host's loop around an instruction that meets contention: the only place that decides to repeat
/// one.</summary>
/// <remarks>A persistent FAIL_OVERLAP or FAIL_INUSE is not contention, and not repeated.</remarks>
internal struct RetryLoop
{
    private readonly RetryRule _rule;
    private readonly long _maxRetries;
    private SpinWait _spin;

    internal RetryLoop(RetryRule rule, long maxRetries)
    {
        _rule = rule;
        _maxRetries = maxRetries;
    }

    /// <summary>How many tries failed before the last one.</summary>
    internal long Retries { get; private set; }

    /// <summary>Whether to try again; yields the processor first.</summary>
    internal bool Again(RmpResult result)
    {
        if (!result.IsContention || Retries >= _maxRetries || !Covers(result.Status)) return false;
        Retries++;
        _spin.SpinOnce(sleep1Threshold: -1); // lets a preempted holder run, never sleeps
        return true;
    }

    private readonly bool Covers(RmpStatus status) => status switch
    {
        RmpStatus.FailInUse => (_rule & RetryRule.InUse) != 0,
        RmpStatus.FailOverlap => (_rule & RetryRule.Overlap) != 0,
        _ => false,
    };
}
