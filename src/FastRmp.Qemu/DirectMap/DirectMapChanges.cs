namespace FastRmp.Qemu;

/// <summary>How often leaves of a direct map were split and joined.</summary>
/// <param name="Splits2M">Leaves of 2 MiB that became tables.</param>
/// <param name="Splits1G">Leaves of 1 GiB that became directories.</param>
/// <param name="Joins2M">Tables that became leaves of 2 MiB.</param>
/// <param name="Joins1G">Directories that became leaves of 1 GiB.</param>
internal readonly record struct DirectMapChanges(long Splits2M, long Splits1G, long Joins2M, long Joins1G);
