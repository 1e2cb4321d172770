namespace FastRmp.Qemu;

/// <summary>A GiB of the direct map as it was seen last: the entry that maps it, and the directory behind that.</summary>
/// <param name="start">The first physical address of the GiB.</param>
/// <param name="entry">Where the entry that maps it is.</param>
internal sealed class GigabyteDirectory(PhysicalAddress start, PhysicalAddress entry)
{
    /// <summary>The first physical address of the GiB.</summary>
    internal PhysicalAddress Start => start;

    /// <summary>Where the entry is.</summary>
    internal PhysicalAddress Entry => entry;

    /// <summary>What the entry held.</summary>
    internal ulong Value { get; set; }

    /// <summary>What the directory held: without meaning unless <see cref="Value"/> points to one.</summary>
    internal ulong[] Entries { get; } = new ulong[PageArithmetic.EntriesPerTable];
}
