using System.Collections.Generic;

namespace FastRmp.Reference;

/// <summary>What a replay is to be done with.</summary>
public sealed record ReferenceReplayOptions
{
    /// <summary>The ranges of System RAM.</summary>
    public required IReadOnlyList<ReferenceRange> Memory { get; init; }

    /// <summary>The shell pattern for the names of tasks that are guests.</summary>
    public string GuestPattern { get; init; } = "busybox-vm*";

    /// <summary>Whether 2 MiB entries are made where a block allows them; otherwise all entries are 4 KiB.</summary>
    public bool LargeEntries { get; init; } = true;

    /// <summary>The processor.</summary>
    public ReferenceProcessor Processor { get; init; } = new();

    /// <summary>The open points of the specification.</summary>
    public ReferenceChoices Choices { get; init; } = new();
}
