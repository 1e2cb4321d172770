using System;
using System.Collections.Generic;

namespace FastRmp.Tests.Rmp.Differential;

/// <summary>Cuts a sequence down that fails: whole halves, quarters and so on are left out as long as the rest still fails.</summary>
internal static class Shrinker
{
    /// <param name="sequence">A sequence that fails.</param>
    /// <param name="fails">Whether a sequence fails.</param>
    /// <param name="tries">The most sequences to try.</param>
    /// <returns>A sequence that fails, none of whose single operations can be left out unless the tries ran out.</returns>
    public static List<T> Shrink<T>(List<T> sequence, Func<List<T>, bool> fails, int tries)
    {
        int piece = sequence.Count / 2;
        while (piece > 0 && tries > 0)
        {
            bool shorter = false;
            for (int start = sequence.Count - piece; start >= 0 && tries > 0; start -= piece)
            {
                List<T> rest = [.. sequence[..start], .. sequence[(start + piece)..]];
                tries--;
                if (!fails(rest)) continue;
                sequence = rest;
                shorter = true;
                start = Math.Min(start, sequence.Count);
            }

            if (!shorter || piece > sequence.Count) piece = Math.Min(piece / 2, sequence.Count);
        }

        return sequence;
    }
}
