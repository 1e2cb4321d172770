using System;

namespace FastRmp.Images;

/// <summary>Names of <see cref="SplitReasons"/>.</summary>
public static class SplitReasonsExtensions
{
    private static readonly string[] Names =
        ["holes", "unmapped", "write", "execute", "user", "cache", "encryption", "global", "software", "kernel_4k", "accessed_dirty",
            "frames", "smaller", "absent", "boot", "after_boot"];

    /// <summary>How many different reasons there are: one for each bit from bit 0 on.</summary>
    public static int Count => Names.Length;

    /// <summary>The name of one reason, in lower case with underscores.</summary>
    /// <param name="index">The number of its bit, from 0.</param>
    /// <returns>An interned string.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are not that many reasons.</exception>
    public static string Name(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Names.Length);
        return Names[index];
    }

    /// <summary>Whether one of several reasons is there.</summary>
    /// <param name="reasons">The reasons.</param>
    /// <param name="index">The number of its bit, from 0.</param>
    /// <returns>Whether it is.</returns>
    public static bool Has(this SplitReasons reasons, int index) => (reasons & (SplitReasons)(1 << index)) != 0;
}
