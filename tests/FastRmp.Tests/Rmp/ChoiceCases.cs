using System;
using System.Collections.Generic;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>The defaults, each open point decided the other way, and all of them.</summary>
internal static class ChoiceCases
{
    private static readonly Dictionary<string, ModelChoices> Cases = new(StringComparer.Ordinal)
    {
        ["default"] = ModelChoices.Default,
        [nameof(ModelChoices.Contention)] = new() { Contention = ContentionCode.FailOverlap },
        ["FailInUse"] = new() { Contention = ContentionCode.FailInUse },
        [nameof(ModelChoices.LargeUpdateLooksAtFirstPageAlone)] = new() { LargeUpdateLooksAtFirstPageAlone = true },
        [nameof(ModelChoices.RescindClearsMasks)] = new() { RescindClearsMasks = true },
        [nameof(ModelChoices.RmpAdjustReservedIsPermission)] = new() { RmpAdjustReservedIsPermission = true },
        [nameof(ModelChoices.InUseVmsaIsNotGuestOwned)] = new() { InUseVmsaIsNotGuestOwned = true },
        [nameof(ModelChoices.RmpReadShowsOwnerOfVmsa)] = new() { RmpReadShowsOwnerOfVmsa = true },
        [nameof(ModelChoices.LockBeforeImmutable)] = new() { LockBeforeImmutable = true },
        [nameof(ModelChoices.FixedSubpageIsOverlap)] = new() { FixedSubpageIsOverlap = true },
        [nameof(ModelChoices.IgnoreLowAddressBits)] = new() { IgnoreLowAddressBits = true },
        [nameof(ModelChoices.IgnoreReservedOperandBits)] = new() { IgnoreReservedOperandBits = true },
        [nameof(ModelChoices.LockFollowsImmutable)] = new() { LockFollowsImmutable = false },
        [nameof(ModelChoices.CountAsidZero)] = new() { CountAsidZero = true },
        [nameof(ModelChoices.SmashOfImmutableIsPermission)] = new() { SmashOfImmutableIsPermission = true },
        [nameof(ModelChoices.ImmutableLargePageIsOverlap)] = new() { ImmutableLargePageIsOverlap = true },
        [nameof(ModelChoices.CompareUnmaskedGpa)] = new() { CompareUnmaskedGpa = true },
        [nameof(ModelChoices.AllowAsidAboveMaximum)] = new() { AllowAsidAboveMaximum = true },
        [nameof(ModelChoices.ImmutableBaseBlocksRegion)] = new() { ImmutableBaseBlocksRegion = true },
        [nameof(ModelChoices.CountLargePageAsOne)] = new() { CountLargePageAsOne = true },
        [nameof(ModelChoices.PValidateAboveVmpl0IsPermission)] = new() { PValidateAboveVmpl0IsPermission = true },
        [nameof(ModelChoices.NestedSizeFirst)] = new() { NestedSizeFirst = true },
        [nameof(ModelChoices.ValidatedBeforeSize)] = new() { ValidatedBeforeSize = true },
        [nameof(ModelChoices.RmpQueryRefusesOwnVmpl)] = new() { RmpQueryRefusesOwnVmpl = true },
        [nameof(ModelChoices.RmpOptOnContiguous)] = new() { RmpOptOnContiguous = true },
        [nameof(ModelChoices.ReportEncryptionOfSevGuests)] = new() { ReportEncryptionOfSevGuests = true },
        [nameof(ModelChoices.RmpOptEndsOnRelease)] = new() { RmpOptEndsOnRelease = true },
        [nameof(
            ModelChoices.RmpOptOutsideWindowFaults)] = new()
            {
                RmpOptOutsideWindowFaults = true,
                RmpOptUncoveredIsAssigned = true,
                RmpOptReservedFunctionFaults = true,
                RmpOptUnalignedFaults = true,
            },
        ["all"] = new()
        {
            ReportEncryptionOfSevGuests = true,
            Contention = ContentionCode.FailOverlap,
            LockBeforeImmutable = true,
            FixedSubpageIsOverlap = true,
            IgnoreLowAddressBits = true,
            IgnoreReservedOperandBits = true,
            LockFollowsImmutable = false,
            LargeUpdateLooksAtFirstPageAlone = true,
            RescindClearsMasks = true,
            RmpAdjustReservedIsPermission = true,
            RmpReadShowsOwnerOfVmsa = true,
            CountAsidZero = true,
            SmashOfImmutableIsPermission = true,
            ImmutableLargePageIsOverlap = true,
            CompareUnmaskedGpa = true,
            AllowAsidAboveMaximum = true,
            ImmutableBaseBlocksRegion = true,
            CountLargePageAsOne = true,
            PValidateAboveVmpl0IsPermission = true,
            NestedSizeFirst = true,
            ValidatedBeforeSize = true,
            RmpQueryRefusesOwnVmpl = true,
            RmpOptOnContiguous = true,
            RmpOptEndsOnRelease = true,
        },
    };

    public static IEnumerable<string> Names => Cases.Keys;

    public static TheoryData<string, string> All()
    {
        TheoryData<string, string> rows = [];
        foreach (string name in Cases.Keys)
        {
            rows.Add("milan", name);
            rows.Add("genoa", name);
        }

        return rows;
    }

    public static ModelChoices Choices(string name) => Cases[name];

    public static ProcessorModel Processor(string name) =>
        ProcessorModel.TryGetPreset(name, out ProcessorModel? processor) ? processor : throw new ArgumentException(name);
}
