namespace FastRmp;

/// <summary>A page that firmware looked up: its own entry, also for a part of a 2 MiB page, which then looks like a Reclaim page of 4
/// KiB.</summary>
/// <param name="Address">The page's address, without the C-bit.</param>
/// <param name="Index">Index of the entry; meaningless if there is none.</param>
/// <param name="IsCovered">Whether there is one.</param>
/// <param name="Entry">What it held.</param>
internal readonly record struct FirmwarePage(ulong Address, nuint Index, bool IsCovered, RmpEntry Entry)
{
    /// <summary>The state that the entry gives the page.</summary>
    internal PageState State => IsCovered ? Entry.State : PageState.Default;

    /// <summary>The size that the entry gives the page.</summary>
    internal PageSize Size => Entry.PageSize;

    /// <summary>Whether the page has a size; one without an entry has any, so that its state decides.</summary>
    internal bool HasSize(PageSize size) => !IsCovered || Size == size;

    /// <summary>The address that the GPA field of a Metadata page holds below the tag: the guest's context page.</summary>
    internal ulong MetadataOwner => Entry.Low & PageStates.UntaggedGpaMask;
}
