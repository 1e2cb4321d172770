namespace FastRmp.DirectMap;

/// <summary><see cref="LevelAware"/>, and the pages of a guest_memfd are out of the map for their life in the guest: the flag
/// GUEST_MEMFD_FLAG_NO_DIRECT_MAP, which mainline has not.</summary>
/// <remarks>Host accesses meet an ordinary page fault meanwhile, reads too. Source: lkml, guest_memfd NO_DIRECT_MAP series. When pages are
/// taken out is <see cref="ModelChoices.ZapOnAllocation"/>.</remarks>
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
