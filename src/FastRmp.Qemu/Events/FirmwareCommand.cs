namespace FastRmp.Qemu;

/// <summary>The commands of the mailbox that are served: those of the firmware that is modelled, but for its ring buffers.</summary>
/// <remarks>docs/spec/rmp.md 4 and 12; the numbers are in Linux include/linux/psp-sev.h.</remarks>
internal enum FirmwareCommand : ushort
{
    /// <summary>INIT.</summary>
    Init = 0x01,

    /// <summary>SHUTDOWN.</summary>
    Shutdown = 0x02,

    /// <summary>PLATFORM_RESET.</summary>
    PlatformReset = 0x03,

    /// <summary>PLATFORM_STATUS.</summary>
    PlatformStatus = 0x04,

    /// <summary>PEK_GEN.</summary>
    PekGen = 0x05,

    /// <summary>PEK_CSR.</summary>
    PekCsr = 0x06,

    /// <summary>PEK_CERT_IMPORT.</summary>
    PekCertImport = 0x07,

    /// <summary>PDH_CERT_EXPORT.</summary>
    PdhCertExport = 0x08,

    /// <summary>PDH_GEN.</summary>
    PdhGen = 0x09,

    /// <summary>DF_FLUSH.</summary>
    DfFlush = 0x0A,

    /// <summary>DOWNLOAD_FIRMWARE.</summary>
    DownloadFirmware = 0x0B,

    /// <summary>GET_ID.</summary>
    GetId = 0x0C,

    /// <summary>INIT_EX.</summary>
    InitEx = 0x0D,

    /// <summary>DECOMMISSION.</summary>
    Decommission = 0x20,

    /// <summary>ACTIVATE.</summary>
    Activate = 0x21,

    /// <summary>DEACTIVATE.</summary>
    Deactivate = 0x22,

    /// <summary>GUEST_STATUS.</summary>
    GuestStatus = 0x23,

    /// <summary>LAUNCH_START.</summary>
    LaunchStart = 0x30,

    /// <summary>LAUNCH_UPDATE_DATA.</summary>
    LaunchUpdateData = 0x31,

    /// <summary>LAUNCH_UPDATE_VMSA.</summary>
    LaunchUpdateVmsa = 0x32,

    /// <summary>LAUNCH_MEASURE.</summary>
    LaunchMeasure = 0x33,

    /// <summary>LAUNCH_SECRET.</summary>
    LaunchSecret = 0x34,

    /// <summary>LAUNCH_FINISH.</summary>
    LaunchFinish = 0x35,

    /// <summary>ATTESTATION.</summary>
    Attestation = 0x36,

    /// <summary>SEND_START.</summary>
    SendStart = 0x40,

    /// <summary>SEND_UPDATE_DATA.</summary>
    SendUpdateData = 0x41,

    /// <summary>SEND_UPDATE_VMSA.</summary>
    SendUpdateVmsa = 0x42,

    /// <summary>SEND_FINISH.</summary>
    SendFinish = 0x43,

    /// <summary>SEND_CANCEL.</summary>
    SendCancel = 0x44,

    /// <summary>RECEIVE_START.</summary>
    ReceiveStart = 0x50,

    /// <summary>RECEIVE_UPDATE_DATA.</summary>
    ReceiveUpdateData = 0x51,

    /// <summary>RECEIVE_UPDATE_VMSA.</summary>
    ReceiveUpdateVmsa = 0x52,

    /// <summary>RECEIVE_FINISH.</summary>
    ReceiveFinish = 0x53,

    /// <summary>DBG_DECRYPT.</summary>
    DbgDecrypt = 0x60,

    /// <summary>DBG_ENCRYPT.</summary>
    DbgEncrypt = 0x61,

    /// <summary>SNP_INIT.</summary>
    SnpInit = 0x81,

    /// <summary>SNP_SHUTDOWN.</summary>
    SnpShutdown = 0x82,

    /// <summary>SNP_PLATFORM_STATUS.</summary>
    SnpPlatformStatus = 0x83,

    /// <summary>SNP_DF_FLUSH.</summary>
    SnpDfFlush = 0x84,

    /// <summary>SNP_INIT_EX.</summary>
    SnpInitEx = 0x85,

    /// <summary>SNP_SHUTDOWN_EX.</summary>
    SnpShutdownEx = 0x86,

    /// <summary>SNP_DECOMMISSION.</summary>
    SnpDecommission = 0x90,

    /// <summary>SNP_ACTIVATE.</summary>
    SnpActivate = 0x91,

    /// <summary>SNP_GUEST_STATUS.</summary>
    SnpGuestStatus = 0x92,

    /// <summary>SNP_GCTX_CREATE.</summary>
    SnpGctxCreate = 0x93,

    /// <summary>SNP_GUEST_REQUEST.</summary>
    SnpGuestRequest = 0x94,

    /// <summary>SNP_ACTIVATE_EX.</summary>
    SnpActivateEx = 0x95,

    /// <summary>SNP_LAUNCH_START.</summary>
    SnpLaunchStart = 0xA0,

    /// <summary>SNP_LAUNCH_UPDATE.</summary>
    SnpLaunchUpdate = 0xA1,

    /// <summary>SNP_LAUNCH_FINISH.</summary>
    SnpLaunchFinish = 0xA2,

    /// <summary>SNP_DBG_DECRYPT.</summary>
    SnpDbgDecrypt = 0xB0,

    /// <summary>SNP_DBG_ENCRYPT.</summary>
    SnpDbgEncrypt = 0xB1,

    /// <summary>SNP_PAGE_SWAP_OUT.</summary>
    SnpSwapOut = 0xC0,

    /// <summary>SNP_PAGE_SWAP_IN.</summary>
    SnpSwapIn = 0xC1,

    /// <summary>SNP_PAGE_MOVE.</summary>
    SnpPageMove = 0xC2,

    /// <summary>SNP_PAGE_MD_INIT.</summary>
    SnpMdInit = 0xC3,

    /// <summary>SNP_PAGE_SET_STATE.</summary>
    SnpPageSetState = 0xC6,

    /// <summary>SNP_PAGE_RECLAIM.</summary>
    SnpPageReclaim = 0xC7,

    /// <summary>SNP_PAGE_UNSMASH.</summary>
    SnpPageUnsmash = 0xC8,

    /// <summary>SNP_CONFIG.</summary>
    SnpConfig = 0xC9,

    /// <summary>SNP_DOWNLOAD_FIRMWARE_EX.</summary>
    SnpDownloadFirmwareEx = 0xCA,

    /// <summary>SNP_COMMIT.</summary>
    SnpCommit = 0xCB,

    /// <summary>SNP_VLEK_LOAD.</summary>
    SnpVlekLoad = 0xCD,

    /// <summary>SNP_FEATURE_INFO.</summary>
    SnpFeatureInfo = 0xCE,
}
