using System.Globalization;

namespace FastRmp.Firmware;

/// <summary>Names of <see cref="FirmwareStatus"/>.</summary>
public static class FirmwareStatusExtensions
{
    /// <summary>What a command adds to the status of its buffer's test.</summary>
    internal const ushort BufferOffset = 64;

    /// <summary>The name of a status as the firmware ABI writes it: <c>INVALID_PAGE_STATE</c>; for one of a buffer's test
    /// <c>INVALID_PAGE_STATE+64</c>.</summary>
    /// <param name="status">The status.</param>
    /// <returns>The name; <c>?</c> for a number that is none.</returns>
    public static string Name(this FirmwareStatus status)
    {
        string? name = Known(status);
        if (name is not null) return name;
        string? ofBuffer = (ushort)status > BufferOffset ? Known((FirmwareStatus)((ushort)status - BufferOffset)) : null;
        return ofBuffer is null ? "?" : string.Create(CultureInfo.InvariantCulture, $"{ofBuffer}+{BufferOffset}");
    }

    private static string? Known(FirmwareStatus status) => status switch
    {
        FirmwareStatus.Success => "SUCCESS",
        FirmwareStatus.InvalidPlatformState => "INVALID_PLATFORM_STATE",
        FirmwareStatus.InvalidGuestState => "INVALID_GUEST_STATE",
        FirmwareStatus.InvalidConfig => "INVALID_CONFIG",
        FirmwareStatus.InvalidLength => "INVALID_LENGTH",
        FirmwareStatus.PolicyFailure => "POLICY_FAILURE",
        FirmwareStatus.Inactive => "INACTIVE",
        FirmwareStatus.InvalidAddress => "INVALID_ADDRESS",
        FirmwareStatus.BadSignature => "BAD_SIGNATURE",
        FirmwareStatus.BadMeasurement => "BAD_MEASUREMENT",
        FirmwareStatus.AsidOwned => "ASID_OWNED",
        FirmwareStatus.InvalidAsid => "INVALID_ASID",
        FirmwareStatus.WbinvdRequired => "WBINVD_REQUIRED",
        FirmwareStatus.DfFlushRequired => "DFFLUSH_REQUIRED",
        FirmwareStatus.InvalidGuest => "INVALID_GUEST",
        FirmwareStatus.InvalidCommand => "INVALID_COMMAND",
        FirmwareStatus.Active => "ACTIVE",
        FirmwareStatus.HardwareErrorPlatform => "HWERROR_PLATFORM",
        FirmwareStatus.HardwareErrorUnsafe => "HWERROR_UNSAFE",
        FirmwareStatus.Unsupported => "UNSUPPORTED",
        FirmwareStatus.InvalidParam => "INVALID_PARAM",
        FirmwareStatus.InvalidPageSize => "INVALID_PAGE_SIZE",
        FirmwareStatus.InvalidPageState => "INVALID_PAGE_STATE",
        FirmwareStatus.InvalidMetadataEntry => "INVALID_MDATA_ENTRY",
        FirmwareStatus.InvalidPageOwner => "INVALID_PAGE_OWNER",
        FirmwareStatus.AeadOverflow => "AEAD_OFLOW",
        FirmwareStatus.RmpInitRequired => "RMP_INIT_REQUIRED",
        FirmwareStatus.RmpInitializationFailed => "RMP_INITIALIZATION_FAILED",
        FirmwareStatus.ShutdownIncomplete => "SHUTDOWN_INCOMPLETE",
        _ => null,
    };
}
