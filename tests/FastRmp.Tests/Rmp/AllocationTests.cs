using System;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>Nothing on a hot path allocates, whatever its outcome.</summary>
public sealed class AllocationTests : IDisposable
{
    private const ulong R = 0x20_0000;
    private const ulong S = R + 0x5000;
    private const ulong Fixed = 0x40_0000;
    private const ulong Locked = 0x60_0000;

    private static readonly ExecutionState Host = ExecutionState.Host;

    private readonly ReverseMapTable<ContiguousGeometry> _table = new(
        ContiguousGeometry.Covering(PhysicalAddress.Create(0x10_0000), 0x80_0000), ProcessorModel.Genoa);

    public AllocationTests()
    {
        Assert.True(_table.TryWriteRaw(At(Fixed + 0x1000), new RmpEntry(0x4, 0)));
        Assert.True(_table.TryWriteRaw(At(Locked + 0x1000), new RmpEntry(0x8000_0000_0000_0000, 0)));
    }

    public void Dispose() => _table.Dispose();

    [Fact]
    public void RMPUPDATE_of_4_KiB() => Allocations.RequireNoneOf(() =>
        Ok(Update(S, Operands.Assign(0x1000, 5)))
        + Ok(Update(S, Operands.Assign(0x2000, 6)))
        + Ok(Update(S, Operands.Release()))
        + Ok(Update(R, Operands.Assign(0x1000, 5)))
        + Ok(Update(R, Operands.Release())));

    [Fact]
    public void RMPUPDATE_of_2_MiB_and_PSMASH()
    {
        Allocations.RequireNoneOf(() =>
        {
            int sum = Ok(Update(R, Operands.Assign(0x4000_0000, 5, PageSize.Size2M)))
                + Ok(Update(R, Operands.Assign(0x4000_0000, 6, PageSize.Size2M)))
                + Ok(_table.PSmash(Host, At(R)));
            for (ulong page = R; page < R + ModelPair.RegionBytes; page += 0x1000)
            {
                sum += Ok(Update(page, Operands.Release()));
            }

            return sum;
        });
    }

    [Fact]
    public void RMPUPDATE_and_PSMASH_that_fail()
    {
        Assert.True(Update(S, Operands.Assign(0x1000, 5)).IsSuccess);
        Allocations.RequireNoneOf(() =>
            Is(RmpStatus.FailInput, Update(S + 1, Operands.Release()))
            + Is(RmpStatus.FailInput, Update(0x80_0000, Operands.Release()))
            + Is(RmpStatus.FailInput, Update(S, Operands.Assign(0, 0x3FF)))
            + Is(RmpStatus.FailOverlap, Update(R, Operands.Assign(0, 5, PageSize.Size2M)))
            + Is(RmpStatus.FailPermission, Update(Fixed + 0x1000, Operands.Release()))
            + Is(RmpStatus.FailPermission, Update(Fixed, Operands.Assign(0, 5, PageSize.Size2M)))
            + Is(RmpStatus.FailInUse, Update(Locked + 0x1000, Operands.Release()))
            + Is(RmpStatus.FailOverlap, Update(Locked, Operands.Assign(0, 5, PageSize.Size2M)))
            + Is(RmpStatus.FailBadAddress, _table.PSmash(Host, At(R)))
            + Is(RmpStatus.FailInput, _table.PSmash(Host, At(S)))
            + (_table.RmpUpdate(Host with { Cpl = 3 }, At(S), default).Fault == RmpFault.GeneralProtection ? 1 : 0)
            + (_table.PSmash(Host with { SnpEnabled = false }, At(R)).Fault == RmpFault.InvalidOpcode ? 1 : 0));
    }

    [Fact]
    public void The_retry_helper() => Allocations.RequireNoneOf(() =>
    {
        RmpResult bounded = _table.RmpUpdate(Host, At(Locked + 0x1000), Operands.Release(), RetryRule.Rfc, 3, out long retries);
        RmpResult unbounded = _table.RmpUpdate(Host, At(S), Operands.Release(), RetryRule.Mainline, long.MaxValue, out _);
        return Is(RmpStatus.FailInUse, bounded) + Ok(unbounded) + (int)retries;
    });

    [Fact]
    public void Reads_of_entries() => Allocations.RequireNoneOf(() =>
    {
        RmpLookup settled = _table.Lookup(At(S));
        RmpLookup unsettled = _table.Lookup(At(Locked + 0x1000));
        bool covered = _table.TryReadRaw(At(S), out RmpEntry entry) && _table.TryWriteRaw(At(S), entry) && _table.IsCovered(At(S));
        return (settled.IsSettled && !unsettled.IsSettled && covered ? 1 : 0) + (int)_table.AssignedPages(5) + 1;
    });

    [Fact]
    public void Checks()
    {
        Assert.True(Update(S, Operands.Assign(0x1000, 5)).IsSuccess);
        Allocations.RequireNoneOf(() =>
        {
            PageFaultErrorCode fault = RmpCheck.Host(_table, AccessKind.Write, At(R), PageSize.Size2M);
            PageFaultErrorCode none = RmpCheck.Host(_table, AccessKind.Read, At(R), PageSize.Size1G, isUser: true);
            bool owned = _table.IsHypervisorOwned(At(R), PageSize.Size4K) && !_table.IsHypervisorOwned(At(R), PageSize.Size1G);
            return (fault.Value == 0x8000_0003 && none.Value == 0 && owned ? 1 : 0)
                + (new HostRmpCheck<ContiguousGeometry>(_table).MayUseEntry(At(R), true) ? 1 : 0);
        });
    }

    [Fact]
    public void Scans()
    {
        Assert.True(Update(S, Operands.Assign(0x1000, 5)).IsSuccess);
        Allocations.RequireNoneOf(() =>
        {
            ReadOnlySpan<RmpEntry> region = _table.Region(At(R));
            return (AssignedScan.Any(region) ? 1 : 0) + AssignedScan.Count(region) + AssignedScan.IndexOfFirst(region);
        });
    }

    [Fact]
    public void The_guests_instructions_and_accesses()
    {
        Assert.True(Update(S, Operands.Assign(0x1000, 5)).IsSuccess);
        ExecutionState guest = ExecutionState.Guest(5);
        NestedPage page = new(GuestPhysicalAddress.Create(0x1000), At(S), PageSize.Size4K);
        NestedPage wrong = page with { Gpa = GuestPhysicalAddress.Create(0x2000) };
        Allocations.RequireNoneOf(() =>
            (_table.PValidate(guest, page, PageSize.Size4K, validate: true).IsSuccess ? 1 : 0)
            + (_table.PValidate(guest, wrong, PageSize.Size4K, validate: true).Fault == RmpFault.NestedPageFault ? 1 : 0)
            + (_table.PValidate(guest, page, PageSize.Size2M, validate: true).Status == RmpStatus.FailInput ? 1 : 0)
            + (_table.PValidate(guest with { Cpl = 3 }, page, PageSize.Size4K, validate: true).Fault == RmpFault.GeneralProtection ? 1 : 0)
            + (_table.RmpAdjust(guest, page, PageSize.Size4K, new RmpAdjustOperand(0x1_0101)).IsSuccess ? 1 : 0)
            + (_table.RmpAdjust(guest, wrong, PageSize.Size4K, new RmpAdjustOperand(0x1_0101)).Fault == RmpFault.NestedPageFault ? 1 : 0)
            + (_table.RmpQuery(guest, page, 1, out RmpQueryOutput output).IsSuccess && output.IsVmsa ? 1 : 0)
            + (_table.RmpQuery(guest with { Asid = 0 }, page, 1, out _).Fault == RmpFault.InvalidOpcode ? 1 : 0)
            + (_table.PValidate(guest, page, PageSize.Size4K, validate: false).IsSuccess ? 1 : 0)
            + (_table.RmpAdjust(guest, page, PageSize.Size4K, new RmpAdjustOperand(0x1_0101)).Fault == RmpFault.PageNotValidated ? 1 : 0)
            + Access(page, GuestAccessKind.Read) + Access(wrong, GuestAccessKind.Fetch)
            + Access(page with { NestedSize = PageSize.Size2M }, GuestAccessKind.PageTable));
    }

    [Fact]
    public void RMPREAD_and_RMPOPT()
    {
        SegmentedGeometry geometry = new(At(0x10_0000), 36, [new RmpSegment(0, 1, 0x1000_0000)], ProcessorModel.Venice);
        using ReverseMapTable<SegmentedGeometry> table = new(geometry, ProcessorModel.Venice);
        RmpOptCore core = RmpOptCore.EnabledAt(default);
        Allocations.RequireNoneOf(() =>
            Ok(table.RmpUpdate(Host, At(S), Operands.Assign(0x1000, 5)))
            + Ok(table.RmpRead(Host, At(S), out _))
            + Is(RmpStatus.FailInput, table.RmpRead(Host, At(S + 1), out _))
            + (table.RmpOpt(Host, core, At(0), RmpOptFunction.VerifyAndReport).CarryFlag ? 0 : 1)
            + Ok(table.RmpUpdate(Host, At(S), Operands.Release()))
            + (table.RmpOpt(Host, core, At(0), RmpOptFunction.VerifyAndReport).CarryFlag ? 1 : 0)
            + (table.RmpOpt(Host, core, At(0), RmpOptFunction.Report).CarryFlag ? 1 : 0)
            + (table.RmpOpt(ExecutionState.Guest(1), core, At(0), RmpOptFunction.Report).Fault == RmpFault.InvalidOpcode ? 1 : 0));
    }

    [Fact]
    public void Marks_of_pages_in_use_after_the_first_in_a_region()
    {
        _table.MarkInUse(At(S));
        Allocations.RequireNoneOf(() =>
        {
            _table.MarkInUse(At(S + 0x1000));
            int sum = Is(RmpStatus.FailInUse, Update(S + 0x1000, Operands.Assign(0, 5)))
                + (_table.IsHostWritable(At(S + 0x1000), PageSize.Size4K) ? 0 : 1);
            return sum + (_table.TryUnmarkInUse(At(S + 0x1000)) && !_table.TryUnmarkInUse(At(S + 0x1000)) && _table.IsInUse(At(S)) ? 1 : 0);
        });
    }

    [Fact]
    public void Checks_of_the_other_actors()
    {
        _table.MarkInUse(At(S));
        Allocations.RequireNoneOf(() =>
        {
            bool enters = RmpCheck.EnterVm(_table, VmRunPage.Vmcb, At(S), 0, default) == VmRunResult.Ok && _table.TryUnmarkInUse(At(S));
            bool isNoVmsa = RmpCheck.VmRun(_table, VmRunPage.SnpVmsa, At(S), 5, default) == VmRunResult.Invalid;
            bool others = RmpCheck.Device(_table, AccessKind.Write, At(R), PageSize.Size2M) && !RmpCheck.IommuLog(_table, At(S))
                && !RmpCheck.FirmwareBuffer(_table, At(S));
            return (enters && isNoVmsa && others ? 1 : 0) + (_table.StateOf(At(S)) == PageState.Hypervisor ? 1 : 0);
        });
    }

    private int Access(in NestedPage page, GuestAccessKind kind) =>
        RmpCheck.Guest(_table, new GuestAccess(5, 0, 0, kind, IsPrivate: true), page).IsSuccess ? 0 : 1;

    private RmpResult Update(ulong page, in RmpUpdateOperand operand) => _table.RmpUpdate(Host, At(page), operand);

    private static int Ok(RmpResult result) => Is(RmpStatus.Success, result);

    private static int Is(RmpStatus status, RmpResult result)
    {
        if (result.Status != status || result.Fault != RmpFault.None) Assert.Fail($"{result}, expected {status}");
        return 1;
    }
}
