namespace FastRmp.Native;

/// <summary>The open points that are yes or no: the bit of each in the two words of <see cref="ChoiceWords"/>. A number is never used for
/// another one; new ones come at the end.</summary>
internal enum Choice
{
    /// <summary><see cref="ModelChoices.AllowAsidAboveMaximum"/>.</summary>
    AllowAsidAboveMaximum = 0,

    /// <summary><see cref="ModelChoices.BootTablesAreSupervisor"/>.</summary>
    BootTablesAreSupervisor = 1,

    /// <summary><see cref="ModelChoices.CheckTableReads"/>.</summary>
    CheckTableReads = 2,

    /// <summary><see cref="ModelChoices.CompareUnmaskedGpa"/>.</summary>
    CompareUnmaskedGpa = 3,

    /// <summary><see cref="ModelChoices.CountAsidZero"/>.</summary>
    CountAsidZero = 4,

    /// <summary><see cref="ModelChoices.CountClearedOnRelease"/>.</summary>
    CountClearedOnRelease = 5,

    /// <summary><see cref="ModelChoices.CountLargePageAsOne"/>.</summary>
    CountLargePageAsOne = 6,

    /// <summary><see cref="ModelChoices.DeviceBeyondTableIsIllegalEntry"/>.</summary>
    DeviceBeyondTableIsIllegalEntry = 7,

    /// <summary><see cref="ModelChoices.DeviceRightsBeforeEncoding"/>.</summary>
    DeviceRightsBeforeEncoding = 8,

    /// <summary><see cref="ModelChoices.DmaReadsAreChecked"/>.</summary>
    DmaReadsAreChecked = 9,

    /// <summary><see cref="ModelChoices.DmaRightsAreCheckedAtLeaf"/>.</summary>
    DmaRightsAreCheckedAtLeaf = 10,

    /// <summary><see cref="ModelChoices.FixedSubpageIsOverlap"/>.</summary>
    FixedSubpageIsOverlap = 11,

    /// <summary><see cref="ModelChoices.GmetAllowsUserFetches"/>.</summary>
    GmetAllowsUserFetches = 12,

    /// <summary><see cref="ModelChoices.GmetAlwaysReportsUser"/>.</summary>
    GmetAlwaysReportsUser = 13,

    /// <summary><see cref="ModelChoices.GuestDmaFaultsAreGuestEvents"/>.</summary>
    GuestDmaFaultsAreGuestEvents = 14,

    /// <summary><see cref="ModelChoices.GuestDmaFaultsReportGuest"/>.</summary>
    GuestDmaFaultsReportGuest = 15,

    /// <summary><see cref="ModelChoices.HideEncryptionOfNestedTableWrites"/>.</summary>
    HideEncryptionOfNestedTableWrites = 16,

    /// <summary><see cref="ModelChoices.IgnoreLowAddressBits"/>.</summary>
    IgnoreLowAddressBits = 17,

    /// <summary><see cref="ModelChoices.IgnorePml5eBit8"/>.</summary>
    IgnorePml5eBit8 = 18,

    /// <summary><see cref="ModelChoices.IgnoreReservedOperandBits"/>.</summary>
    IgnoreReservedOperandBits = 19,

    /// <summary><see cref="ModelChoices.IgnoreReservedSegmentBits"/>.</summary>
    IgnoreReservedSegmentBits = 20,

    /// <summary><see cref="ModelChoices.ImmutableBaseBlocksRegion"/>.</summary>
    ImmutableBaseBlocksRegion = 21,

    /// <summary><see cref="ModelChoices.ImmutableLargePageIsOverlap"/>.</summary>
    ImmutableLargePageIsOverlap = 22,

    /// <summary><see cref="ModelChoices.InUseVmsaIsNotGuestOwned"/>.</summary>
    InUseVmsaIsNotGuestOwned = 23,

    /// <summary><see cref="ModelChoices.InstructionsLeaveFlags"/>.</summary>
    InstructionsLeaveFlags = 24,

    /// <summary><see cref="ModelChoices.InstructionsTakeSharedMappings"/>.</summary>
    InstructionsTakeSharedMappings = 25,

    /// <summary><see cref="ModelChoices.IntermediateDmaSizesAreLarge"/>.</summary>
    IntermediateDmaSizesAreLarge = 26,

    /// <summary><see cref="ModelChoices.InvalidGcr3ReportsPresent"/>.</summary>
    InvalidGcr3ReportsPresent = 27,

    /// <summary><see cref="ModelChoices.Kernel4KOnEveryUpdate"/>.</summary>
    Kernel4KOnEveryUpdate = 28,

    /// <summary><see cref="ModelChoices.LargeUpdateLooksAtFirstPageAlone"/>.</summary>
    LargeUpdateLooksAtFirstPageAlone = 29,

    /// <summary><see cref="ModelChoices.LockBeforeImmutable"/>.</summary>
    LockBeforeImmutable = 30,

    /// <summary><see cref="ModelChoices.LockFollowsImmutable"/>.</summary>
    LockFollowsImmutable = 31,

    /// <summary><see cref="ModelChoices.MalformedDmaEntryReportsReserved"/>.</summary>
    MalformedDmaEntryReportsReserved = 32,

    /// <summary><see cref="ModelChoices.NestedKeysApply"/>.</summary>
    NestedKeysApply = 33,

    /// <summary><see cref="ModelChoices.NestedSizeFirst"/>.</summary>
    NestedSizeFirst = 34,

    /// <summary><see cref="ModelChoices.NoTranslationIsIllegalEntry"/>.</summary>
    NoTranslationIsIllegalEntry = 35,

    /// <summary><see cref="ModelChoices.NonCanonicalDmaReportsPresent"/>.</summary>
    NonCanonicalDmaReportsPresent = 36,

    /// <summary><see cref="ModelChoices.OutOfReachReportsPresent"/>.</summary>
    OutOfReachReportsPresent = 37,

    /// <summary><see cref="ModelChoices.PValidateAboveVmpl0IsPermission"/>.</summary>
    PValidateAboveVmpl0IsPermission = 38,

    /// <summary><see cref="ModelChoices.ReclaimOfUncoveredIsRefused"/>.</summary>
    ReclaimOfUncoveredIsRefused = 39,

    /// <summary><see cref="ModelChoices.RejoinAsLinux"/>.</summary>
    RejoinAsLinux = 40,

    /// <summary><see cref="ModelChoices.ReportEncryptionOfSevGuests"/>.</summary>
    ReportEncryptionOfSevGuests = 41,

    /// <summary><see cref="ModelChoices.RescindClearsMasks"/>.</summary>
    RescindClearsMasks = 42,

    /// <summary><see cref="ModelChoices.ReservedDmaBitsReportReserved"/>.</summary>
    ReservedDmaBitsReportReserved = 43,

    /// <summary><see cref="ModelChoices.ReservedModeIsPageFault"/>.</summary>
    ReservedModeIsPageFault = 44,

    /// <summary><see cref="ModelChoices.RmpAdjustReservedIsPermission"/>.</summary>
    RmpAdjustReservedIsPermission = 45,

    /// <summary><see cref="ModelChoices.RmpDmaFaultReportsPhysicalAddress"/>.</summary>
    RmpDmaFaultReportsPhysicalAddress = 46,

    /// <summary><see cref="ModelChoices.RmpHardwareErrorReportsPage"/>.</summary>
    RmpHardwareErrorReportsPage = 47,

    /// <summary><see cref="ModelChoices.RmpOptBaseIsFree"/>.</summary>
    RmpOptBaseIsFree = 48,

    /// <summary><see cref="ModelChoices.RmpOptEndsOnRelease"/>.</summary>
    RmpOptEndsOnRelease = 49,

    /// <summary><see cref="ModelChoices.RmpOptOnContiguous"/>.</summary>
    RmpOptOnContiguous = 50,

    /// <summary><see cref="ModelChoices.RmpOptOutsideWindowFaults"/>.</summary>
    RmpOptOutsideWindowFaults = 51,

    /// <summary><see cref="ModelChoices.RmpOptReservedFunctionFaults"/>.</summary>
    RmpOptReservedFunctionFaults = 52,

    /// <summary><see cref="ModelChoices.RmpOptUnalignedFaults"/>.</summary>
    RmpOptUnalignedFaults = 53,

    /// <summary><see cref="ModelChoices.RmpOptUncoveredIsAssigned"/>.</summary>
    RmpOptUncoveredIsAssigned = 54,

    /// <summary><see cref="ModelChoices.RmpQueryRefusesOwnVmpl"/>.</summary>
    RmpQueryRefusesOwnVmpl = 55,

    /// <summary><see cref="ModelChoices.RmpReadShowsOwnerOfVmsa"/>.</summary>
    RmpReadShowsOwnerOfVmsa = 56,

    /// <summary><see cref="ModelChoices.RmpUpdateLeavesTlb"/>.</summary>
    RmpUpdateLeavesTlb = 57,

    /// <summary><see cref="ModelChoices.SegmentExponentsAreMegabytes"/>.</summary>
    SegmentExponentsAreMegabytes = 58,

    /// <summary><see cref="ModelChoices.SetAccessedOnlyIfAllowed"/>.</summary>
    SetAccessedOnlyIfAllowed = 59,

    /// <summary><see cref="ModelChoices.SkippedLevelsReportPresent"/>.</summary>
    SkippedLevelsReportPresent = 60,

    /// <summary><see cref="ModelChoices.SmashOfImmutableIsPermission"/>.</summary>
    SmashOfImmutableIsPermission = 61,

    /// <summary><see cref="ModelChoices.TableFaultsArePageAligned"/>.</summary>
    TableFaultsArePageAligned = 62,

    /// <summary><see cref="ModelChoices.TranslationValidBeforeReservedBits"/>.</summary>
    TranslationValidBeforeReservedBits = 63,

    /// <summary><see cref="ModelChoices.UnsupportedDeviceFieldsAreReserved"/>.</summary>
    UnsupportedDeviceFieldsAreReserved = 64,

    /// <summary><see cref="ModelChoices.UntranslatedDmaIsChecked"/>.</summary>
    UntranslatedDmaIsChecked = 65,

    /// <summary><see cref="ModelChoices.ValidatedBeforeSize"/>.</summary>
    ValidatedBeforeSize = 66,

    /// <summary><see cref="ModelChoices.ZapOnAllocation"/>.</summary>
    ZapOnAllocation = 67,

    /// <summary><see cref="ModelChoices.ZapSplitsLargeLeaves"/>.</summary>
    ZapSplitsLargeLeaves = 68,
}
