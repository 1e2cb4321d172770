namespace FastRmp.DirectMap;

/// <summary>Splits to 4 KiB before an RMPUPDATE of a 4 KiB page only: mainline Linux since 6.9.</summary>
public readonly record struct LevelAware : IDirectMapPolicy
{
    /// <inheritdoc/>
    public static string Name => "level-aware";

    /// <inheritdoc/>
    public static bool SplitsOnFault => false;

    /// <inheritdoc/>
    public static bool RejoinsAfterRelease => false;

    /// <inheritdoc/>
    public static bool RefusesOutsideRam => true;

    /// <inheritdoc/>
    public static bool SplitsBefore(PageSize size) => size == PageSize.Size4K;
}
