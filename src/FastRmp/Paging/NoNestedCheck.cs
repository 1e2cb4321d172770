namespace FastRmp.Paging;

/// <summary>Checks nothing: for memory images, and while SNP is off.</summary>
public readonly record struct NoNestedCheck : INestedWalkCheck
{
    /// <inheritdoc/>
    public bool MayUseNestedEntry(PhysicalAddress entry, bool writes) => true;

    /// <inheritdoc/>
    public NestedCheckResult JudgeGuestEntry(GuestPhysicalAddress gpa, PhysicalAddress address, PageSize mapping, bool isPrivate) => NestedCheckResult.Allowed;

    /// <inheritdoc/>
    public NestedCheckResult JudgeAccess(GuestPhysicalAddress gpa, PhysicalAddress address, PageSize mapping, MemoryAccess access, bool isPrivate) => NestedCheckResult.Allowed;
}
