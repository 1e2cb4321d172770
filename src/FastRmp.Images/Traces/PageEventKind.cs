namespace FastRmp.Images;

/// <summary>What happened to a block of pages.</summary>
public enum PageEventKind
{
    /// <summary><c>mm_page_alloc</c>: the allocator handed the block out.</summary>
    Allocation,

    /// <summary><c>mm_page_free</c>: the block came back.</summary>
    Release,
}
