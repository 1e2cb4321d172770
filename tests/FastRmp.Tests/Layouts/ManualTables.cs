using System;
using System.Collections.Generic;

namespace FastRmp.Tests.Layouts;

/// <summary>
/// The bit tables of the manuals, typed in once more: AMD64 APM vol. 2, chapters 3, 5, 8 and 15.36; vol. 3, RMPUPDATE and RMPADJUST; AMD
/// SEV firmware source, sev_rmp.h.
/// </summary>
internal static partial class ManualTables
{
    public static IReadOnlyList<LayoutCase> All { get; } =
    [
        new(typeof(RmpEntry), 128,
        [
            Bit("Assigned", 0), Bit("PageSize", 1), Bit("Immutable", 2), new("SubpageCount", 11, 3), Address("Gpa", 50, 12),
            new("Asid", 60, 51),
            Bit("Vmsa", 61), Bit("Validated", 62), Bit("Lock", 63),
            new("Vmpl0Permissions", 71, 64), new("Vmpl1Permissions", 79, 72), new("Vmpl2Permissions", 87, 80),
            new("Vmpl3Permissions", 95, 88),
            Bit("ImplicitKeySelect", 96), new("RootPortId", 117, 113), new("PcieIdeStreamId", 125, 118), new("PageMigration", 127, 126),
        ]),
        new(typeof(FirmwareGpa), 64, [Address("Page", 47, 12), new("Tag", 50, 48)]),
        new(typeof(RmpUpdateOperand), 128,
        [
            new("Gpa", 63, 0), Bit("Assigned", 64), Bit("PageSize", 72), Bit("Immutable", 80), new("Asid", 127, 96),
        ]),
        new(typeof(RmpReadOutput), 128,
        [
            new("Gpa", 63, 0), Bit("Assigned", 64), Bit("PageSize", 72), Bit("RegionStatus", 73), Bit("Immutable", 80),
            new("Asid", 127, 96),
        ]),
        new(typeof(PageFaultErrorCode), 64,
        [
            Bit("Present", 0), Bit("Write", 1), Bit("User", 2), Bit("ReservedBit", 3), Bit("Fetch", 4), Bit("ProtectionKey", 5),
            Bit("ShadowStack", 6),
            Bit("Sgx", 15), Bit("Rmp", 31),
        ]),
        new(typeof(NestedPageFaultCode), 64,
        [
            Bit("Present", 0), Bit("Write", 1), Bit("User", 2), Bit("ReservedBit", 3), Bit("Fetch", 4), Bit("Rmp", 31), Bit("Final", 32),
            Bit("PageTable", 33), Bit("Encrypted", 34), Bit("SizeMismatch", 35), Bit("Vmpl", 36), Bit("ShadowStack", 37),
        ]),
        new(typeof(RmpAdjustOperand), 64, [new("TargetVmpl", 7, 0), new("Permissions", 15, 8), Bit("Vmsa", 16)]),
        new(typeof(PagingEntry), 64,
        [
            .. Common(), Bit("Dirty", 6), Bit("LargePage", 7), Bit("Global", 8), new("Available", 11, 9), Address("Address", 51, 12),
            new("AvailableHigh", 58, 52), new("ProtectionKey", 62, 59),
        ]),
        new(
            typeof(Pml5e), 64,
            [.. Common(), Bit("Ignored", 6), new("Available", 11, 9), Address("Table", 51, 12), new("AvailableHigh", 62, 52)]),
        new(
            typeof(Pml4e), 64,
            [.. Common(), Bit("Ignored", 6), new("Available", 11, 9), Address("Table", 51, 12), new("AvailableHigh", 62, 52)]),
        new(typeof(Pdpe1G), 64, [.. LargeLeaf(30)]),
        new(typeof(Pde2M), 64, [.. LargeLeaf(21)]),
        new(typeof(Pte), 64,
        [
            .. Common(), Bit("Dirty", 6), Bit("Pat", 7), Bit("Global", 8), new("Available", 10, 9), Bit("Kernel4K", 11),
            Address("Page", 51, 12),
            new("AvailableHigh", 58, 52), new("ProtectionKey", 62, 59),
        ]),
        new(typeof(Cr0), 64, [Bit("ProtectedMode", 0), Bit("WriteProtect", 16), Bit("Paging", 31)]),
        new(typeof(Cr3), 64, [new("Low", 11, 0), Address("Table", 51, 12), new("NoFlush", 63, 63)]),
        new(typeof(Cr4), 64,
        [
            Bit("PageSizeExtensions", 4), Bit("PhysicalAddressExtensions", 5), Bit("GlobalPages", 7), Bit("La57", 12),
            Bit("ProcessContextIds", 17),
            Bit("Smep", 20), Bit("Smap", 21), Bit("ProtectionKeys", 22), Bit("ControlFlowEnforcement", 23),
            Bit("SupervisorProtectionKeys", 24),
        ]),
        new(typeof(Pkru), 64, [new("AccessDisabled", 30, 0, Step: 2), new("WriteDisabled", 31, 1, Step: 2)]),
        new(typeof(Efer), 64, [Bit("LongModeEnable", 8), Bit("LongModeActive", 10), Bit("NoExecuteEnable", 11)]),
        new(typeof(RmpBoundary), 64, [new("Low", 12, 0), Address("Unit", 51, 13)]),
        new(typeof(RmpCfg), 64, [Bit("SegmentedRmpEnabled", 0), new("SegmentShift", 13, 8)]),
        new(
            typeof(Syscfg), 64,
            [Bit("FixedMtrrModification", 19), Bit("EncryptionEnabled", 23), Bit("SnpEnabled", 24), Bit("VmplEnabled", 25)]),
        new(typeof(MailboxCommand), 64, [new("Status", 15, 0), new("Command", 26, 16), Bit("IsResponse", 31)]),
        new(typeof(SnpInitFlags), 64, [Bit("InitRmp", 0), Bit("HasList", 1), new("Others", 4, 2)]),
        new(typeof(SnpShutdownFlags), 64, [Bit("Iommu", 0), Bit("X86", 1)]),
        new(typeof(LaunchStartFlags), 64, [Bit("HasMigrationAgent", 0), Bit("IsMigrationImage", 1)]),
        new(typeof(LaunchUpdateFlags), 64, [Bit("Size", 0), new("Type", 3, 1), Bit("IsMigrationImage", 4)]),
        new(typeof(LaunchUpdatePermissions), 64, [new("Vmpl3", 15, 8), new("Vmpl2", 23, 16), new("Vmpl1", 31, 24)]),
        new(typeof(LaunchFinishFlags), 64, [Bit("HasIdBlock", 0), Bit("HasAuthorKey", 1), Bit("DisablesVcek", 2)]),
        new(typeof(Hwcr), 64, [Bit("SmmLocked", 0)]),
        new(typeof(InterruptGate), 128,
        [
            new("OffsetLow", 15, 0), new("Selector", 31, 16), new("Stack", 34, 32), new("Type", 43, 40), new("PrivilegeLevel", 46, 45),
            Bit("Present", 47), new("OffsetMiddle", 63, 48), new("OffsetHigh", 95, 64),
        ]),
        new(typeof(RmpSegmentEntry), 64, [new("CoveredGib", 19, 0), Address("RmpBase", 51, 20)]),
        new(typeof(RmpOptBase), 64, [Bit("Enabled", 0), Address("Base", 51, 30)]),
        new(typeof(SnpFeatures), 64,
        [
            Bit("Sev", 1), Bit("SevEs", 3), Bit("SevSnp", 4), Bit("Vmpl", 5), Bit("RmpQuery", 6), Bit("VmplShadowStack", 7),
            Bit("CacheCoherency", 10),
            Bit("VirtualTom", 18), Bit("RmpRead", 21), Bit("SegmentedRmp", 23), Bit("SecureAvic", 26), Bit("AllowedSevFeatures", 27),
            Bit("NestedVirtSnpMsr", 29), Bit("HvInUseWrAllowed", 30), Bit("IbpbOnEntry", 31),
        ]),
        new(typeof(SnpLimits), 64, [new("EncryptionBit", 5, 0), new("AddressReduction", 11, 6), new("Vmpls", 15, 12)]),
        new(typeof(SegmentedRmpFeatures), 64, [new("MinSegmentShift", 5, 0), new("MaxSegmentShift", 11, 6)]),
        new(typeof(SegmentedRmpLimits), 64, [new("CachedSegments", 9, 0), Bit("IsHardLimit", 10)]),
        new(
            typeof(GuestPolicy), 64,
            [
                new("AbiMinor", 7, 0), new("AbiMajor", 15, 8), Bit("SmtAllowed", 16), Bit("MustBeOne", 17),
                Bit("MigrationAgentAllowed", 18), Bit("DebuggingAllowed", 19),
                Bit("SingleSocket", 20),
            ]),
        new(
            typeof(RFlags), 64,
            [
                Bit("Carry", 0), Bit("Parity", 2), Bit("Auxiliary", 4), Bit("Zero", 6), Bit("Sign", 7), Bit("Trap", 8), Bit("Interrupt", 9),
                Bit("Direction", 10),
                Bit("Overflow", 11), new("IoPrivilegeLevel", 13, 12), Bit("NestedTask", 14), Bit("Resume", 16), Bit("Virtual8086", 17),
                Bit("AlignmentCheck", 18),
                Bit("VirtualInterrupt", 19), Bit("VirtualInterruptPending", 20), Bit("Identification", 21),
            ]),
        .. Iommu(),
    ];

    public static LayoutCase Of(string name)
    {
        foreach (LayoutCase layout in All)
        {
            if (layout.Type.Name == name) return layout;
        }

        throw new ArgumentException(name);
    }

    private static BitField Bit(string name, int bit) => new(name, bit, bit);

    private static BitField Address(string name, int high, int low) => new(name, high, low, InPlace: true);

    private static BitField[] Common() =>
    [
        Bit("Present", 0), Bit("Writable", 1), Bit("User", 2), Bit("WriteThrough", 3), Bit("CacheDisable", 4), Bit("Accessed", 5),
        Bit("NoExecute", 63),
    ];

    private static BitField[] LargeLeaf(int lowestAddressBit) =>
    [
        .. Common(), Bit("Dirty", 6), Bit("LargePage", 7), Bit("Global", 8), new("Available", 10, 9), Bit("Kernel4K", 11), Bit("Pat", 12),
        Address("Page", 51, lowestAddressBit), new("AvailableHigh", 58, 52), new("ProtectionKey", 62, 59),
    ];
}
