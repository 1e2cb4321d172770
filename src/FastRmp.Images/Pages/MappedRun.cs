namespace FastRmp.Images;

/// <summary>A segment of a mapped file.</summary>
internal unsafe struct MappedRun
{
    /// <summary>Where physical address 0 would be: bytes are found without waiting for the subtraction that checks their place.</summary>
    internal byte* Zero;

    /// <summary>Physical address of the first byte.</summary>
    internal ulong Start;

    /// <summary>Offsets below it have eight bytes.</summary>
    internal ulong Ends;
}
