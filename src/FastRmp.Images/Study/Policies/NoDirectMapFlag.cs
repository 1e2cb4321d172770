namespace FastRmp.Images.Study;

/// <summary>What mainline does, and the pages of a guest_memfd leave the map at the first fault of the guest: the flag
/// GUEST_MEMFD_FLAG_NO_DIRECT_MAP.</summary>
/// <remarks>A folio is one page today; one of 2 MiB is taken out in one leaf. Each costs a ranged flush on every processor when it goes,
/// none when it comes back (direct map 5.2).</remarks>
internal sealed class NoDirectMapFlag : MapPolicy
{
    /// <inheritdoc/>
    internal override string Name => "no-direct-map";

    /// <inheritdoc/>
    internal override string Summary => "guest_memfd without direct map: out at the guest's first fault, back when freed";

    /// <inheritdoc/>
    internal override int Order => 60;

    /// <inheritdoc/>
    internal override MapTriggers Splits => MapTriggers.Update4K;

    /// <inheritdoc/>
    internal override bool RefusesOutsideRam => true;

    /// <inheritdoc/>
    internal override MapRemoval Removal => MapRemoval.AtGuestFault;
}
