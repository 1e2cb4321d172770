using System;

namespace FastRmp.Firmware;

/// <summary>Flags of an SNP guest.</summary>
[Flags]
public enum GuestFlags : byte
{
    /// <summary>None: the guest has no ASID.</summary>
    None = 0,

    /// <summary>An ASID is bound and usable.</summary>
    Active = 1,

    /// <summary>Encrypted register state (ES); set by SNP_LAUNCH_START.</summary>
    EncryptedState = 2,

    /// <summary>An ASID is bound; SNP_LAUNCH_FINISH makes the guest active.</summary>
    ActivationPending = 4,
}
