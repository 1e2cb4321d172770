namespace FastRmp.Firmware;

/// <summary>Names of <see cref="FirmwareStatus"/>.</summary>
public static class FirmwareStatusExtensions
{
    /// <summary>The name of a status as the firmware ABI writes it: <c>INVALID_PAGE_STATE</c>.</summary>
    /// <param name="status">The status.</param>
    /// <returns>The name; <c>?</c> for a number that is none.</returns>
    public static string Name(this FirmwareStatus status) => status switch
    {
        FirmwareStatus.Success => "SUCCESS",
        FirmwareStatus.InvalidPlatformState => "INVALID_PLATFORM_STATE",
        FirmwareStatus.InvalidConfig => "INVALID_CONFIG",
        FirmwareStatus.InvalidAddress => "INVALID_ADDRESS",
        FirmwareStatus.AsidOwned => "ASID_OWNED",
        FirmwareStatus.InvalidAsid => "INVALID_ASID",
        FirmwareStatus.InvalidGuest => "INVALID_GUEST",
        FirmwareStatus.InvalidParam => "INVALID_PARAM",
        FirmwareStatus.InvalidPageSize => "INVALID_PAGE_SIZE",
        FirmwareStatus.InvalidPageState => "INVALID_PAGE_STATE",
        FirmwareStatus.InvalidPageOwner => "INVALID_PAGE_OWNER",
        FirmwareStatus.RmpInitializationFailed => "RMP_INITIALIZATION_FAILED",
        _ => "?",
    };
}
