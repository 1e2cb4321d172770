using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace FastRmp.Iommu;

/// <summary>The page-table entries that a device's request passed, in the order in which they were read: at most six; with guest (v2)
/// tables three of GCR3, five of the tables, and before each of them and the page at most six of the host's.</summary>
public struct IoWalkTrace
{
    private const int MostGuestEntries = 8;
    private const int Capacity = (MostGuestEntries * (IoPageSize.TopLevel + 1)) + IoPageSize.TopLevel;

    private Buffer _steps;

    /// <summary>How many entries were read.</summary>
    public int Count { get; private set; }

    /// <summary>The entries in the order in which they were read.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<IoWalkStep> Steps => ((ReadOnlySpan<IoWalkStep>)_steps)[..Count];

    internal void Clear() => Count = 0;

    internal void Add(IoWalkStep step) => _steps[Count++] = step;

    [InlineArray(Capacity)]
    private struct Buffer
    {
        private IoWalkStep _first;
    }
}
