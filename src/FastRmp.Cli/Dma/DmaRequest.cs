using FastRmp.Cli.Map;
using FastRmp.Cli.Sources;
using FastRmp.Iommu;

namespace FastRmp.Cli.Dma;

/// <summary>What the user wants listed.</summary>
/// <param name="Image">The image.</param>
/// <param name="Iommu">The IOMMU: where its device table begins, and what is known of its registers.</param>
/// <param name="Entries">How many entries it has.</param>
/// <param name="Device">The only device to list; null for all.</param>
/// <param name="Pasids">Which PASIDs to list.</param>
/// <param name="Address">The only device address to list; null for all.</param>
/// <param name="Format">How to print.</param>
internal sealed record DmaRequest(
    ImageFiles Image, IommuState Iommu, int Entries, DeviceId? Device, PasidChoice Pasids, ulong? Address, MapFormat Format);
