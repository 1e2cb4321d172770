using FastRmp.Addressing;

namespace FastRmp.Paging;

/// <summary>The outcome of a walk, in 16 bytes.</summary>
/// <param name="Address">The physical address, if <paramref name="Status"/> is <see cref="WalkStatus.Mapped"/> or the page was found but the access failed; else the address of the entry where the walk ended.</param>
/// <param name="ErrorCode">The #PF error code of a fault; 0 if there is none. <see cref="Layouts.PageFaultErrorCode"/> names its bits.</param>
/// <param name="Status">How the walk ended.</param>
/// <param name="Level">The level of the last entry looked at.</param>
/// <param name="Size">Size of the page, if one was found.</param>
/// <param name="Rights">What the levels passed allow together.</param>
public readonly record struct Translation(PhysicalAddress Address, uint ErrorCode, WalkStatus Status, PagingLevel Level, PageSize Size, PagingRights Rights)
{
    /// <summary>Whether the access may happen.</summary>
    public bool IsMapped => Status == WalkStatus.Mapped;
}
