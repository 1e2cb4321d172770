using System;

namespace FastRmp.Guarantee.Tests.Probes;

/// <summary>
/// Ends a broken library that does not end by itself: in it each turn of each loop is counted. Counting does not depend on the machine's
/// load.
/// </summary>
internal static class LoopBudget
{
    private static long _left;

    /// <summary>Grants turns for what follows.</summary>
    public static void Grant(long turns) => _left = turns;

    /// <summary>Takes one turn.</summary>
    public static void Turn()
    {
        if (--_left < 0) throw new InvalidOperationException("a loop did not end");
    }
}
