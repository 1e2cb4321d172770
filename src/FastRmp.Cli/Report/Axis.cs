using System;

namespace FastRmp.Cli.Report;

/// <summary>A linear axis that ends on round numbers.</summary>
/// <param name="Low">The value at its beginning.</param>
/// <param name="High">The value at its end.</param>
/// <param name="Step">The distance of its marks.</param>
internal readonly record struct Axis(double Low, double High, double Step)
{
    private const int Marks = 4;
    private const double Slack = 1e-9;

    /// <summary>An axis of counts that holds zero and these.</summary>
    internal static Axis OfCounts(long low, long high)
    {
        double bottom = Math.Min(0, low);
        double top = Math.Max(1, high);
        double step = Math.Max(1, Round((top - bottom) / Marks));
        return new Axis(Math.Floor(bottom / step) * step, Math.Ceiling(top / step) * step, step);
    }

    /// <summary>An axis from 0 to a value that need not be round.</summary>
    internal static Axis To(double high) => new(0, high, Round(high / Marks));

    /// <summary>How many marks there are.</summary>
    internal int Count => (int)Math.Floor(((High - Low) / Step) + Slack) + 1;

    /// <summary>The value of a mark.</summary>
    internal double Mark(int index) => Low + (index * Step);

    /// <summary>Where a value lies, 0 at the beginning, 1 at the end.</summary>
    internal double Part(double value) => (value - Low) / (High - Low);

    // The next of 1, 2, 5, 10 and so on.
    private static double Round(double step)
    {
        double decade = Math.Pow(10, Math.Floor(Math.Log10(step)));
        double digit = step / decade;
        return decade * (digit <= 1 + Slack ? 1 : digit <= 2 + Slack ? 2 : digit <= 5 + Slack ? 5 : 10);
    }
}
