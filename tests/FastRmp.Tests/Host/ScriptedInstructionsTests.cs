using System;
using FastRmp.DirectMap;
using Xunit;

namespace FastRmp.Tests.Host;

public sealed class ScriptedInstructionsTests
{
    private static readonly PhysicalAddress Page = PhysicalAddress.Create(0x40_5000);
    private static readonly RmpUpdateOperand GuestPage = new() { Assigned = true, Asid = 5 };

    [Fact]
    public void The_next_two_updates_of_a_page_meet_contention_and_the_third_takes_effect()
    {
        using ReverseMapTable<RmpGeometry> table = ReverseMapTable.Covering(1UL << 30, ProcessorModel.Genoa);
        ScriptedInstructions script = new(table);
        script.NextRmpUpdate(Page + 0x10, RmpResult.Contended(RmpStatus.FailInUse), times: 2);
        Assert.True(script.RmpUpdate(PhysicalAddress.Create(0x1000), GuestPage).IsSuccess);
        Assert.Equal(RmpResult.Success, script.RmpUpdate(ExecutionState.Host, Page, GuestPage, RetryRule.Rfc, 10, out long retries));
        Assert.Equal(2, retries);
        Assert.Equal(4, script.RmpUpdates);
        Assert.Equal(0, script.Pending);
        Assert.True(table.Lookup(Page).IsAssigned);
    }

    [Fact]
    public void A_host_answers_what_its_instructions_say()
    {
        PhysicalRange ram = new(default, 1UL << 30);
        using ReverseMapTable<RmpGeometry> table = ReverseMapTable.Covering(1UL << 30, ProcessorModel.Genoa);
        using HostDirectMap map = new([ram], new DirectMapOptions { TableBase = PhysicalAddress.Create(8UL << 30) });
        ScriptedInstructions script = new(table);
        SnpHost<RmpGeometry, OnDemand> host = new(table, map, RetryRule.Mainline, maxRetries: 3, script);
        host.EnableSnp();

        script.NextRmpUpdate(Page, RmpResult.Contended(RmpStatus.FailOverlap), times: 5);
        HostUpdate update = host.RmpUpdate(Page, GuestPage);
        Assert.Equal(HostUpdateStatus.UpdateFailed, update.Status);
        Assert.Equal(3, update.Retries);
        Assert.Equal(1, script.Pending);
        Assert.True(host.RmpUpdate(Page, GuestPage).IsDone);

        script.NextRmpUpdate(Page, RmpResult.Fail(RmpStatus.FailPermission));
        Assert.Equal(RmpStatus.FailPermission, host.RmpUpdate(Page, default).Instruction?.Status);
        script.NextPSmash(Page, RmpResult.Contended(RmpStatus.FailInUse));
        Assert.True(host.PSmash(Page.AlignDown(PageSize.Size2M)).IsContention);
        Assert.Equal(RmpStatus.FailBadAddress, host.PSmash(Page.AlignDown(PageSize.Size2M)).Status);
        Assert.Equal(2, script.PSmashes);
    }

    [Fact]
    public void Misuse_is_refused()
    {
        Assert.Throws<ArgumentNullException>("behind", static () => new ScriptedInstructions(null!));
        using ReverseMapTable<RmpGeometry> table = ReverseMapTable.Covering(1UL << 30, ProcessorModel.Genoa);
        ScriptedInstructions script = new(table);
        Assert.Throws<ArgumentOutOfRangeException>("times", () => script.NextRmpUpdate(Page, RmpResult.Success, times: 0));
    }
}
