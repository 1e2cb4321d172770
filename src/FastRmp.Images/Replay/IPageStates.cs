namespace FastRmp.Images;

/// <summary>Who owns which page, and the instructions that change it: what a conversion needs of a host.</summary>
internal interface IPageStates
{
    /// <summary>The first page of a region from a page on that is assigned, or that is not.</summary>
    /// <param name="frame">The first page that counts.</param>
    /// <param name="end">The page after the last; in the same region, or the next one's first.</param>
    /// <param name="assigned">Which.</param>
    /// <returns>The page; <paramref name="end"/> if there is none.</returns>
    ulong Next(ulong frame, ulong end, bool assigned);

    /// <summary>Whether any page of the 2 MiB region around the page is assigned.</summary>
    bool IsAssignedAny(ulong frame);

    /// <summary>Whether the 2 MiB region around the page is one entry.</summary>
    bool HasLargeEntry(ulong frame);

    /// <summary>RMPUPDATEs of pages of one region, one after the other.</summary>
    /// <param name="frame">The first page.</param>
    /// <param name="pages">How many of 4 KiB.</param>
    /// <param name="operand">The state; GPA and size are those of the first, GPA rises.</param>
    void Update(ulong frame, ulong pages, in RmpUpdateOperand operand);

    /// <summary>PSMASH of the region around the page.</summary>
    void Smash(ulong frame);
}
