using System;
using FastRmp.Access;
using FastRmp.Addressing;
using FastRmp.Layouts;
using FastRmp.Model;
using FastRmp.Paging;
using FastRmp.Rmp;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>Nothing on a hot path allocates, whatever its outcome.</summary>
public sealed class AllocationTests : IDisposable
{
    private const ulong R = 0x20_0000;
    private const ulong S = R + 0x5000;
    private const ulong Fixed = 0x40_0000;
    private const ulong Locked = 0x60_0000;
    private const int Runs = 100;

    private static readonly ExecutionState Host = ExecutionState.Host;

    private readonly ReverseMapTable<ContiguousGeometry> _table = new(
        ContiguousGeometry.Covering(PhysicalAddress.Create(0x10_0000), 0x80_0000), ProcessorModel.Genoa);

    public AllocationTests()
    {
        Assert.True(_table.TryWriteRaw(Page(Fixed + 0x1000), new RmpEntry(0x4, 0)));
        Assert.True(_table.TryWriteRaw(Page(Locked + 0x1000), new RmpEntry(0x8000_0000_0000_0000, 0)));
    }

    public void Dispose() => _table.Dispose();

    [Fact]
    public void RMPUPDATE_of_4_KiB() => RequireNothing(() =>
        Ok(Update(S, Operands.Assign(0x1000, 5)))
        + Ok(Update(S, Operands.Assign(0x2000, 6)))
        + Ok(Update(S, Operands.Release()))
        + Ok(Update(R, Operands.Assign(0x1000, 5)))
        + Ok(Update(R, Operands.Release())));

    [Fact]
    public void RMPUPDATE_of_2_MiB_and_PSMASH()
    {
        RequireNothing(() =>
        {
            int sum = Ok(Update(R, Operands.Assign(0x4000_0000, 5, PageSize.Size2M)))
                + Ok(Update(R, Operands.Assign(0x4000_0000, 6, PageSize.Size2M)))
                + Ok(_table.PSmash(Host, Page(R)));
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
        RequireNothing(() =>
            Is(RmpStatus.FailInput, Update(S + 1, Operands.Release()))
            + Is(RmpStatus.FailInput, Update(0x80_0000, Operands.Release()))
            + Is(RmpStatus.FailInput, Update(S, Operands.Assign(0, 0x3FF)))
            + Is(RmpStatus.FailOverlap, Update(R, Operands.Assign(0, 5, PageSize.Size2M)))
            + Is(RmpStatus.FailPermission, Update(Fixed + 0x1000, Operands.Release()))
            + Is(RmpStatus.FailPermission, Update(Fixed, Operands.Assign(0, 5, PageSize.Size2M)))
            + Is(RmpStatus.FailInUse, Update(Locked + 0x1000, Operands.Release()))
            + Is(RmpStatus.FailInUse, Update(Locked, Operands.Assign(0, 5, PageSize.Size2M)))
            + Is(RmpStatus.FailBadAddress, _table.PSmash(Host, Page(R)))
            + Is(RmpStatus.FailInput, _table.PSmash(Host, Page(S)))
            + (_table.RmpUpdate(Host with { Cpl = 3 }, Page(S), default).Fault == RmpFault.GeneralProtection ? 1 : 0)
            + (_table.PSmash(Host with { SnpEnabled = false }, Page(R)).Fault == RmpFault.InvalidOpcode ? 1 : 0));
    }

    [Fact]
    public void The_retry_helper() => RequireNothing(() =>
    {
        RmpResult bounded = RmpUpdateRetry.Execute(_table, Host, Page(Locked + 0x1000), Operands.Release(), RmpUpdateRetry.Rfc, 3, out long retries);
        RmpResult unbounded = RmpUpdateRetry.Execute(_table, Host, Page(S), Operands.Release(), RmpUpdateRetry.Mainline, out _);
        return Is(RmpStatus.FailInUse, bounded) + Ok(unbounded) + (int)retries;
    });

    [Fact]
    public void Reads_of_entries() => RequireNothing(() =>
    {
        RmpLookup settled = _table.Lookup(Page(S));
        RmpLookup unsettled = _table.Lookup(Page(Locked + 0x1000));
        bool covered = _table.TryReadRaw(Page(S), out RmpEntry entry) && _table.TryWriteRaw(Page(S), entry) && _table.IsCovered(Page(S));
        return (settled.IsSettled && !unsettled.IsSettled && covered ? 1 : 0) + (int)_table.AssignedPages(5) + 1;
    });

    [Fact]
    public void Checks()
    {
        Assert.True(Update(S, Operands.Assign(0x1000, 5)).IsSuccess);
        RequireNothing(() =>
        {
            PageFaultErrorCode fault = RmpCheck.Host(_table, AccessKind.Write, Page(R), PageSize.Size2M);
            PageFaultErrorCode none = RmpCheck.Host(_table, AccessKind.Read, Page(R), PageSize.Size1G, isUser: true);
            bool owned = _table.IsHypervisorOwned(Page(R), PageSize.Size4K) && !_table.IsHypervisorOwned(Page(R), PageSize.Size1G);
            return (fault.Value == 0x8000_0003 && none.Value == 0 && owned ? 1 : 0) + (new HostRmpCheck<ContiguousGeometry>(_table).MayUseEntry(Page(R), true) ? 1 : 0);
        });
    }

    [Fact]
    public void Scans()
    {
        Assert.True(Update(S, Operands.Assign(0x1000, 5)).IsSuccess);
        RequireNothing(() =>
        {
            ReadOnlySpan<RmpEntry> region = _table.Region(Page(R));
            return (AssignedScan.Any(region) ? 1 : 0) + AssignedScan.Count(region) + AssignedScan.IndexOfFirst(region);
        });
    }

    private static void RequireNothing(Func<int> action)
    {
        int sum = action();
        Assert.True(sum > 0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Runs; i++)
        {
            sum -= action();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(sum < 0);
    }

    private static PhysicalAddress Page(ulong address) => PhysicalAddress.Create(address);

    private RmpResult Update(ulong page, in RmpUpdateOperand operand) => _table.RmpUpdate(Host, Page(page), operand);

    private static int Ok(RmpResult result) => Is(RmpStatus.Success, result);

    private static int Is(RmpStatus status, RmpResult result)
    {
        if (result.Status != status || result.Fault != RmpFault.None) Assert.Fail($"{result}, expected {status}");
        return 1;
    }
}
