using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <summary>The entries that a walk passed, from the top: at most five.</summary>
public struct WalkTrace
{
    private Buffer _steps;

    /// <summary>How many entries were read.</summary>
    public int Count { get; private set; }

    /// <summary>The entries in the order in which they were read.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<WalkStep> Steps => ((ReadOnlySpan<WalkStep>)_steps)[..Count];

    internal void Clear() => Count = 0;

    internal void Add(WalkStep step) => _steps[Count++] = step;

    [InlineArray(5)]
    private struct Buffer
    {
        private WalkStep _first;
    }
}
