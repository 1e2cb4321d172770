namespace FastRmp.Images;

/// <summary>What a note is about.</summary>
public enum LogNoteKind
{
    /// <summary>KVM met an RMP fault of a guest that it does not expect.</summary>
    UnexpectedRmpFault,

    /// <summary>The RMP entry of a page could not be read.</summary>
    UnreadableEntry,

    /// <summary>The direct map could not be split before an RMPUPDATE.</summary>
    SplitFailed,

    /// <summary>Attributes of a kernel mapping were changed against a rule (CPA).</summary>
    MappingConflict,

    /// <summary>An SEV guest's #VC exception that its kernel could not handle.</summary>
    GuestException,

    /// <summary>A crash kernel, or the change to another kernel, on a host with SNP.</summary>
    Kexec,

    /// <summary>KVM could not look up or change the RMP entry of a guest's page.</summary>
    EntryNotChanged,

    /// <summary>A guest asked the hypervisor to end it.</summary>
    GuestTermination,

    /// <summary>A message about the RMP of a form that is not known.</summary>
    Other,

    /// <summary>The SEV driver could not prepare, or had to repeat, a command of the firmware.</summary>
    FirmwareTrouble,

    /// <summary>An IOMMU's log has overflowed: events are missing.</summary>
    EventsLost,

    /// <summary>KVM refused what an SEV guest asked for with VMGEXIT.</summary>
    GuestRequest,

    /// <summary>A guest could not validate a page, or have its state changed.</summary>
    ValidationFailed,
}
