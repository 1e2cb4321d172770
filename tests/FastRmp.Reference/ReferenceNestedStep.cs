namespace FastRmp.Reference;

/// <summary>One entry that a nested walk read.</summary>
/// <param name="IsGuest">Whether it belongs to the guest's tables; otherwise to the nested ones.</param>
/// <param name="Entry">Its system physical address and its value as read.</param>
public readonly record struct ReferenceNestedStep(bool IsGuest, ReferenceTableEntry Entry);
