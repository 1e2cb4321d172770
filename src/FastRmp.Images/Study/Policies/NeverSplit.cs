using System.Collections.Generic;

namespace FastRmp.Images.Study;

/// <summary>Never splits: a host write through a large mapping that also maps an assigned page is fatal. For comparison.</summary>
internal sealed class NeverSplit : MapPolicy
{
    /// <inheritdoc/>
    internal override string Name => "never";

    /// <inheritdoc/>
    internal override string Summary => "the direct map is never split: what goes wrong without";

    /// <inheritdoc/>
    internal override int Order => 10;

    /// <inheritdoc/>
    internal override MapTriggers Splits => MapTriggers.None;

    /// <inheritdoc/>
    internal override IReadOnlyList<JoinRule> Joins { get; } = [JoinRule.None];
}
