using FastRmp.Images;

namespace FastRmp.Cli.Sources;

/// <summary>Says of what an image does not hold why that is: memory that its writer excluded is another thing than memory that never
/// was.</summary>
internal static class AbsenceText
{
    /// <summary>The end of a sentence about bytes that could not be read: "is not in the image", with the reason where there is
    /// one.</summary>
    internal static string Of(ImageMemory memory, PhysicalAddress address) => memory.StatusOf(address) switch
    {
        ImagePageStatus.Excluded => "is not in the image: its page was excluded when the dump was written",
        ImagePageStatus.Lost => "is not in the image: it was cut short, or a part of it is missing",
        ImagePageStatus.Present or ImagePageStatus.Damaged => "is not in the image: its page is damaged and cannot be decompressed",
        _ => "is not in the image",
    };

    /// <summary>Why the page that a walk ends in cannot be looked at; null if it is there.</summary>
    internal static string? OfPage(ImageMemory memory, PhysicalAddress address) => memory.StatusOf(address) switch
    {
        ImagePageStatus.Excluded => "was excluded when the dump was written",
        ImagePageStatus.Lost => "is not in the image: it was cut short, or a part of it is missing",
        _ => null,
    };
}
