namespace FastRmp.Qemu;

/// <summary>Stores of one instruction that the RMP forbids.</summary>
/// <param name="Rip">The instruction.</param>
/// <param name="VirtualAddress">Where the first one went.</param>
/// <param name="Page">Its physical address.</param>
/// <param name="Mapping">The size of its mapping.</param>
/// <param name="Count">How many there were.</param>
internal readonly record struct Violation(ulong Rip, ulong VirtualAddress, PhysicalAddress Page, PageSize Mapping, long Count = 1);
