using System;
using System.Collections.Generic;
using System.Linq;

namespace FastRmp.Benchmarks.Growing;

/// <summary>How the time of an operation grows with its size.</summary>
/// <param name="Title">What the table calls it.</param>
/// <param name="Sizes">The sizes as the table has them.</param>
/// <param name="Factor">Each size is so many times the one before.</param>
/// <param name="Nanoseconds">The time of each size.</param>
/// <param name="Limit">The time in which the memory of each size is read; empty if it is not read from end to end.</param>
internal sealed record GrowthRow(
    string Title, IReadOnlyList<string> Sizes, double Factor, IReadOnlyList<double> Nanoseconds, IReadOnlyList<double> Limit)
{
    /// <summary>What measuring adds to an exponent; a quadratic loop has 2.</summary>
    internal const double Allowance = 0.1;

    /// <summary>The exponent over all sizes: 1 is linear.</summary>
    internal double Exponent => ExponentOf(Nanoseconds, Factor);

    /// <summary>The exponent of the last step, where what grows fastest shows.</summary>
    internal double LastExponent => ExponentOf([.. Nanoseconds.TakeLast(2)], Factor);

    /// <summary>The exponent of reading the memory: more than 1 where a cache no longer holds it.</summary>
    internal double? LimitExponent => Limit.Count == 0 ? null : ExponentOf(Limit, Factor);

    /// <summary>The same of the last step.</summary>
    internal double? LastLimitExponent => Limit.Count == 0 ? null : ExponentOf([.. Limit.TakeLast(2)], Factor);

    /// <summary>Whether it grows no faster than its size, or than reading so much memory does.</summary>
    internal bool IsLinear => Exponent <= Math.Max(1, LimitExponent ?? 1) + Allowance
        && LastExponent <= Math.Max(1, LastLimitExponent ?? 1) + Allowance;

    /// <summary>The slope of the straight line through the logarithms of sizes and times, by least squares.</summary>
    /// <param name="times">At least two, of sizes that each are the same multiple of the one before.</param>
    /// <param name="factor">The multiple.</param>
    internal static double ExponentOf(IReadOnlyList<double> times, double factor)
    {
        double middle = (times.Count - 1) / 2.0;
        double products = 0;
        double squares = 0;
        for (int i = 0; i < times.Count; i++)
        {
            products += (i - middle) * Math.Log(times[i]);
            squares += (i - middle) * (i - middle);
        }

        return products / squares / Math.Log(factor);
    }
}
