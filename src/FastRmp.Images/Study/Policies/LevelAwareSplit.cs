using System.Collections.Generic;

namespace FastRmp.Images.Study;

/// <summary>Splits before an RMPUPDATE of a 4 KiB page only: mainline Linux since 6.9.</summary>
internal sealed class LevelAwareSplit : MapPolicy
{
    /// <inheritdoc/>
    internal override string Name => "level-aware";

    /// <inheritdoc/>
    internal override string Summary => "split before RMPUPDATEs of 4K pages only (Linux since 6.9)";

    /// <inheritdoc/>
    internal override int Order => 30;

    /// <inheritdoc/>
    internal override MapTriggers Splits => MapTriggers.Update4K;

    /// <inheritdoc/>
    internal override bool RefusesOutsideRam => true;

    /// <inheritdoc/>
    internal override IReadOnlyList<JoinRule> Joins { get; } = [.. JoinRule.All, new CpaCollapse()];
}
