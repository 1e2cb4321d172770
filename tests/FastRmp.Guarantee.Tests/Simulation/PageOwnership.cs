namespace FastRmp.Guarantee.Tests.Simulation;

/// <summary>The state of a page by the results that the hypervisor got.</summary>
/// <param name="IsAssigned">Whether the page is assigned.</param>
/// <param name="Asid">Owner; 0 is firmware.</param>
/// <param name="Gpa">At which guest physical address.</param>
/// <param name="IsImmutable">Whether firmware holds the page.</param>
internal readonly record struct PageOwnership(bool IsAssigned, uint Asid, ulong Gpa, bool IsImmutable);
