namespace FastRmp.Reference;

/// <summary>One range of a range list in memory, as INIT_EX and PAGE_SET_STATE take it (rmp 13.5).</summary>
/// <param name="Base">The first byte.</param>
/// <param name="Pages">How many 4 KiB pages.</param>
/// <param name="Reserved">The reserved field.</param>
public readonly record struct ReferenceListEntry(ulong Base, ulong Pages, ulong Reserved = 0);
