namespace FastRmp.Reference;

/// <summary>The result of one policy's replay.</summary>
public sealed record ReferenceReplayResult
{
    /// <summary>Allocations in the trace, also those outside memory.</summary>
    public required long Allocations { get; init; }

    /// <summary>Frees in the trace, also those outside memory.</summary>
    public required long Frees { get; init; }

    /// <summary>The counts.</summary>
    public required ReferenceReplayCounts Counts { get; init; }

    /// <summary>The leaves of the direct map before the first event.</summary>
    public required ReferenceLeafCounts Start { get; init; }

    /// <summary>The leaves of the direct map after the last event.</summary>
    public required ReferenceLeafCounts End { get; init; }

    /// <summary>The largest number of 4 KiB leaves at any moment, the start included.</summary>
    public required int Peak4K { get; init; }
}
