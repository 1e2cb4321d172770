namespace FastRmp;

/// <summary>What is asked after paging has allowed an access: the seam where the RMP comes in.</summary>
/// <remarks>A <c>struct</c> type argument of the walker; <see cref="NoCheck"/> for memory images.</remarks>
public interface IWalkCheck
{
    /// <summary>Whether the walker may use a paging-structure entry.</summary>
    /// <param name="entry">Address of the entry.</param>
    /// <param name="writes">Whether the walker is about to set its Accessed or Dirty bit.</param>
    /// <returns>False ends the walk as <see cref="Paging.WalkStatus.RmpViolation"/>.</returns>
    bool MayUseEntry(PhysicalAddress entry, bool writes);

    /// <summary>Whether the access itself may happen.</summary>
    /// <param name="address">The physical address accessed.</param>
    /// <param name="mapping">Size of the mapping that led there.</param>
    /// <param name="kind">Read, write or fetch.</param>
    /// <returns>False ends the walk as <see cref="Paging.WalkStatus.RmpViolation"/>.</returns>
    bool MayAccess(PhysicalAddress address, PageSize mapping, AccessKind kind);
}
