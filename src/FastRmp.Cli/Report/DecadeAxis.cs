using System;

namespace FastRmp.Cli.Report;

/// <summary>An axis of counts from 0 on, which grows by decades: the distance of 0 from 1 is that of 1 from 4.</summary>
/// <param name="Decades">How many decades it has.</param>
internal readonly record struct DecadeAxis(int Decades)
{
    private const double Base = 10;

    /// <summary>An axis that holds a count.</summary>
    internal static DecadeAxis To(double high) => new(Math.Max(1, (int)Math.Ceiling(Math.Log10(Math.Max(1, high)))));

    /// <summary>How many marks there are: 0, 1, 10 and so on.</summary>
    internal int Count => Decades + 2;

    /// <summary>The value of a mark.</summary>
    internal static double Mark(int index) => index == 0 ? 0 : Math.Pow(Base, index - 1);

    /// <summary>Where a value lies, 0 at the beginning, 1 at the end.</summary>
    internal double Part(double value) => Grown(Math.Max(0, value)) / Grown(Math.Pow(Base, Decades));

    // logarithmic from 1 on, and through 0
    private static double Grown(double value) => Math.Asinh(value * 2);
}
