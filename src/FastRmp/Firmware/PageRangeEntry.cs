namespace FastRmp.Firmware;

/// <summary>One range of a list in memory, 16 bytes: SNP_INIT_EX's and SNP_PAGE_SET_STATE's.</summary>
/// <param name="Base">Address of the first page.</param>
/// <param name="Pages">How many 4 KiB pages.</param>
/// <param name="Reserved">Must be 0.</param>
public readonly record struct PageRangeEntry(ulong Base, uint Pages, uint Reserved = 0);
