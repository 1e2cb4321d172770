namespace FastRmp.Images;

/// <summary>Who is a guest in a trace, and what the host is like.</summary>
public sealed record ReplayOptions
{
    /// <summary>The pattern that <see cref="GuestPattern"/> has unless told otherwise.</summary>
    public const string DefaultGuestPattern = "busybox-vm*";

    /// <summary>Which tasks are guests, as a <see cref="TaskPattern"/>: their movable allocations are guest memory.</summary>
    public string GuestPattern { get; init; } = DefaultGuestPattern;

    /// <summary>Whether 2 MiB blocks become 2 MiB entries of the RMP; if not, every entry is of 4 KiB.</summary>
    public bool LargeEntries { get; init; } = true;

    /// <summary>The processor: how many ASIDs, and hence guests, there are.</summary>
    public ProcessorModel Processor { get; init; } = ProcessorModel.Genoa;
}
