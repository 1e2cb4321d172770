using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace FastRmp;

/// <summary>The entries that a walk, or a device's request, passed, in the order in which they were read.</summary>
/// <remarks>A walk of one set of tables passes at most five, from the top; a nested walk at most 35, five guest levels over five nested
/// ones. A device's request passes at most six; with guest (v2) tables three of GCR3, five of the tables, and before each of them and the
/// page at most six of the host's: 62.</remarks>
public struct WalkTrace
{
    private const int MostGuestEntries = 8;
    private const int MostHostLevels = 6;
    private const int Capacity = (MostGuestEntries * (MostHostLevels + 1)) + MostHostLevels;

    private Buffer _steps;

    /// <summary>How many entries were read.</summary>
    public int Count { get; private set; }

    /// <summary>The entries in the order in which they were read.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<WalkStep> Steps => ((ReadOnlySpan<WalkStep>)_steps)[..Count];

    internal void Clear() => Count = 0;

    internal void Add(in WalkStep step) => _steps[Count++] = step;

    [InlineArray(Capacity)]
    private struct Buffer
    {
        private WalkStep _first;
    }
}
