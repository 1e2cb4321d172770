using FastRmp.Paging;

namespace FastRmp.Qemu;

/// <summary>A page whose stores the RMP forbids.</summary>
/// <param name="Address">The address that is about to be stored to.</param>
/// <param name="Walk">What it is mapped to.</param>
/// <param name="Code">The error code of the fault.</param>
internal readonly record struct GuardedPage(ulong Address, WalkResult Walk, PageFaultErrorCode Code)
{
    /// <summary>The page's size.</summary>
    internal PageSize Size => Walk.Size;

    /// <summary>The first address of the page, of whatever size.</summary>
    internal ulong First => Address & ~(Size.Bytes() - 1);
}
