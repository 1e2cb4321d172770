namespace FastRmp.Guarantee.Tests.Play;

/// <summary>What the hypervisor has made of a page, by the answers that it got.</summary>
/// <param name="IsAssigned">Whether it gave the page away.</param>
/// <param name="Asid">To whom; 0 is firmware.</param>
/// <param name="Gpa">At which guest physical address.</param>
/// <param name="IsImmutable">Whether firmware holds the page.</param>
internal readonly record struct LedgerPage(bool IsAssigned, uint Asid, ulong Gpa, bool IsImmutable);
