namespace FastRmp.DirectMap;

/// <summary>Never splits: a write beside an assigned page is fatal. The baseline.</summary>
public readonly record struct Never : IDirectMapPolicy
{
    /// <inheritdoc/>
    public static string Name => "never";

    /// <inheritdoc/>
    public static bool SplitsOnFault => false;

    /// <inheritdoc/>
    public static bool RejoinsAfterRelease => false;

    /// <inheritdoc/>
    public static bool SplitsBefore(PageSize size) => false;
}
