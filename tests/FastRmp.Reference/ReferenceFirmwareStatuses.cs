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
        ReferenceFirmwareStatus.InvalidConfig => "INVALID_CONFIG",
        ReferenceFirmwareStatus.InvalidAddress => "INVALID_ADDRESS",
        ReferenceFirmwareStatus.AsidOwned => "ASID_OWNED",
        ReferenceFirmwareStatus.InvalidAsid => "INVALID_ASID",
        ReferenceFirmwareStatus.InvalidGuest => "INVALID_GUEST",
        ReferenceFirmwareStatus.InvalidParam => "INVALID_PARAM",
        ReferenceFirmwareStatus.InvalidPageSize => "INVALID_PAGE_SIZE",
        ReferenceFirmwareStatus.InvalidPageState => "INVALID_PAGE_STATE",
        ReferenceFirmwareStatus.InvalidPageOwner => "INVALID_PAGE_OWNER",
        ReferenceFirmwareStatus.RmpInitializationFailed => "RMP_INITIALIZATION_FAILED",
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    };
}
