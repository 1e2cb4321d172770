namespace FastRmp.Images;

/// <summary>The leaves of a direct map, counted in its tables. Immutable.</summary>
/// <remarks>/proc/meminfo is not a census: it also counts splits of the kernel's image, and counts leaves again that the kernel met twice
/// at boot. Only differences of it over time compare with these.</remarks>
/// <param name="Leaves4K">Leaves of 4 KiB.</param>
/// <param name="Leaves2M">Leaves of 2 MiB.</param>
/// <param name="Leaves1G">Leaves of 1 GiB.</param>
/// <param name="Unmapped4K">4 KiB pages that were taken out of the map: not present, and the entry still names the frame.</param>
/// <param name="Unmapped2M">The same, of 2 MiB.</param>
/// <param name="Unmapped1G">The same, of 1 GiB.</param>
/// <param name="Kernel4K">Leaves of any size with KERNEL_4K set.</param>
/// <param name="Split2M">2 MiB regions that are mapped by 4 KiB leaves.</param>
/// <param name="Split1G">1 GiB ranges that are mapped by smaller leaves.</param>
/// <param name="Rejoinable2M">2 MiB regions that could be one leaf: see <see cref="DirectMapSplit.IsRejoinable"/>.</param>
/// <param name="Rejoinable1G">1 GiB ranges that could be one leaf.</param>
public readonly record struct DirectMapTotals(
    long Leaves4K,
    long Leaves2M,
    long Leaves1G,
    long Unmapped4K,
    long Unmapped2M,
    long Unmapped1G,
    long Kernel4K,
    long Split2M,
    long Split1G,
    long Rejoinable2M,
    long Rejoinable1G)
{
    /// <summary>What /proc/meminfo would print as DirectMap4k if it were a census: KiB.</summary>
    public long Kilobytes4K => Leaves4K << (PageSize.Size4K.Shift() - 10);

    /// <summary>The same for DirectMap2M.</summary>
    public long Kilobytes2M => Leaves2M << (PageSize.Size2M.Shift() - 10);

    /// <summary>The same for DirectMap1G.</summary>
    public long Kilobytes1G => Leaves1G << (PageSize.Size1G.Shift() - 10);

    /// <summary>Mapped bytes.</summary>
    public ulong Bytes => (ulong)(Kilobytes4K + Kilobytes2M + Kilobytes1G) << 10;
}
