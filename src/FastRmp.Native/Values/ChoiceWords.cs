using System.Runtime.InteropServices;

namespace FastRmp.Native;

/// <summary>struct frmp_choices: what differs from the default choices. Zeros are the defaults.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct ChoiceWords
{
    private const int BitsPerWord = 64;
    private const int LastChoice = (int)Choice.ZapSplitsLargeLeaves;

    /// <summary>Bit n: choice n is the other way round.</summary>
    internal ulong Low { get; init; }

    /// <summary>The same for the choices from 64 on.</summary>
    internal ulong High { get; init; }

    /// <summary><see cref="ModelChoices.Contention"/>.</summary>
    internal uint Contention { get; init; }

    /// <summary><see cref="ModelChoices.RmpDmaFaultFlags"/>.</summary>
    internal uint DmaFaultFlags { get; init; }

    /// <summary>Makes the choices.</summary>
    /// <param name="choices">The choices.</param>
    /// <returns>False if there is no such choice.</returns>
    internal bool TryDecode(out ModelChoices choices)
    {
        ModelChoices defaults = ModelChoices.Default;
        choices = defaults;
        if ((High >> (LastChoice + 1 - BitsPerWord)) != 0 || Contention > (uint)ContentionCode.FailOverlap || DmaFaultFlags > byte.MaxValue)
        {
            return false;
        }

        if ((Low | High | Contention | DmaFaultFlags) == 0) return true;
        choices = new ModelChoices
        {
            Contention = (ContentionCode)Contention,
            RmpDmaFaultFlags = (byte)DmaFaultFlags,
            AllowAsidAboveMaximum = Of(Choice.AllowAsidAboveMaximum, defaults.AllowAsidAboveMaximum),
            BootTablesAreSupervisor = Of(Choice.BootTablesAreSupervisor, defaults.BootTablesAreSupervisor),
            CheckTableReads = Of(Choice.CheckTableReads, defaults.CheckTableReads),
            CompareUnmaskedGpa = Of(Choice.CompareUnmaskedGpa, defaults.CompareUnmaskedGpa),
            CountAsidZero = Of(Choice.CountAsidZero, defaults.CountAsidZero),
            CountClearedOnRelease = Of(Choice.CountClearedOnRelease, defaults.CountClearedOnRelease),
            CountLargePageAsOne = Of(Choice.CountLargePageAsOne, defaults.CountLargePageAsOne),
            DeviceBeyondTableIsIllegalEntry = Of(Choice.DeviceBeyondTableIsIllegalEntry, defaults.DeviceBeyondTableIsIllegalEntry),
            DeviceRightsBeforeEncoding = Of(Choice.DeviceRightsBeforeEncoding, defaults.DeviceRightsBeforeEncoding),
            DmaReadsAreChecked = Of(Choice.DmaReadsAreChecked, defaults.DmaReadsAreChecked),
            DmaRightsAreCheckedAtLeaf = Of(Choice.DmaRightsAreCheckedAtLeaf, defaults.DmaRightsAreCheckedAtLeaf),
            FixedSubpageIsOverlap = Of(Choice.FixedSubpageIsOverlap, defaults.FixedSubpageIsOverlap),
            GmetAllowsUserFetches = Of(Choice.GmetAllowsUserFetches, defaults.GmetAllowsUserFetches),
            GmetAlwaysReportsUser = Of(Choice.GmetAlwaysReportsUser, defaults.GmetAlwaysReportsUser),
            GuestDmaFaultsAreGuestEvents = Of(Choice.GuestDmaFaultsAreGuestEvents, defaults.GuestDmaFaultsAreGuestEvents),
            GuestDmaFaultsReportGuest = Of(Choice.GuestDmaFaultsReportGuest, defaults.GuestDmaFaultsReportGuest),
            HideEncryptionOfNestedTableWrites = Of(Choice.HideEncryptionOfNestedTableWrites, defaults.HideEncryptionOfNestedTableWrites),
            IgnoreLowAddressBits = Of(Choice.IgnoreLowAddressBits, defaults.IgnoreLowAddressBits),
            IgnorePml5eBit8 = Of(Choice.IgnorePml5eBit8, defaults.IgnorePml5eBit8),
            IgnoreReservedOperandBits = Of(Choice.IgnoreReservedOperandBits, defaults.IgnoreReservedOperandBits),
            IgnoreReservedSegmentBits = Of(Choice.IgnoreReservedSegmentBits, defaults.IgnoreReservedSegmentBits),
            ImmutableBaseBlocksRegion = Of(Choice.ImmutableBaseBlocksRegion, defaults.ImmutableBaseBlocksRegion),
            ImmutableLargePageIsOverlap = Of(Choice.ImmutableLargePageIsOverlap, defaults.ImmutableLargePageIsOverlap),
            InUseVmsaIsNotGuestOwned = Of(Choice.InUseVmsaIsNotGuestOwned, defaults.InUseVmsaIsNotGuestOwned),
            InstructionsLeaveFlags = Of(Choice.InstructionsLeaveFlags, defaults.InstructionsLeaveFlags),
            InstructionsTakeSharedMappings = Of(Choice.InstructionsTakeSharedMappings, defaults.InstructionsTakeSharedMappings),
            IntermediateDmaSizesAreLarge = Of(Choice.IntermediateDmaSizesAreLarge, defaults.IntermediateDmaSizesAreLarge),
            InvalidGcr3ReportsPresent = Of(Choice.InvalidGcr3ReportsPresent, defaults.InvalidGcr3ReportsPresent),
            Kernel4KOnEveryUpdate = Of(Choice.Kernel4KOnEveryUpdate, defaults.Kernel4KOnEveryUpdate),
            LargeUpdateLooksAtFirstPageAlone = Of(Choice.LargeUpdateLooksAtFirstPageAlone, defaults.LargeUpdateLooksAtFirstPageAlone),
            LockBeforeImmutable = Of(Choice.LockBeforeImmutable, defaults.LockBeforeImmutable),
            LockFollowsImmutable = Of(Choice.LockFollowsImmutable, defaults.LockFollowsImmutable),
            MalformedDmaEntryReportsReserved = Of(Choice.MalformedDmaEntryReportsReserved, defaults.MalformedDmaEntryReportsReserved),
            NestedKeysApply = Of(Choice.NestedKeysApply, defaults.NestedKeysApply),
            NestedSizeFirst = Of(Choice.NestedSizeFirst, defaults.NestedSizeFirst),
            NoTranslationIsIllegalEntry = Of(Choice.NoTranslationIsIllegalEntry, defaults.NoTranslationIsIllegalEntry),
            NonCanonicalDmaReportsPresent = Of(Choice.NonCanonicalDmaReportsPresent, defaults.NonCanonicalDmaReportsPresent),
            OutOfReachReportsPresent = Of(Choice.OutOfReachReportsPresent, defaults.OutOfReachReportsPresent),
            PValidateAboveVmpl0IsPermission = Of(Choice.PValidateAboveVmpl0IsPermission, defaults.PValidateAboveVmpl0IsPermission),
            ReclaimOfUncoveredIsRefused = Of(Choice.ReclaimOfUncoveredIsRefused, defaults.ReclaimOfUncoveredIsRefused),
            RejoinAsLinux = Of(Choice.RejoinAsLinux, defaults.RejoinAsLinux),
            ReportEncryptionOfSevGuests = Of(Choice.ReportEncryptionOfSevGuests, defaults.ReportEncryptionOfSevGuests),
            RescindClearsMasks = Of(Choice.RescindClearsMasks, defaults.RescindClearsMasks),
            ReservedDmaBitsReportReserved = Of(Choice.ReservedDmaBitsReportReserved, defaults.ReservedDmaBitsReportReserved),
            ReservedModeIsPageFault = Of(Choice.ReservedModeIsPageFault, defaults.ReservedModeIsPageFault),
            RmpAdjustReservedIsPermission = Of(Choice.RmpAdjustReservedIsPermission, defaults.RmpAdjustReservedIsPermission),
            RmpDmaFaultReportsPhysicalAddress = Of(Choice.RmpDmaFaultReportsPhysicalAddress, defaults.RmpDmaFaultReportsPhysicalAddress),
            RmpHardwareErrorReportsPage = Of(Choice.RmpHardwareErrorReportsPage, defaults.RmpHardwareErrorReportsPage),
            RmpOptBaseIsFree = Of(Choice.RmpOptBaseIsFree, defaults.RmpOptBaseIsFree),
            RmpOptEndsOnRelease = Of(Choice.RmpOptEndsOnRelease, defaults.RmpOptEndsOnRelease),
            RmpOptOnContiguous = Of(Choice.RmpOptOnContiguous, defaults.RmpOptOnContiguous),
            RmpOptOutsideWindowFaults = Of(Choice.RmpOptOutsideWindowFaults, defaults.RmpOptOutsideWindowFaults),
            RmpOptReservedFunctionFaults = Of(Choice.RmpOptReservedFunctionFaults, defaults.RmpOptReservedFunctionFaults),
            RmpOptUnalignedFaults = Of(Choice.RmpOptUnalignedFaults, defaults.RmpOptUnalignedFaults),
            RmpOptUncoveredIsAssigned = Of(Choice.RmpOptUncoveredIsAssigned, defaults.RmpOptUncoveredIsAssigned),
            RmpQueryRefusesOwnVmpl = Of(Choice.RmpQueryRefusesOwnVmpl, defaults.RmpQueryRefusesOwnVmpl),
            RmpReadShowsOwnerOfVmsa = Of(Choice.RmpReadShowsOwnerOfVmsa, defaults.RmpReadShowsOwnerOfVmsa),
            RmpUpdateLeavesTlb = Of(Choice.RmpUpdateLeavesTlb, defaults.RmpUpdateLeavesTlb),
            SegmentExponentsAreMegabytes = Of(Choice.SegmentExponentsAreMegabytes, defaults.SegmentExponentsAreMegabytes),
            SetAccessedOnlyIfAllowed = Of(Choice.SetAccessedOnlyIfAllowed, defaults.SetAccessedOnlyIfAllowed),
            SkippedLevelsReportPresent = Of(Choice.SkippedLevelsReportPresent, defaults.SkippedLevelsReportPresent),
            SmashOfImmutableIsPermission = Of(Choice.SmashOfImmutableIsPermission, defaults.SmashOfImmutableIsPermission),
            TableFaultsArePageAligned = Of(Choice.TableFaultsArePageAligned, defaults.TableFaultsArePageAligned),
            TranslationValidBeforeReservedBits = Of(Choice.TranslationValidBeforeReservedBits, defaults.TranslationValidBeforeReservedBits),
            UnsupportedDeviceFieldsAreReserved = Of(Choice.UnsupportedDeviceFieldsAreReserved, defaults.UnsupportedDeviceFieldsAreReserved),
            UntranslatedDmaIsChecked = Of(Choice.UntranslatedDmaIsChecked, defaults.UntranslatedDmaIsChecked),
            ValidatedBeforeSize = Of(Choice.ValidatedBeforeSize, defaults.ValidatedBeforeSize),
            ZapOnAllocation = Of(Choice.ZapOnAllocation, defaults.ZapOnAllocation),
            ZapSplitsLargeLeaves = Of(Choice.ZapSplitsLargeLeaves, defaults.ZapSplitsLargeLeaves),
        };
        return true;
    }

    private bool Of(Choice choice, bool standard)
    {
        ulong word = (int)choice < BitsPerWord ? Low : High;
        return standard ^ (((word >> ((int)choice % BitsPerWord)) & 1) != 0);
    }
}
