namespace FastRmp.Images;

/// <summary>What the content of an image does not say, and limits for reading it.</summary>
/// <remarks>Immutable; any threads may share it.</remarks>
public sealed record MemoryImageOptions
{
    /// <summary>Where the bytes of raw memory belong; null if the file says so itself.</summary>
    public RamLayout? Ram { get; init; }

    /// <summary>Whether the other files of a split dump are looked for in the directory of the one that is opened.</summary>
    public bool FindsParts { get; init; } = true;

    /// <summary>How many bytes that are not zero a compressed file may unpack to, in memory: beyond them it is refused. Pages of zeros cost
    /// nothing. Null for half of the memory that this process may use.</summary>
    public ulong? MaxUnpackedBytes { get; init; }
}
