using FastRmp.Firmware;

namespace FastRmp.Images;

/// <summary>Statuses of the SEV firmware and errors of Linux in words.</summary>
/// <remarks>Source: SEV-SNP firmware ABI and SEV API, status codes; Linux include/uapi/linux/psp-sev.h,
/// drivers/crypto/ccp/sev-dev.c.</remarks>
internal static class FirmwareStatusText
{
    /// <summary>The status's name.</summary>
    internal static string Name(ulong status) => status > ushort.MaxValue ? "(no status of the firmware)" : status switch
    {
        0x5 => "ALREADY_OWNED",
        0x6 => "CERTIFICATE_INVALID",
        0x17 => "RESOURCE_LIMIT",
        0x18 => "SECURE_DATA_INVALID",
        0x1F => "RING_BUFFER_EXIT",
        0x21 => "BAD_SVN",
        0x22 => "BAD_VERSION",
        0x23 => "SHUTDOWN_REQUIRED",
        0x24 => "UPDATE_FAILED",
        0x25 => "RESTORE_REQUIRED",
        0x27 => "INVALID_KEY",
        0xFFFF => "none: the driver did not call the firmware",
        _ => ((FirmwareStatus)status).Name(),
    };

    /// <summary>What the firmware says by it; null where its name says all that is known.</summary>
    internal static string? Meaning(ulong status) => status switch
    {
        0x1 =>
            "the platform (SNP, or legacy SEV) is not in the state that the command asks for: not initialised, initialised already, or an SNP_INIT failed before it",
        0x2 => "the guest is not in the state that the command asks for",
        0x3 =>
            "the machine is not configured for SNP: a core without memory encryption, SNP_EN, VMPLEn or MFDM, VM_HSAVE_PA not clear, an RMP that is not 1M-aligned or does not cover itself, an IOMMU buffer inside the RMP; for a guest, pages that are still assigned to its ASID",
        0x4 => "the command's buffer has another length than this firmware knows",
        0x5 => "the platform has an owner",
        0x6 => "a certificate was not accepted",
        0x7 => "the guest's policy does not allow it on this machine or with this firmware",
        0x8 => "the guest has no ASID",
        0x9 => "an address is not aligned as it has to be, or firmware does not touch the place",
        0xA => "a signature is wrong",
        0xB => "a measurement is wrong",
        0xC => "the ASID belongs to a guest",
        0xD => "the ASID is zero, or above the highest",
        0xE => "a core has not executed WBINVD since the last guest",
        0xF => "DF_FLUSH is needed first",
        0x10 => "the guest's context page, or its handle, is none",
        0x11 => "the firmware does not know the command",
        0x12 => "the guest has an ASID already, or guests still run",
        0x13 => "the hardware failed, or an IOMMU is not ready for SNP; the machine stays safe, and the command may be given again",
        0x14 => "the hardware failed in a way that is not safe: the firmware refuses everything until the machine is reset",
        0x15 => "this processor or firmware does not have the feature",
        0x16 => "reserved bits are set, or parameters contradict each other",
        0x17 => "the firmware has no room left for it",
        0x18 => "the data that the firmware keeps failed its integrity check: the driver gives the command again, which starts it anew",
        0x19 => "the page has another size in the RMP than the command asks for",
        0x1A =>
            "the page is in another state in the RMP than the command starts from: RMPUPDATE was not made before, or the page was not reclaimed",
        0x1B => "the metadata entry is not valid, or of another kind of page",
        0x1C => "the page belongs to another guest",
        0x1D => "the guest's key for swapping is used up",
        0x20 => "SNP was to be initialised without the RMP, but there is none that can be kept",
        0x21 => "the firmware's image is older than allowed",
        0x22 => "the firmware's version does not fit",
        0x23 => "SNP has to be shut down first",
        0x24 => "the update failed; the firmware is the one from before",
        0x25 => "the firmware has to be restored first",
        0x26 => "the RMP's own pages are not all Hypervisor, so that the RMP cannot be initialised",
        0x27 => "a key is wrong",
        0x28 => "SNP could not be switched off on every core",
        0xFFFF => "the driver gave up before it called the firmware",
        > 0x40 and <= 0x40 + 0x28 =>
            "the buffer that a legacy command writes to is not Firmware or Default in the RMP (the status of its test, plus 64)",
        _ => null,
    };

    /// <summary>Linux's name of an error, in brackets; empty for one that is not known.</summary>
    internal static string Error(int code) => code switch
    {
        -5 => " (EIO)",
        -6 => " (ENXIO)",
        -7 => " (E2BIG)",
        -12 => " (ENOMEM)",
        -14 => " (EFAULT)",
        -16 => " (EBUSY)",
        -19 => " (ENODEV)",
        -22 => " (EINVAL)",
        -95 => " (EOPNOTSUPP)",
        -110 => " (ETIMEDOUT)",
        _ => string.Empty,
    };

    /// <summary>What the driver means by an error when the firmware gave no status.</summary>
    internal static string? Meaning(int code) => code switch
    {
        -5 => "the firmware refused the command, and its status is not in the message",
        -12 => "the driver had no memory for it",
        -14 => "a page could not be given to the firmware or taken back: the RMPUPDATE before it has the reason",
        -16 => "the driver does not send commands any more (a command timed out before), or its buffers are in use",
        -19 => "there is no secure processor, or SNP is not enabled on the host",
        -22 => "the driver refused the arguments",
        -110 =>
            "the secure processor did not answer in time: the driver takes it for dead, and every later command fails with rc -16 (EBUSY)",
        _ => null,
    };
}
