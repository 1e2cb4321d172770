namespace FastRmp.DirectMap;

/// <summary>Splits in the fault handler when a write hits a large mapping with an assigned page in it: what the original patch
/// intended.</summary>
public readonly record struct OnDemand : IDirectMapPolicy
{
    /// <inheritdoc/>
    public static string Name => "on-demand";

    /// <inheritdoc/>
    public static bool SplitsOnFault => true;

    /// <inheritdoc/>
    public static bool RejoinsAfterRelease => false;

    /// <inheritdoc/>
    public static bool SplitsBefore(PageSize size) => false;
}
