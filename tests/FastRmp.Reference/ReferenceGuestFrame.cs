namespace FastRmp.Reference;

/// <summary>What KVM knows of a guest's frame (rmp 14).</summary>
/// <param name="IsPrivate">Its attribute.</param>
/// <param name="HasMemfd">Whether the slot has a guest_memfd.</param>
/// <param name="Page">The page of the guest_memfd; null if it cannot be had.</param>
/// <param name="Folio">The size of the folio.</param>
/// <param name="Even">The size over which the attributes are equal.</param>
/// <param name="SharedFromMemfd">Whether shared pages come from the guest_memfd.</param>
public sealed record ReferenceGuestFrame(
    bool IsPrivate, bool HasMemfd, ulong? Page, ReferencePageSize Folio, ReferencePageSize Even, bool SharedFromMemfd);
