namespace FastRmp;

/// <summary>The state of a guest's frame (gfn) in the host's memory manager. Immutable.</summary>
/// <param name="IsPrivate">The attribute that user space set: private or shared.</param>
/// <param name="HasGuestMemfd">Whether the slot has a guest_memfd.</param>
/// <param name="Page">The page of the guest_memfd, system physical; null if none is available, or if there is no guest_memfd.</param>
/// <param name="FolioSize">The largest size that the folio and the alignment of both addresses allow; guest_memfd gives 4 KiB today. Of a
/// shared frame that of the ordinary mapping.</param>
/// <param name="EvenSize">The largest size all frames of which have this attribute.</param>
/// <param name="SharesGuestMemfd">Whether the slot's shared pages come from the guest_memfd, too (conversion in place).</param>
public readonly record struct GuestFrame(
    bool IsPrivate,
    bool HasGuestMemfd = true,
    PhysicalAddress? Page = null,
    PageSize FolioSize = PageSize.Size4K,
    PageSize EvenSize = PageSize.Size1G,
    bool SharesGuestMemfd = false);
