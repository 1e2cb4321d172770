namespace FastRmp.Images.Study;

/// <summary>The host on which guests convert pages.</summary>
internal interface IConversionHost
{
    /// <summary>The time goes on.</summary>
    void At(long nanoseconds);

    /// <summary>Pages of a guest become private; those that are already stay as they are.</summary>
    /// <param name="owner">The ASID.</param>
    /// <param name="frame">The first page.</param>
    /// <param name="pages">How many.</param>
    /// <param name="gpa">The guest's address of the first.</param>
    /// <param name="mayBeLarge">Whether whole regions become entries of 2 MiB.</param>
    /// <param name="isNew">Whether the guest just got them.</param>
    void MakePrivate(uint owner, ulong frame, ulong pages, ulong gpa, bool mayBeLarge, bool isNew);

    /// <summary>Pages of a guest become shared.</summary>
    void MakeShared(ulong frame, ulong pages);

    /// <summary>A 2 MiB entry is smashed; nothing if the region is none.</summary>
    void SmashRegion(ulong frame);

    /// <summary>The kernel writes pages through its direct map.</summary>
    /// <param name="frame">The first page.</param>
    /// <param name="pages">How many.</param>
    /// <param name="kind">The class of writes, for the counts.</param>
    void HostWrite(ulong frame, ulong pages, string kind);
}
