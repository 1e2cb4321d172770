using FastRmp.Layouts;

namespace FastRmp.Rmp;

/// <summary>What firmware looked at and may now rewrite: the entry that holds a page's attributes.</summary>
/// <param name="Index">Its index: the page's own entry, or the base entry of a 2 MiB page.</param>
/// <param name="Entry">What it held.</param>
internal readonly record struct FirmwarePage(nuint Index, RmpEntry Entry)
{
    /// <summary>The state that the entry gives the page.</summary>
    internal PageState State => PageStates.Decode(Entry);
}
