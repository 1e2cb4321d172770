namespace FastRmp.Images.Study;

/// <summary>Splits a whole region when the page allocator first gives a guest pages of it that will be small entries, in a context that may
/// sleep: the idea of the reviews to split at allocation in units of 2 MiB.</summary>
/// <remarks>An RMPUPDATE that finds a large leaf all the same (a part of a 2 MiB page is given back) splits as mainline does.</remarks>
internal sealed class PresplitRegions : MapPolicy
{
    /// <inheritdoc/>
    internal override string Name => "presplit-2M";

    /// <inheritdoc/>
    internal override string Summary => "split a 2M region when the allocator gives a guest small pages of it";

    /// <inheritdoc/>
    internal override int Order => 70;

    /// <inheritdoc/>
    internal override MapTriggers Splits => MapTriggers.GuestAllocation | MapTriggers.Update4K;

    /// <inheritdoc/>
    internal override bool RefusesOutsideRam => true;
}
