namespace FastRmp.Reference;

/// <summary>The status of a firmware command, with the firmware interface's numbers (rmp 13.1).</summary>
#pragma warning disable CA1027 // The numbers are the interface's, no bits.
public enum ReferenceFirmwareStatus
{
    /// <summary>SUCCESS.</summary>
    Success = 0x00,

    /// <summary>INVALID_PLATFORM_STATE.</summary>
    InvalidPlatformState = 0x01,

    /// <summary>INVALID_GUEST_STATE.</summary>
    InvalidGuestState = 0x02,

    /// <summary>INVALID_CONFIG.</summary>
    InvalidConfig = 0x03,

    /// <summary>INVALID_LENGTH.</summary>
    InvalidLength = 0x04,

    /// <summary>POLICY_FAILURE.</summary>
    PolicyFailure = 0x07,

    /// <summary>INACTIVE.</summary>
    Inactive = 0x08,

    /// <summary>INVALID_ADDRESS.</summary>
    InvalidAddress = 0x09,

    /// <summary>BAD_SIGNATURE.</summary>
    BadSignature = 0x0A,

    /// <summary>BAD_MEASUREMENT.</summary>
    BadMeasurement = 0x0B,

    /// <summary>ASID_OWNED.</summary>
    AsidOwned = 0x0C,

    /// <summary>INVALID_ASID.</summary>
    InvalidAsid = 0x0D,

    /// <summary>WBINVD_REQUIRED.</summary>
    WbinvdRequired = 0x0E,

    /// <summary>DFFLUSH_REQUIRED.</summary>
    DfFlushRequired = 0x0F,

    /// <summary>INVALID_GUEST.</summary>
    InvalidGuest = 0x10,

    /// <summary>INVALID_COMMAND.</summary>
    InvalidCommand = 0x11,

    /// <summary>ACTIVE.</summary>
    Active = 0x12,

    /// <summary>HWERROR_PLATFORM.</summary>
    HwerrorPlatform = 0x13,

    /// <summary>HWERROR_UNSAFE.</summary>
    HwerrorUnsafe = 0x14,

    /// <summary>UNSUPPORTED.</summary>
    Unsupported = 0x15,

    /// <summary>INVALID_PARAM.</summary>
    InvalidParam = 0x16,

    /// <summary>INVALID_PAGE_SIZE.</summary>
    InvalidPageSize = 0x19,

    /// <summary>INVALID_PAGE_STATE.</summary>
    InvalidPageState = 0x1A,

    /// <summary>INVALID_MDATA_ENTRY.</summary>
    InvalidMdataEntry = 0x1B,

    /// <summary>INVALID_PAGE_OWNER.</summary>
    InvalidPageOwner = 0x1C,

    /// <summary>AEAD_OFLOW.</summary>
    AeadOverflow = 0x1D,

    /// <summary>RMP_INIT_REQUIRED.</summary>
    RmpInitRequired = 0x20,

    /// <summary>RMP_INITIALIZATION_FAILED.</summary>
    RmpInitializationFailed = 0x26,

    /// <summary>SHUTDOWN_INCOMPLETE.</summary>
    ShutdownIncomplete = 0x28,
}
#pragma warning restore CA1027
