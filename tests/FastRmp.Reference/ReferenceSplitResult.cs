namespace FastRmp.Reference;

/// <summary>What came of bringing a page to 4 KiB.</summary>
public enum ReferenceSplitResult
{
    /// <summary>The page is mapped by a 4 KiB leaf, now or already before.</summary>
    Done = 0,

    /// <summary>The direct map does not map the page: nothing to protect.</summary>
    NotMapped = 1,

    /// <summary>There are not enough pages for the tables; nothing changed.</summary>
    OutOfTablePages = 2,
}
