using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace FastRmp.Iommu;

/// <summary>The page-table entries that a device's request passed, from the top: at most six.</summary>
public struct IoWalkTrace
{
    private Buffer _steps;

    /// <summary>How many entries were read.</summary>
    public int Count { get; private set; }

    /// <summary>The entries in the order in which they were read.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<IoWalkStep> Steps => ((ReadOnlySpan<IoWalkStep>)_steps)[..Count];

    internal void Clear() => Count = 0;

    internal void Add(IoWalkStep step) => _steps[Count++] = step;

    [InlineArray(IoPageSize.TopLevel)]
    private struct Buffer
    {
        private IoWalkStep _first;
    }
}
