using System.Collections.Generic;
using System.Linq;

namespace FastRmp.Benchmarks.Scaling;

/// <summary>What one side did with a number of threads: the median of rounds.</summary>
/// <param name="PerSecond">Operations of all threads together.</param>
/// <param name="Fairness">The slowest thread's by the fastest one's.</param>
internal readonly record struct ScaleFigures(double PerSecond, double Fairness)
{
    /// <summary>Of one round: operations a second of each thread.</summary>
    internal static ScaleFigures Of(IReadOnlyCollection<double> threads) => new(threads.Sum(), threads.Min() / threads.Max());

    /// <summary>The medians of rounds, each figure by itself.</summary>
    internal static ScaleFigures Median(IReadOnlyCollection<ScaleFigures> rounds) =>
        new(Middle(rounds.Select(static round => round.PerSecond)), Middle(rounds.Select(static round => round.Fairness)));

    private static double Middle(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
