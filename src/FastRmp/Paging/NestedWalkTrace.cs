using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <summary>The entries that a nested walk passed, in order: at most 35, five guest levels over five nested ones.</summary>
public struct NestedWalkTrace
{
    private Buffer _steps;

    /// <summary>How many entries were read.</summary>
    public int Count { get; private set; }

    /// <summary>The entries in the order in which they were read.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<NestedWalkStep> Steps => ((ReadOnlySpan<NestedWalkStep>)_steps)[..Count];

    internal void Clear() => Count = 0;

    internal void Add(in NestedWalkStep step) => _steps[Count++] = step;

    [InlineArray(35)]
    private struct Buffer
    {
        private NestedWalkStep _first;
    }
}
