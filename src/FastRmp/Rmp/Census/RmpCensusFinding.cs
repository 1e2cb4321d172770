namespace FastRmp;

/// <summary>One inconsistency of an RMP. Immutable.</summary>
/// <param name="Kind">The kind of inconsistency.</param>
/// <param name="Page">The page whose entry it is, or the first of several in a row; zero for a counter.</param>
/// <param name="Asid">The ASID of a counter, else that of the entry.</param>
/// <param name="Recorded">What the RMP itself says: Subpage_Count, or the counter. Zero for the other kinds.</param>
/// <param name="Found">What the entries say: assigned sub-pages, or pages of the ASID. For the other kinds how many pages in a row have
/// it.</param>
public readonly record struct RmpCensusFinding(RmpCensusFindingKind Kind, PhysicalAddress Page, uint Asid, ulong Recorded, ulong Found);
