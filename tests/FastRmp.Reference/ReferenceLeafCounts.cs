namespace FastRmp.Reference;

/// <summary>The number of leaves of each size.</summary>
/// <param name="Leaves1G">Leaves of 1 GiB.</param>
/// <param name="Leaves2M">Leaves of 2 MiB.</param>
/// <param name="Leaves4K">Leaves of 4 KiB.</param>
public readonly record struct ReferenceLeafCounts(int Leaves1G, int Leaves2M, int Leaves4K);
