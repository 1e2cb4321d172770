namespace FastRmp.Firmware;

/// <summary>What a command of the SEV firmware ends with.</summary>
/// <remarks>Numbers: AMD SEV-SNP firmware ABI, status codes. A command that failed the test of its buffer's page
/// (<see cref="SevFirmware{TGeometry}.WriteLegacyBuffer"/>) has the number of that test's status plus 64.</remarks>
public enum FirmwareStatus : ushort
{
    /// <summary>SUCCESS.</summary>
    Success = 0,

    /// <summary>INVALID_PLATFORM_STATE: SNP or legacy SEV is not in the state that the command asks for.</summary>
    InvalidPlatformState = 0x1,

    /// <summary>INVALID_GUEST_STATE: the guest is not in the state that the command asks for.</summary>
    InvalidGuestState = 0x2,

    /// <summary>INVALID_CONFIG: the machine is not configured for SNP, pages are still assigned to an ASID, or an address does not lie in
    /// one range of DRAM.</summary>
    InvalidConfig = 0x3,

    /// <summary>INVALID_LENGTH: the command buffer has another length.</summary>
    InvalidLength = 0x4,

    /// <summary>POLICY_FAILURE: the machine or the request is not what the guest's policy allows.</summary>
    PolicyFailure = 0x7,

    /// <summary>INACTIVE: the guest has no ASID.</summary>
    Inactive = 0x8,

    /// <summary>INVALID_ADDRESS: not aligned as it has to be, or a place that firmware does not touch.</summary>
    InvalidAddress = 0x9,

    /// <summary>BAD_SIGNATURE. No command of this model returns it.</summary>
    BadSignature = 0xA,

    /// <summary>BAD_MEASUREMENT. No command of this model returns it: content is not modelled.</summary>
    BadMeasurement = 0xB,

    /// <summary>ASID_OWNED: the ASID is bound to a guest.</summary>
    AsidOwned = 0xC,

    /// <summary>INVALID_ASID: zero, or above the processor's highest.</summary>
    InvalidAsid = 0xD,

    /// <summary>WBINVD_REQUIRED: a core complex has not executed WBINVD.</summary>
    WbinvdRequired = 0xE,

    /// <summary>DFFLUSH_REQUIRED: the ASID was used, or made dirty by an initialisation, and there was no DF_FLUSH since.</summary>
    DfFlushRequired = 0xF,

    /// <summary>INVALID_GUEST: the guest context page is none.</summary>
    InvalidGuest = 0x10,

    /// <summary>INVALID_COMMAND. No command of this model returns it.</summary>
    InvalidCommand = 0x11,

    /// <summary>ACTIVE: the guest has an ASID already.</summary>
    Active = 0x12,

    /// <summary>HWERROR_PLATFORM: hardware failed, or an IOMMU is not ready for SNP; the machine stays safe.</summary>
    HardwareErrorPlatform = 0x13,

    /// <summary>HWERROR_UNSAFE. No command of this model returns it.</summary>
    HardwareErrorUnsafe = 0x14,

    /// <summary>UNSUPPORTED. No command of this model returns it.</summary>
    Unsupported = 0x15,

    /// <summary>INVALID_PARAM: reserved bits are set, or parameters contradict each other.</summary>
    InvalidParam = 0x16,

    /// <summary>INVALID_PAGE_SIZE: the RMP page has another size than the command asks for.</summary>
    InvalidPageSize = 0x19,

    /// <summary>INVALID_PAGE_STATE: the page is not in the state that the command starts from.</summary>
    InvalidPageState = 0x1A,

    /// <summary>INVALID_MDATA_ENTRY: the metadata entry is invalid, or of another kind of page.</summary>
    InvalidMetadataEntry = 0x1B,

    /// <summary>INVALID_PAGE_OWNER: the page belongs to another guest.</summary>
    InvalidPageOwner = 0x1C,

    /// <summary>AEAD_OFLOW: the guest's key for swapping has used up its initialisation vectors.</summary>
    AeadOverflow = 0x1D,

    /// <summary>RMP_INIT_REQUIRED: without INIT_RMP, but there is no RMP that can be kept.</summary>
    RmpInitRequired = 0x20,

    /// <summary>RMP_INITIALIZATION_FAILED: the RMP's own pages would not be Hypervisor before they become Firmware.</summary>
    RmpInitializationFailed = 0x26,

    /// <summary>SHUTDOWN_INCOMPLETE: SNP_EN could not be cleared on every core.</summary>
    ShutdownIncomplete = 0x28,
}
