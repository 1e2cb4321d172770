namespace FastRmp.Reference;

/// <summary>One quadword of a page table: read on the way, or written by the processor.</summary>
/// <param name="Address">Its physical address.</param>
/// <param name="Value">Its value as read, or the new value.</param>
public readonly record struct ReferenceTableEntry(ulong Address, ulong Value);
