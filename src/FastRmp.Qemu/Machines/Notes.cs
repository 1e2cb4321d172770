using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace FastRmp.Qemu;

/// <summary>What the user has to know beside the counts: each sentence once, with how often it was true. Any threads.</summary>
internal sealed class Notes
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>Notes a sentence.</summary>
    internal void Add(string sentence)
    {
        lock (_gate) _counts[sentence] = _counts.GetValueOrDefault(sentence) + 1;
    }

    /// <summary>The sentences in alphabetical order.</summary>
    internal IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _counts.OrderBy(static note => note.Key, StringComparer.Ordinal)
                    .Select(static note => note.Value == 1 ? note.Key : FormattableString.Invariant($"{note.Key} ({note.Value} times)"))];
            }
        }
    }
}
