namespace FastRmp;

/// <summary>The entry and the size of one 4 KiB page: the meaning of an entry depends on the base entry of its region.
/// Immutable.</summary>
/// <param name="IsCovered">Whether the page has an entry; a page without one is always the hypervisor's.</param>
/// <param name="IsAssigned">Whether the page is assigned.</param>
/// <param name="Size">Size of the RMP page that the page is part of.</param>
/// <param name="Entry">The entry that holds the page's attributes: its own, or the base entry of a 2 MiB page.</param>
/// <param name="IsSettled">Whether the entry was seen at rest; false if another thread was changing it each time it was looked at.</param>
public readonly record struct RmpLookup(bool IsCovered, bool IsAssigned, PageSize Size, RmpEntry Entry, bool IsSettled);
