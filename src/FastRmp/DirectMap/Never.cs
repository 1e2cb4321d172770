namespace FastRmp.DirectMap;

/// <summary>Never splits: a host write through a large mapping that also maps an assigned page is fatal. For comparison.</summary>
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
