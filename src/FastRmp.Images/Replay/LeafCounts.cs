namespace FastRmp.Images;

/// <summary>The leaves of a direct map by size.</summary>
/// <param name="Leaves1G">Leaves of 1 GiB.</param>
/// <param name="Leaves2M">Leaves of 2 MiB.</param>
/// <param name="Leaves4K">Leaves of 4 KiB.</param>
public readonly record struct LeafCounts(long Leaves1G, long Leaves2M, long Leaves4K);
