namespace FastRmp.Firmware;

/// <content>SNP_SHUTDOWN.</content>
public sealed partial class SevFirmware<TGeometry>
{
    /// <summary>SNP_SHUTDOWN and SNP_SHUTDOWN_EX (0x86): if asked to, every Firmware-IOMMU page → Reclaim. Nothing else: the firmware stays initialised.</summary>
    /// <param name="releasesIommuPages">Whether IOMMUs were taken out of SNP's service, so that what they write is given back.</param>
    /// <returns>SUCCESS or INVALID_CONFIG.</returns>
    /// <remarks>Looks at one entry of each 2 MiB region that is covered, and at all of a region that has assigned pages.</remarks>
    public FirmwareStatus Shutdown(bool releasesIommuPages)
    {
        if (!IsSnpEnabled) return FirmwareStatus.InvalidConfig;
        if (releasesIommuPages) Table.ReleaseIommuPages();
        return FirmwareStatus.Success;
    }
}
