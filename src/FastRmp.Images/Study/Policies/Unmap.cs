namespace FastRmp.Images.Study;

/// <summary>Takes the pages of guests out of the map before they are assigned, and puts them back after they are released: the host-init
/// series (v7 to v10).</summary>
/// <remarks>A 4 KiB page needs a 4 KiB leaf, a 2 MiB page one of 2 MiB. There is no flush for it: the RMP check protects against what is
/// still cached (direct map 5.1).</remarks>
internal sealed class Unmap : MapPolicy
{
    /// <inheritdoc/>
    internal override string Name => "unmap";

    /// <inheritdoc/>
    internal override string Summary => "guest pages leave the map for as long as the guest has them (host-init series)";

    /// <inheritdoc/>
    internal override int Order => 50;

    /// <inheritdoc/>
    internal override MapTriggers Splits => MapTriggers.Update4K;

    /// <inheritdoc/>
    internal override MapRemoval Removal => MapRemoval.AtUpdate;
}
