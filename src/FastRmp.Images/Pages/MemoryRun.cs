namespace FastRmp.Images;

/// <summary>Bytes of physical memory that lie together in this process.</summary>
/// <remarks>A run in a cache is valid as long as the number at <see cref="Version"/> is <see cref="Seen"/>: whoever reads bytes looks at it
/// afterwards.</remarks>
internal unsafe struct MemoryRun
{
    /// <summary>Where the bytes are.</summary>
    internal byte* Origin;

    /// <summary>Physical address of the first.</summary>
    internal ulong Start;

    /// <summary>How many.</summary>
    internal ulong Length;

    /// <summary>Changes when the bytes do.</summary>
    internal uint* Version;

    /// <summary>What it was when the bytes were found.</summary>
    internal uint Seen;

    /// <summary>Whether the bytes never move.</summary>
    internal readonly bool IsFixed => Version == FixedVersion.Pointer;
}
