namespace FastRmp.Paging;

/// <summary>Checks nothing: for memory images, and while SNP is off.</summary>
public readonly record struct NoCheck : IWalkCheck
{
    /// <inheritdoc/>
    public bool MayUseEntry(PhysicalAddress entry, bool writes) => true;

    /// <inheritdoc/>
    public bool MayAccess(PhysicalAddress address, PageSize mapping, AccessKind kind) => true;
}
