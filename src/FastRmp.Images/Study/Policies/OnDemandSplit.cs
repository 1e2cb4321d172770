using System.Collections.Generic;

namespace FastRmp.Images.Study;

/// <summary>Splits in the fault handler when a write hits a large mapping with an assigned page in it: what the original patch
/// intended.</summary>
internal sealed class OnDemandSplit : MapPolicy
{
    /// <inheritdoc/>
    internal override string Name => "on-demand";

    /// <inheritdoc/>
    internal override string Summary => "split in the fault handler";

    /// <inheritdoc/>
    internal override int Order => 40;

    /// <inheritdoc/>
    internal override MapTriggers Splits => MapTriggers.Fault;

    /// <inheritdoc/>
    internal override IReadOnlyList<JoinRule> Joins { get; } = [.. JoinRule.All, new CpaCollapse()];
}
