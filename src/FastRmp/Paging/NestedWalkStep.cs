namespace FastRmp.Paging;

/// <summary>One entry that a nested walk passed.</summary>
/// <param name="IsGuest">Whether it is one of the guest's tables; else of the nested ones.</param>
/// <param name="Level">The level of its table.</param>
/// <param name="Address">Where it stands.</param>
/// <param name="Gpa">Of a guest's entry, its guest physical address; of a nested one, zero.</param>
/// <param name="Entry">What it held when it was read.</param>
public readonly record struct NestedWalkStep(bool IsGuest, PagingLevel Level, PhysicalAddress Address, GuestPhysicalAddress Gpa, PagingEntry Entry);
