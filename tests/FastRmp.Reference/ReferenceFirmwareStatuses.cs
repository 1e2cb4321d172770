using System;

namespace FastRmp.Reference;

/// <summary>The names of firmware's statuses.</summary>
public static class ReferenceFirmwareStatuses
{
    /// <summary>The name of a status as the firmware interface spells it.</summary>
    /// <param name="status">The status.</param>
    /// <returns>The name.</returns>
    public static string NameOf(ReferenceFirmwareStatus status) => status switch
    {
        ReferenceFirmwareStatus.Success => "SUCCESS",
        ReferenceFirmwareStatus.InvalidPlatformState => "INVALID_PLATFORM_STATE",
        ReferenceFirmwareStatus.InvalidGuestState => "INVALID_GUEST_STATE",
        ReferenceFirmwareStatus.InvalidConfig => "INVALID_CONFIG",
        ReferenceFirmwareStatus.InvalidLength => "INVALID_LENGTH",
        ReferenceFirmwareStatus.PolicyFailure => "POLICY_FAILURE",
        ReferenceFirmwareStatus.Inactive => "INACTIVE",
        ReferenceFirmwareStatus.InvalidAddress => "INVALID_ADDRESS",
        ReferenceFirmwareStatus.BadSignature => "BAD_SIGNATURE",
        ReferenceFirmwareStatus.BadMeasurement => "BAD_MEASUREMENT",
        ReferenceFirmwareStatus.AsidOwned => "ASID_OWNED",
        ReferenceFirmwareStatus.InvalidAsid => "INVALID_ASID",
        ReferenceFirmwareStatus.WbinvdRequired => "WBINVD_REQUIRED",
        ReferenceFirmwareStatus.DfFlushRequired => "DFFLUSH_REQUIRED",
        ReferenceFirmwareStatus.InvalidGuest => "INVALID_GUEST",
        ReferenceFirmwareStatus.InvalidCommand => "INVALID_COMMAND",
        ReferenceFirmwareStatus.Active => "ACTIVE",
        ReferenceFirmwareStatus.HwerrorPlatform => "HWERROR_PLATFORM",
        ReferenceFirmwareStatus.HwerrorUnsafe => "HWERROR_UNSAFE",
        ReferenceFirmwareStatus.Unsupported => "UNSUPPORTED",
        ReferenceFirmwareStatus.InvalidParam => "INVALID_PARAM",
        ReferenceFirmwareStatus.InvalidPageSize => "INVALID_PAGE_SIZE",
        ReferenceFirmwareStatus.InvalidPageState => "INVALID_PAGE_STATE",
        ReferenceFirmwareStatus.InvalidMdataEntry => "INVALID_MDATA_ENTRY",
        ReferenceFirmwareStatus.InvalidPageOwner => "INVALID_PAGE_OWNER",
        ReferenceFirmwareStatus.AeadOverflow => "AEAD_OFLOW",
        ReferenceFirmwareStatus.RmpInitRequired => "RMP_INIT_REQUIRED",
        ReferenceFirmwareStatus.RmpInitializationFailed => "RMP_INITIALIZATION_FAILED",
        ReferenceFirmwareStatus.ShutdownIncomplete => "SHUTDOWN_INCOMPLETE",
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    };
}
