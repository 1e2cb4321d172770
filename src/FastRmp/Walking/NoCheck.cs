namespace FastRmp;

/// <summary>Checks nothing: for memory images, and while SNP is off.</summary>
public readonly record struct NoCheck : IWalkCheck, INestedWalkCheck
{
    /// <inheritdoc/>
    public bool MayUseEntry(PhysicalAddress entry, bool writes) => true;

    /// <inheritdoc/>
    public bool MayAccess(PhysicalAddress address, PageSize mapping, AccessKind kind) => true;

    /// <inheritdoc/>
    public bool MayUseNestedEntry(PhysicalAddress entry, bool writes) => true;

    /// <inheritdoc/>
    public NestedCheckResult CheckGuestEntry(GuestPhysicalAddress gpa, PhysicalAddress address, PageSize mapping, bool isPrivate) =>
        NestedCheckResult.Allowed;

    /// <inheritdoc/>
    public NestedCheckResult CheckAccess(
        GuestPhysicalAddress gpa, PhysicalAddress address, PageSize mapping, MemoryAccess access, bool isPrivate) =>
        NestedCheckResult.Allowed;
}
