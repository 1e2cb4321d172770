using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <summary>The entries that a walk passed, in the order in which they were read.</summary>
/// <remarks>A walk of one set of tables passes at most five, from the top; a nested walk at most 35, five guest levels over five nested
/// ones.</remarks>
public struct WalkTrace
{
    private Buffer _steps;

    /// <summary>How many entries were read.</summary>
    public int Count { get; private set; }

    /// <summary>The entries in the order in which they were read.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<WalkStep> Steps => ((ReadOnlySpan<WalkStep>)_steps)[..Count];

    internal void Clear() => Count = 0;

    internal void Add(in WalkStep step) => _steps[Count++] = step;

    [InlineArray(35)]
    private struct Buffer
    {
        private WalkStep _first;
    }
}
