namespace FastRmp.Reference;

/// <summary>The status of a firmware command, with the firmware interface's numbers (rmp 3.1).</summary>
public enum ReferenceFirmwareStatus
{
    /// <summary>SUCCESS.</summary>
    Success = 0x00,

    /// <summary>INVALID_PLATFORM_STATE.</summary>
    InvalidPlatformState = 0x01,

    /// <summary>INVALID_CONFIG.</summary>
    InvalidConfig = 0x03,

    /// <summary>INVALID_ADDRESS.</summary>
    InvalidAddress = 0x09,

    /// <summary>ASID_OWNED.</summary>
    AsidOwned = 0x0C,

    /// <summary>INVALID_ASID.</summary>
    InvalidAsid = 0x0D,

    /// <summary>INVALID_GUEST.</summary>
    InvalidGuest = 0x10,

    /// <summary>INVALID_PARAM.</summary>
    InvalidParam = 0x16,

    /// <summary>INVALID_PAGE_SIZE.</summary>
    InvalidPageSize = 0x19,

    /// <summary>INVALID_PAGE_STATE.</summary>
    InvalidPageState = 0x1A,

    /// <summary>INVALID_PAGE_OWNER.</summary>
    InvalidPageOwner = 0x1C,

    /// <summary>RMP_INITIALIZATION_FAILED.</summary>
    RmpInitializationFailed = 0x26,
}
