using System;

namespace FastRmp.Benchmarks.Data;

/// <summary>A ratio says something only if both sides compute the same.</summary>
internal static class Agreement
{
    /// <summary>Demands that the sums of all results are equal.</summary>
    /// <param name="managed">The library's.</param>
    /// <param name="native">C's.</param>
    internal static void Require(ulong managed, ulong native)
    {
        if (managed != native)
        {
            throw new InvalidOperationException($"C# and C disagree: their results add up to 0x{managed:x} and 0x{native:x}.");
        }
    }
}
