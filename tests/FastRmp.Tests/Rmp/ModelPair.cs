using FastRmp.Reference;

namespace FastRmp.Tests.Rmp;

/// <summary>A pair over a contiguous table from address 0, and the plain forms of what the table under test is given.</summary>
internal sealed class ModelPair : ModelPair<ContiguousGeometry>
{
    public const ulong RegionBytes = 0x20_0000;
    public const ulong PageBytes = 0x1000;

    public ModelPair(ulong regions, ProcessorModel processor, ModelChoices choices)
        : this(ContiguousGeometry.Covering(PhysicalAddress.Create(0x10_0000), regions * RegionBytes), processor, choices)
    {
    }

    public ModelPair(ContiguousGeometry geometry, ProcessorModel processor, ModelChoices choices)
        : base(geometry, new ReferenceGeometry(geometry.Base.Value, geometry.End.Value), processor, choices)
    {
    }

    public static ReferenceUpdateInput Plain(RmpUpdateOperand operand) => new()
    {
        Gpa = operand.Low,
        Assigned = (operand.High & 1) != 0,
        Large = (operand.High >> 8 & 1) != 0,
        Immutable = (operand.High >> 16 & 1) != 0,
        Asid = (uint)(operand.High >> 32),
        ReservedNonZero = (operand.High & 0xFFFE_FEFEUL) != 0,
    };

    public static ReferenceAdjustInput Plain(RmpAdjustOperand operand, PageSize size) => new()
    {
        Large = size != PageSize.Size4K,
        TargetVmpl = (byte)operand.Value,
        Mask = (byte)(operand.Value >> 8),
        Vmsa = (operand.Value >> 16 & 1) != 0,
        ReservedNonZero = operand.Value >> 17 != 0,
    };

    public static ReferenceExecution Plain(ExecutionState state) => new()
    {
        LongMode64 = state.Is64BitMode,
        Cpl = state.Cpl,
        CurrentAsid = state.Asid,
        Vmpl = state.Vmpl,
        IsSnpGuest = state.IsSnpGuest,
        SnpEnabled = state.SnpEnabled,
    };

    public static ReferenceTranslation Plain(NestedPage page) =>
        new(page.Gpa.Value, page.Spa.Value, (ReferencePageSize)(int)page.NestedSize);

    public static ReferenceProcessor Plain(ProcessorModel processor) => new()
    {
        GpaMask = processor.GpaMask,
        MaxAsid = processor.MaxAsid,
        FullVmpl0Mask = (byte)processor.FullVmpl0Permissions,
        PhysicalWidth = processor.PhysicalAddressWidth,
        HasLa57 = processor.HasLa57,
        HasRmpQuery = processor.HasRmpQuery,
        HasRmpRead = processor.HasRmpRead,
        HasRmpOpt = processor.HasRmpOpt,
        HasSegmentedRmp = processor.HasSegmentedRmp,
        HvInUseWriteAllowed = processor.HasHvInUseWrAllowed,
        HasInUseErratum = processor.HasInUse2MErratum,
    };

    public static ReferenceChoices Plain(ModelChoices choices) => new()
    {
        LockBeforeImmutable = choices.LockBeforeImmutable,
        EntryContentionCode = choices.Contention == ContentionCode.FailOverlap ? ReferenceCode.FailOverlap : ReferenceCode.FailInUse,
        RegionContentionCode = choices.Contention == ContentionCode.FailInUse ? ReferenceCode.FailInUse : ReferenceCode.FailOverlap,
        LargeUpdateSeesFirstUseOnly = choices.LargeUpdateLooksAtFirstPageAlone,
        CountClearedOnRelease = choices.CountClearedOnRelease,
        RescindClearsMasks = choices.RescindClearsMasks,
        AdjustReservedCode = choices.RmpAdjustReservedIsPermission ? ReferenceCode.FailPermission : ReferenceCode.FailInput,
        InUseVmsaIsNotGuestOwned = choices.InUseVmsaIsNotGuestOwned,
        ReadShowsOwnerOfVmsa = choices.RmpReadShowsOwnerOfVmsa,
        ImmutableSubPageCode = choices.FixedSubpageIsOverlap ? ReferenceCode.FailOverlap : ReferenceCode.FailPermission,
        RefuseMisalignedAddress = !choices.IgnoreLowAddressBits,
        RefuseReservedInput = !choices.IgnoreReservedOperandBits,
        RefuseReservedAdjustInput = !choices.IgnoreReservedOperandBits,
        LockFollowsImmutable = choices.LockFollowsImmutable,
        EncryptionOfSevGuestsIsTold = choices.ReportEncryptionOfSevGuests,
        CountAsidZero = choices.CountAsidZero,
        SmashImmutableCode = choices.SmashOfImmutableIsPermission ? ReferenceCode.FailPermission : ReferenceCode.FailBadAddress,
        ImmutableLargePageCode = choices.ImmutableLargePageIsOverlap ? ReferenceCode.FailOverlap : ReferenceCode.FailPermission,
        AllowAsidAboveMaximum = choices.AllowAsidAboveMaximum,
        ImmutableBaseBlocksRegion = choices.ImmutableBaseBlocksRegion,
        CompareGpaMasked = !choices.CompareUnmaskedGpa,
        CountLargePageAsOne = choices.CountLargePageAsOne,
        ValidateAboveVmpl0IsPermission = choices.PValidateAboveVmpl0IsPermission,
        NestedSizeFirst = choices.NestedSizeFirst,
        ValidatedBeforeSize = choices.ValidatedBeforeSize,
        InstructionsLeaveFlags = choices.InstructionsLeaveFlags,
        InstructionsTakeSharedMappings = choices.InstructionsTakeSharedMappings,
        QueryRefusesOwnVmpl = choices.RmpQueryRefusesOwnVmpl,
        RmpOptNeedsSegments = !choices.RmpOptOnContiguous,
        RmpOptClearedByRelease = choices.RmpOptEndsOnRelease,
        RmpOptFaultsOutsideWindow = choices.RmpOptOutsideWindowFaults,
        RmpOptUncoveredIsAssigned = choices.RmpOptUncoveredIsAssigned,
        RmpOptFaultsOnFunction = choices.RmpOptReservedFunctionFaults,
        RmpOptFaultsOnLowBits = choices.RmpOptUnalignedFaults,
    };
}
