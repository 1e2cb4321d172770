namespace FastRmp.Images;

/// <summary>Which tasks of a trace are guests, and the configuration of the host. Immutable; any threads may share it.</summary>
public sealed record ReplayOptions
{
    /// <summary>The pattern that <see cref="GuestPattern"/> has unless set otherwise.</summary>
    public const string DefaultGuestPattern = "busybox-vm*";

    /// <summary>Which tasks are guests: a shell pattern for whole names (<c>*</c>, <c>?</c>, <c>[a-z]</c>, <c>[!a-z]</c>; case-sensitive).
    /// Their movable allocations are guest memory.</summary>
    public string GuestPattern { get; init; } = DefaultGuestPattern;

    /// <summary>Whether 2 MiB blocks become 2 MiB entries of the RMP; if not, every entry is of 4 KiB.</summary>
    public bool LargeEntries { get; init; } = true;

    /// <summary>The processor: how many ASIDs, and hence guests, there are.</summary>
    public ProcessorModel Processor { get; init; } = ProcessorModel.Genoa;
}
