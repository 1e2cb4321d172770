namespace FastRmp.DirectMap;

/// <summary>Splits to 4 KiB before every RMPUPDATE, of whatever size: the original patch (RFC v1 to v6).</summary>
public readonly record struct Eager : IDirectMapPolicy
{
    /// <inheritdoc/>
    public static string Name => "eager";

    /// <inheritdoc/>
    public static bool SplitsOnFault => false;

    /// <inheritdoc/>
    public static bool RejoinsAfterRelease => false;

    /// <inheritdoc/>
    public static bool SplitsBefore(PageSize size) => true;
}
