namespace FastRmp.Images;

/// <summary>The names of kinds of stories.</summary>
internal static class StoryKinds
{
    internal const string RmpFault = "rmp_fault";
    internal const string PageFault = "page_fault";
    internal const string Entry = "rmp_entry";
    internal const string RmpUpdate = "rmpupdate";
    internal const string Leak = "leak";
    internal const string PSmash = "psmash";
    internal const string NestedFault = "nested_fault";
    internal const string IommuEvent = "iommu_event";
    internal const string HostSetup = "host_setup";
    internal const string Firmware = "firmware";
    internal const string DirectMap = "direct_map";
    internal const string DirectMapConflict = "mapping_conflict";
    internal const string KvmRmpFault = "kvm_rmp_fault";
    internal const string KvmEntry = "kvm_rmp_entry";
    internal const string GuestException = "guest_exception";
    internal const string GuestTermination = "guest_termination";
    internal const string Kexec = "kexec";
    internal const string FirmwareTrouble = "firmware_trouble";
    internal const string EventsLost = "events_lost";
    internal const string GuestRequest = "guest_request";
    internal const string ValidationFailed = "validation_failed";
    internal const string Other = "other";
}
