namespace FastRmp.DirectMap;

/// <summary><see cref="LevelAware"/>, and the pages of a guest_memfd are removed from the map while the guest has them: the flag
/// GUEST_MEMFD_FLAG_NO_DIRECT_MAP, which mainline does not have.</summary>
/// <remarks>Host accesses, also reads, cause an ordinary page fault meanwhile. Source: lkml, guest_memfd NO_DIRECT_MAP series. When pages
/// are taken out is <see cref="ModelChoices.ZapOnAllocation"/>.</remarks>
public readonly record struct NoDirectMap : IDirectMapPolicy
{
    /// <inheritdoc/>
    public static string Name => "no-direct-map";

    /// <inheritdoc/>
    public static bool SplitsOnFault => false;

    /// <inheritdoc/>
    public static bool RejoinsAfterRelease => false;

    /// <inheritdoc/>
    public static bool RefusesOutsideRam => true;

    /// <inheritdoc/>
    public static bool TakesOutGuestPages => true;

    /// <inheritdoc/>
    public static bool SplitsBefore(PageSize size) => LevelAware.SplitsBefore(size);
}
