namespace FastRmp.Images;

/// <summary>What an event of the page allocator means for the pages that it names.</summary>
public enum PageEventUse
{
    /// <summary>The allocator handed the block out, or failed to.</summary>
    Allocation,

    /// <summary>The block came back. Every page that comes back has one.</summary>
    Release,

    /// <summary>The page came back as one of a list. Kernels print it in addition to a <see cref="Release"/> of the same page: it counts
    /// only where the trace has none of those.</summary>
    ReleaseAgain,

    /// <summary>Moves pages between the allocator's own lists: they are neither allocated nor released.</summary>
    None,
}
