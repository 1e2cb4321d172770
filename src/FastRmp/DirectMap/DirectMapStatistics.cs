using System.Globalization;

namespace FastRmp.DirectMap;

/// <summary>The outcome of a direct map: leaves as /proc/meminfo counts them, and the work done.</summary>
/// <param name="Leaves4K">Leaves of 4 KiB (DirectMap4k is four times that, in kB).</param>
/// <param name="Leaves2M">Leaves of 2 MiB.</param>
/// <param name="Leaves1G">Leaves of 1 GiB.</param>
/// <param name="Peak4K">The most leaves of 4 KiB at any moment, the start included.</param>
/// <param name="Splits2M">Splits of a 2 MiB leaf into 512 of 4 KiB (direct_map_level2_splits).</param>
/// <param name="Splits1G">Splits of a 1 GiB leaf into 512 of 2 MiB (direct_map_level3_splits).</param>
/// <param name="Rejoins2M">Joins of 512 leaves of 4 KiB into one of 2 MiB (direct_map_level2_collapses).</param>
/// <param name="Rejoins1G">Joins of 512 leaves of 2 MiB into one of 1 GiB (direct_map_level3_collapses).</param>
/// <param name="TablePages">4 KiB pages that the paging structures take now.</param>
/// <param name="PeakTablePages">The most pages that they ever took.</param>
/// <param name="GlobalFlushes">TLB flushes of everything on all processors: one for each split, one for each join (2 MiB and 1 GiB share
/// it).</param>
/// <param name="RangedFlushes">TLB flushes of single pages on all processors: changes of attributes in place.</param>
public readonly record struct DirectMapStatistics(
    long Leaves4K,
    long Leaves2M,
    long Leaves1G,
    long Peak4K,
    long Splits2M,
    long Splits1G,
    long Rejoins2M,
    long Rejoins1G,
    long TablePages,
    long PeakTablePages,
    long GlobalFlushes,
    long RangedFlushes)
{
    /// <summary>What the map consists of and what was done to it.</summary>
    /// <returns>Text such as <c>512 leaves of 4K (peak 1024), 3 of 2M, 1 of 1G; 2 splits of 2M, 1 of 1G; 1 joins to 2M, 0 to 1G; 5 table
    /// pages (peak 6); 4 global flushes, 0 ranged</c>.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Leaves4K} leaves of 4K (peak {Peak4K}), {Leaves2M} of 2M, {Leaves1G} of 1G; {Splits2M} splits of 2M, {Splits1G} of 1G; "
        + $"{Rejoins2M} joins to 2M, {Rejoins1G} to 1G; {TablePages} table pages (peak {PeakTablePages}); "
        + $"{GlobalFlushes} global flushes, {RangedFlushes} ranged");
}
