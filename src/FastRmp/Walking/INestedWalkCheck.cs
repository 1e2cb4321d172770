namespace FastRmp;

/// <summary>What is asked during a nested walk after paging has allowed a step: the seam where the RMP comes in.</summary>
/// <remarks>A <c>struct</c> type argument of <see cref="Paging.NestedWalker"/>; <see cref="NoCheck"/> for images and while SNP is
/// off.</remarks>
public interface INestedWalkCheck
{
    /// <summary>Whether the walker may use an entry of the nested tables, which are the host's.</summary>
    /// <param name="entry">Address of the entry.</param>
    /// <param name="writes">Whether the walker is about to set its Accessed or Dirty bit.</param>
    /// <returns>False ends the walk as <see cref="Paging.NestedWalkStatus.RmpViolation"/>.</returns>
    bool MayUseNestedEntry(PhysicalAddress entry, bool writes);

    /// <summary>Judges the access to an entry of the guest's tables, before it is read. It counts as a write.</summary>
    /// <param name="gpa">Guest physical address of the entry.</param>
    /// <param name="address">Where it stands.</param>
    /// <param name="mapping">Size of the nested mapping that led there.</param>
    /// <param name="isPrivate">Whether the guest's memory is encrypted: table accesses are private then.</param>
    /// <returns>The verdict; anything but allowed ends the walk.</returns>
    NestedCheckResult CheckGuestEntry(GuestPhysicalAddress gpa, PhysicalAddress address, PageSize mapping, bool isPrivate);

    /// <summary>Judges the access itself.</summary>
    /// <param name="gpa">Guest physical address of the byte, without the C-bit.</param>
    /// <param name="address">System physical address of the byte.</param>
    /// <param name="mapping">Size of the nested mapping.</param>
    /// <param name="access">The guest's access.</param>
    /// <param name="isPrivate">Whether it is private: by the C-bit of the guest's leaf, by virtual TOM, or as a fetch.</param>
    /// <returns>The verdict; anything but allowed ends the walk.</returns>
    NestedCheckResult CheckAccess(GuestPhysicalAddress gpa, PhysicalAddress address, PageSize mapping, MemoryAccess access, bool isPrivate);
}
