using System.Collections.Generic;

namespace FastRmp.Tests.Layouts;

/// <content>AMD I/O Virtualization Technology (IOMMU) Specification, with the names of Linux drivers/iommu/amd/amd_iommu_types.h.</content>
internal static partial class ManualTables
{
    private static IReadOnlyList<LayoutCase> Iommu() =>
    [
        new(typeof(DeviceTableEntry), 256,
        [
            Bit("Valid", 0), Bit("TranslationValid", 1), new("HostAccessDirty", 8, 7), new("Mode", 11, 9), Address("Root", 51, 12),
            Bit("PeripheralPageRequests", 52), Bit("GuestPageResponsePasid", 53), Bit("GuestIoProtection", 54),
            Bit("GuestTranslationValid", 55),
            new("GuestLevels", 57, 56), new("GuestCr3Page", 127, 107, Below: [(95, 80), (60, 58)]), Bit("Readable", 61),
            Bit("Writable", 62),
            new("DomainId", 79, 64), Bit("IotlbEnabled", 96), Bit("SuppressFurtherFaults", 97), Bit("SuppressAllFaults", 98),
            new("PortControl", 100, 99), Bit("CacheHint", 101), Bit("SnoopDisable", 102), Bit("Exclusion", 103),
            new("SystemManagement", 105, 104), Bit("InterruptMapValid", 128), new("InterruptTableLength", 132, 129),
            Bit("IgnoreUnmappedInterrupts", 133), Address("InterruptTable", 179, 134),
            new("GuestPagingMode", 183, 182), Bit("InitPass", 184), Bit("ExternalInterruptPass", 185), Bit("NmiPass", 186),
            new("InterruptControl", 189, 188),
            Bit("Lint0Pass", 190), Bit("Lint1Pass", 191), Bit("AttributesValid", 246), Bit("Mode0ForceCoherent", 247),
            new("SnoopAttribute", 255, 248),
        ]),
        new(typeof(IoPageTableEntry), 64,
        [
            Bit("Present", 0), new("Ignored", 4, 1), Bit("Accessed", 5), Bit("Dirty", 6), new("Ignored7", 8, 7), new("NextLevel", 11, 9),
            Address("Address", 51, 12), Bit("Untranslated", 59), Bit("ForceCoherent", 60), Bit("Readable", 61),
            Bit("Writable", 62), Bit("Ignored63", 63),
        ]),
        new(typeof(Gcr3TableEntry), 64, [Bit("Valid", 0), Address("Address", 51, 12)]),
        new(typeof(IommuControl), 64,
        [
            Bit("Enable", 0), Bit("TunnelEnable", 1), Bit("EventLogEnable", 2), Bit("EventInterruptEnable", 3),
            Bit("CompletionWaitInterruptEnable", 4),
            Bit("Coherent", 10), Bit("Isochronous", 11), Bit("CommandBufferEnable", 12), Bit("PageRequestLogEnable", 13),
            Bit("PageRequestInterruptEnable", 14),
            Bit("PageRequestEnable", 15), Bit("GuestTranslationEnable", 16), Bit("GuestApicEnable", 17),
            Bit("EnhancedPageRequestEnable", 45),
            Bit("X2ApicEnable", 50), Bit("InterruptX2ApicEnable", 51), Bit("Gcr3IsGuestPhysical", 58),
            Bit("InterruptTableCacheDisable", 59), Bit("SnpAvicEnable", 61),
        ]),
        new(typeof(IommuExtendedFeatures), 64,
        [
            Bit("PageRequests", 1), Bit("X2Apic", 2), Bit("NoExecute", 3), Bit("GuestTranslation", 4), Bit("InvalidateAll", 6),
            Bit("GuestApic", 7),
            Bit("HardwareError", 8), Bit("PerformanceCounters", 9), new("HostAddressSize", 11, 10), new("GuestAddressSize", 13, 12),
            new("GuestLevels", 15, 14),
            new("PasidBits", 36, 32), Bit("GuestIoProtection", 48), Bit("HostAccessed", 49), Bit("EnhancedPageRequests", 50),
            Bit("HostDirty", 52), Bit("Snp", 63),
        ]),
        new(typeof(IommuExtendedFeatures2), 64, [Bit("TrustedIo", 1), Bit("Gcr3IsGuestPhysical", 3)]),
        new(typeof(DeviceTableBase), 64, [new("Size", 8, 0), Address("Base", 51, 12)]),
        new(typeof(IommuEventEntry), 128,
        [
            new("DeviceId", 15, 0), new("Pasid", 19, 16, Below: [(47, 32)]), new("Flags", 59, 48), new("Code", 63, 60),
            new("Address", 127, 64),
        ]),
        new(typeof(IommuRmpFaultEntry), 128,
        [
            new("DeviceId", 15, 0), new("RmpFlags", 23, 16), new("VmgTag", 47, 32), new("Flags", 59, 48), new("Code", 63, 60),
            new("Address", 127, 64),
        ]),
        new(typeof(IommuRmpHardwareErrorEntry), 128,
        [
            new("DeviceId", 15, 0), new("VmgTag", 47, 32), new("Flags", 59, 48), new("Code", 63, 60), Address("Address", 127, 67),
        ]),
        new(typeof(IommuPageRequestEntry), 128,
        [
            new("DeviceId", 15, 0), new("Pasid", 45, 42, Below: [(31, 16)]), new("Tag", 41, 32), new("Flags", 59, 48), new("Code", 63, 60),
            new("Address", 127, 64),
        ]),
    ];
}
