namespace FastRmp.Paging;

/// <summary>One entry that a walk passed.</summary>
/// <param name="Level">The level of its table.</param>
/// <param name="Address">Where it stands in system physical memory.</param>
/// <param name="Entry">What it held when it was read.</param>
/// <param name="IsGuest">Whether it is one of a guest's tables, which a nested walk passes; else of the host's, or of nested ones.</param>
/// <param name="Gpa">Of a guest's entry, its guest physical address; else zero.</param>
public readonly record struct WalkStep(
    PagingLevel Level, PhysicalAddress Address, PagingEntry Entry, bool IsGuest = false, GuestPhysicalAddress Gpa = default);
