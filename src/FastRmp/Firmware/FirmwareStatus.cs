namespace FastRmp.Firmware;

/// <summary>What a command of the SEV firmware ends with.</summary>
/// <remarks>Numbers: AMD SEV-SNP firmware ABI, status codes. Only those that commands on the RMP return.</remarks>
public enum FirmwareStatus : ushort
{
    /// <summary>SUCCESS.</summary>
    Success = 0,

    /// <summary>INVALID_PLATFORM_STATE: the firmware was initialised before.</summary>
    InvalidPlatformState = 0x1,

    /// <summary>INVALID_CONFIG: SNP is not enabled.</summary>
    InvalidConfig = 0x3,

    /// <summary>INVALID_ADDRESS: not aligned as it has to be, or a place that the command does not touch.</summary>
    InvalidAddress = 0x9,

    /// <summary>ASID_OWNED: pages are still assigned to the ASID.</summary>
    AsidOwned = 0xC,

    /// <summary>INVALID_ASID: zero, or above the processor's highest.</summary>
    InvalidAsid = 0xD,

    /// <summary>INVALID_GUEST: the guest context page is none.</summary>
    InvalidGuest = 0x10,

    /// <summary>INVALID_PARAM: reserved bits are set, or parameters contradict each other.</summary>
    InvalidParam = 0x16,

    /// <summary>INVALID_PAGE_SIZE: the RMP page has another size than the command asks for.</summary>
    InvalidPageSize = 0x19,

    /// <summary>INVALID_PAGE_STATE: the page is not in the state that the command starts from.</summary>
    InvalidPageState = 0x1A,

    /// <summary>INVALID_PAGE_OWNER: the pages belong to different guests.</summary>
    InvalidPageOwner = 0x1C,

    /// <summary>RMP_INITIALIZATION_FAILED: the RMP, or what shall be in it, is not as firmware wants it.</summary>
    RmpInitializationFailed = 0x26,
}
