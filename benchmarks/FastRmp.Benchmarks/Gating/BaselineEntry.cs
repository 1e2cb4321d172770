using System.Collections.Generic;
using System.Text.Json.Serialization;

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

    /// <summary>Of calls of libfastrmp, by their names in its table: the time of a call by that of the same in C. Null where nobody
    /// recorded them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SortedDictionary<string, double>? Calls { get; init; }
}
