namespace FastRmp.DirectMap;

/// <summary>Any policy, and joins the touched 2 MiB region again at once when an update released its last assigned page.</summary>
/// <typeparam name="TPolicy">The policy that splits.</typeparam>
public readonly record struct Rejoining<TPolicy> : IDirectMapPolicy
    where TPolicy : struct, IDirectMapPolicy
{
    /// <inheritdoc/>
    public static string Name { get; } = TPolicy.Name + "+rejoin";

    /// <inheritdoc/>
    public static bool SplitsOnFault => TPolicy.SplitsOnFault;

    /// <inheritdoc/>
    public static bool RejoinsAfterRelease => true;

    /// <inheritdoc/>
    public static bool RefusesOutsideRam => TPolicy.RefusesOutsideRam;

    /// <inheritdoc/>
    public static bool TakesOutGuestPages => TPolicy.TakesOutGuestPages;

    /// <inheritdoc/>
    public static bool SplitsBefore(PageSize size) => TPolicy.SplitsBefore(size);
}
