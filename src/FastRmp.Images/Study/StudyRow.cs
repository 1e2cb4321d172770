namespace FastRmp.Images.Study;

/// <summary>One policy's outcome.</summary>
/// <param name="Counts">What a replay on a whole host counts.</param>
/// <param name="GlobalFlushes">Flushes of everything on all processors.</param>
/// <param name="RangedFlushes">Flushes of single pages on all processors.</param>
/// <param name="PeakTables">The most table pages beyond those at the start.</param>
/// <param name="MeanTables">Their mean over the time of the trace.</param>
/// <param name="EndTables">Those at the end.</param>
/// <param name="Walks">Page walks of the host's accesses by the TLB model.</param>
/// <param name="ExtraWalks">Of these, what the map of the start would not have had; negative if it had more.</param>
/// <param name="AdvisedBlocks">Blocks that the page allocator would have had to place elsewhere to avoid all splits.</param>
/// <param name="Cost">The modelled cost.</param>
internal sealed record StudyRow(
    ReplayResult Counts, long GlobalFlushes, long RangedFlushes, long PeakTables, double MeanTables, long EndTables, long Walks,
    long ExtraWalks, long AdvisedBlocks, StudyCost Cost);
