namespace FastRmp.Images;

/// <summary>What an image has of a page of physical memory.</summary>
public enum ImagePageStatus
{
    /// <summary>Its bytes.</summary>
    Present,

    /// <summary>Nothing: the machine had no memory there, or the format does not say that it had.</summary>
    Absent,

    /// <summary>Nothing, because the writer left the page out: free, cache, user or zero pages, by makedumpfile's dump level.</summary>
    Excluded,

    /// <summary>Nothing, because the image ends before it: a file cut short, a full disk, a part of a split dump that was not
    /// given.</summary>
    Lost,

    /// <summary>Bytes that cannot be decompressed.</summary>
    Damaged,
}
