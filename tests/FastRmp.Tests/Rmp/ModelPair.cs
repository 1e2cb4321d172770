using System;
using FastRmp.Access;
using FastRmp.Addressing;
using FastRmp.Layouts;
using FastRmp.Model;
using FastRmp.Paging;
using FastRmp.Reference;
using FastRmp.Rmp;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>The table under test and the reference in the same state; every step is made in both and has to have the same outcome.</summary>
internal sealed class ModelPair : IDisposable
{
    public const ulong RegionBytes = 0x20_0000;
    public const ulong PageBytes = 0x1000;

    private readonly ReferenceProcessor _plainProcessor;
    private readonly ReferenceChoices _plainChoices;

    public ModelPair(ulong regions, ProcessorModel processor, ModelChoices choices)
    {
        Regions = regions;
        Geometry = ContiguousGeometry.Covering(PhysicalAddress.Create(0x10_0000), regions * RegionBytes);
        Table = new ReverseMapTable<ContiguousGeometry>(Geometry, processor, choices);
        _plainProcessor = Plain(processor);
        _plainChoices = Plain(choices);
        Reference = MakeReference();
    }

    public ulong Regions { get; }

    public ContiguousGeometry Geometry { get; }

    public ReverseMapTable<ContiguousGeometry> Table { get; }

    public ReferenceRmp Reference { get; }

    public void Dispose() => Table.Dispose();

    /// <summary>An empty reference with the same settings.</summary>
    public ReferenceRmp MakeReference() => new(_plainProcessor, _plainChoices, Geometry.Base.Value, Geometry.End.Value);

    public RmpResult Update(ulong page, RmpUpdateOperand operand) => Update(ExecutionState.Host, page, operand);

    public RmpResult Update(ExecutionState state, ulong page, RmpUpdateOperand operand)
    {
        RmpResult result = Table.RmpUpdate(state, PhysicalAddress.Create(page), operand);
        ReferenceResult expected = Reference.Update(Plain(state), page, Plain(operand));
        RequireSame(expected, result);
        return result;
    }

    public RmpResult Smash(ulong page) => Smash(ExecutionState.Host, page);

    public RmpResult Smash(ExecutionState state, ulong page)
    {
        RmpResult result = Table.PSmash(state, PhysicalAddress.Create(page));
        RequireSame(Reference.PSmash(Plain(state), page), result);
        return result;
    }

    /// <summary>Writes an entry raw, as firmware and the guest's instructions do.</summary>
    public void Poke(ulong page, ulong low, ulong high)
    {
        Assert.True(Table.TryWriteRaw(PhysicalAddress.Create(page), new RmpEntry(low, high)));
        Reference.Poke(page, low, high);
    }

    /// <summary>The raw entry of the table under test.</summary>
    public RmpEntry Raw(ulong page)
    {
        Assert.True(Table.TryReadRaw(PhysicalAddress.Create(page), out RmpEntry entry));
        return entry;
    }

    /// <summary>One host access of every kind, in both models.</summary>
    public void CompareAccess(ulong address, PageSize mapping, bool user)
    {
        ReferencePageSize size = (ReferencePageSize)(int)mapping;
        PhysicalAddress target = PhysicalAddress.Create(address);
        for (int kind = 0; kind < 3; kind++)
        {
            ulong code = RmpCheck.Host(Table, (AccessKind)kind, target, mapping, user).Value;
            ulong expected = Reference.HostAccess((ReferenceAccessKind)kind, address, size, user) ?? 0;
            if (code != expected) Assert.Fail($"{(AccessKind)kind} of 0x{address:x} through {mapping}: 0x{code:x}, expected 0x{expected:x}");
        }

        if (Table.IsHypervisorOwned(target, mapping) != Reference.HostMayWrite(address, size)) Assert.Fail($"Hypervisor-Owned of 0x{address:x} through {mapping} differs");
    }

    /// <summary>The 16 bytes of one entry in both models.</summary>
    public void CompareEntry(ulong page)
    {
        RmpEntry entry = Raw(page);
        ReferenceEntry expected = Reference.Read(page);
        if (entry.Low != expected.ToLow() || entry.High != expected.ToHigh())
        {
            Assert.Fail($"entry of 0x{page:x}: 0x{entry.Low:x16} 0x{entry.High:x}, expected 0x{expected.ToLow():x16} 0x{expected.ToHigh():x}");
        }
    }

    public void CompareRegion(ulong region)
    {
        for (ulong page = 0; page < 512; page++)
        {
            CompareEntry((region * RegionBytes) + (page * PageBytes));
        }
    }

    /// <summary>Every entry and every counter.</summary>
    public void CompareAll()
    {
        for (ulong region = 0; region < Regions; region++)
        {
            CompareRegion(region);
        }

        for (uint asid = 0; asid < 2048; asid++)
        {
            if (Table.AssignedPages(asid) != (ulong)Reference.Counter(asid)) Assert.Fail($"counter of ASID {asid}: {Table.AssignedPages(asid)}, expected {Reference.Counter(asid)}");
        }
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

    public static ReferenceExecution Plain(ExecutionState state) => new()
    {
        LongMode64 = state.Is64BitMode,
        Cpl = state.Cpl,
        CurrentAsid = state.Asid,
        Vmpl = state.Vmpl,
        IsSnpGuest = state.IsSnpGuest,
        SnpEnabled = state.SnpEnabled,
    };

    public static ReferenceProcessor Plain(ProcessorModel processor) => new()
    {
        GpaMask = processor.GpaMask,
        MaxAsid = processor.MaxAsid,
        FullVmpl0Mask = (byte)processor.FullVmpl0Permissions,
        PhysicalWidth = processor.PhysicalAddressWidth,
        HasLa57 = processor.HasLa57,
        HasRmpRead = processor.HasRmpRead,
        HasRmpOpt = processor.HasRmpOpt,
        HasSegmentedRmp = processor.HasSegmentedRmp,
        HvInUseWriteAllowed = processor.HasHvInUseWrAllowed,
        HasInUseErratum = processor.HasInUse2MErratum,
    };

    public static ReferenceChoices Plain(ModelChoices choices) => new()
    {
        LockBeforeImmutable = choices.LockBeforeImmutable,
        ContentionCode = choices.Contention == ContentionCode.FailOverlap ? ReferenceCode.FailOverlap : ReferenceCode.FailInUse,
        ImmutableSubPageCode = choices.FixedSubpageIsOverlap ? ReferenceCode.FailOverlap : ReferenceCode.FailPermission,
        RefuseMisalignedAddress = !choices.IgnoreLowAddressBits,
        RefuseReservedInput = !choices.IgnoreReservedOperandBits,
        RefuseReservedAdjustInput = !choices.IgnoreReservedOperandBits,
        LockFollowsImmutable = choices.LockFollowsImmutable,
        CountAsidZero = choices.CountAsidZero,
        SmashImmutableCode = choices.SmashOfImmutableIsPermission ? ReferenceCode.FailPermission : ReferenceCode.FailBadAddress,
        ImmutableLargePageCode = choices.ImmutableLargePageIsOverlap ? ReferenceCode.FailOverlap : ReferenceCode.FailPermission,
        CompareGpaMasked = !choices.CompareUnmaskedGpa,
        CountLargePageAsOne = choices.CountLargePageAsOne,
        ValidateAboveVmpl0IsPermission = choices.PValidateAboveVmpl0IsPermission,
        NestedSizeFirst = choices.NestedSizeFirst,
        ValidatedBeforeSize = choices.ValidatedBeforeSize,
        QueryRefusesOwnVmpl = choices.RmpQueryRefusesOwnVmpl,
        RmpOptNeedsSegments = !choices.RmpOptOnContiguous,
        RmpOptClearedByAssigningOnly = choices.RmpOptKeptOnRelease,
    };

    private static void RequireSame(ReferenceResult expected, RmpResult result)
    {
        if ((int)result.Fault != (int)expected.Fault || (int)result.Status != (int)expected.Code) Assert.Fail($"{result}, expected {expected}");
    }
}
