namespace FastRmp.Images;

/// <summary>What the reader of a format found in an image.</summary>
/// <param name="Pages">The physical memory; everything else is absent.</param>
/// <param name="Cpus">The registers of the processors, in their order; empty if the format, or this image, has none.</param>
/// <param name="VmCoreInfo">The kernel's notes about itself; null if there are none.</param>
/// <param name="KernelImage">Where the kernel's image lies, as far as the image shows.</param>
/// <param name="Problems">What is wrong with the image.</param>
internal sealed record ImageContents(
    PageSource Pages, CpuState[] Cpus, VmCoreInfo? VmCoreInfo, KernelImageSegment[] KernelImage, InputProblems Problems)
{
    /// <summary>What the image says about itself.</summary>
    internal required ImageDescription Description { get; init; }
}
