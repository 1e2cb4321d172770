using System.Collections.Generic;

namespace FastRmp.Benchmarks.Gating;

/// <summary>What was recorded on one kind of machine.</summary>
internal sealed record BaselineEntry
{
    public required string Cpu { get; init; }

    public required int VectorBits { get; init; }

    public required string Processor { get; init; }

    public required string Runtime { get; init; }

    public required string Compiler { get; init; }

    public required string Date { get; init; }

    public required string Commit { get; init; }

    public required SortedDictionary<string, BaselineRow> Rows { get; init; }
}
