using System.Collections.Generic;

namespace FastRmp.Benchmarks.Releases;

/// <summary>A line of history.jsonl: the ratios of a release on one kind of processor.</summary>
internal sealed record ReleaseRow
{
    /// <summary>The version.</summary>
    public required string Version { get; init; }

    /// <summary>When it was measured: year, month, day.</summary>
    public required string Date { get; init; }

    /// <summary>Vendor, family and model, as <see cref="Gating.Machine"/> has them.</summary>
    public required string Cpu { get; init; }

    /// <summary>The widest vectors that were used.</summary>
    public required int VectorBits { get; init; }

    /// <summary>The processor's own name.</summary>
    public required string Processor { get; init; }

    /// <summary>By the names of baseline.json: the library's time by that of the same in C.</summary>
    public required SortedDictionary<string, double> Ratios { get; init; }

    /// <summary>What tells lines of one release apart.</summary>
    internal string Machine => $"{Cpu}, {VectorBits} bits";
}
