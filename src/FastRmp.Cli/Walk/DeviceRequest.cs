using FastRmp.Iommu;

namespace FastRmp.Cli.Walk;

/// <summary>Whose requests to walk.</summary>
/// <param name="Device">The device.</param>
/// <param name="Iommu">The IOMMU: where its device table begins, and what is known of its registers.</param>
/// <param name="Pasid">The PASID of the requests; null without one.</param>
/// <param name="IsExecute">Whether they ask to execute.</param>
/// <param name="IsPrivileged">Whether they claim supervisor privilege.</param>
internal sealed record DeviceRequest(DeviceId Device, IommuState Iommu, uint? Pasid, bool IsExecute, bool IsPrivileged);
