using FastRmp.Addressing;

namespace FastRmp.Paging;

/// <summary>Checks nothing: for memory images, and while SNP is off.</summary>
public readonly record struct NoNestedCheck : INestedWalkCheck
{
    /// <inheritdoc/>
    public bool MayUseNestedEntry(PhysicalAddress entry, bool writes) => true;

    /// <inheritdoc/>
    public NestedVerdict JudgeGuestEntry(GuestPhysicalAddress gpa, PhysicalAddress address, PageSize mapping, bool isPrivate) => NestedVerdict.Allowed;

    /// <inheritdoc/>
    public NestedVerdict JudgeAccess(GuestPhysicalAddress gpa, PhysicalAddress address, PageSize mapping, MemoryAccess access, bool isPrivate) => NestedVerdict.Allowed;
}
