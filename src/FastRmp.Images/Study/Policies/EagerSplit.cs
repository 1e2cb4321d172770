namespace FastRmp.Images.Study;

/// <summary>Splits before every RMPUPDATE, of whatever size: the original patch (RFC v1 to v6).</summary>
internal sealed class EagerSplit : MapPolicy
{
    /// <inheritdoc/>
    internal override string Name => "eager";

    /// <inheritdoc/>
    internal override string Summary => "split to 4K before every RMPUPDATE (the original patch)";

    /// <inheritdoc/>
    internal override int Order => 20;

    /// <inheritdoc/>
    internal override MapTriggers Splits => MapTriggers.Update4K | MapTriggers.Update2M;
}
