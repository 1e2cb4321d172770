using System;
using System.Threading;
using Xunit;

namespace FastRmp.Tests.Rmp;

public sealed class HostInstructionsTests
{
    private const ulong Lock = 0x8000_0000_0000_0000;

    private static readonly PhysicalAddress R = PhysicalAddress.Create(0);
    private static readonly PhysicalAddress S = PhysicalAddress.Create(0x5000);

    [Fact]
    public void The_presets_are_those_of_the_patch_and_of_mainline()
    {
        Assert.Equal(RetryRule.InUse, RetryRule.Rfc);
        Assert.Equal(RetryRule.Overlap, RetryRule.Mainline);
        Assert.Equal(RetryRule.InUse | RetryRule.Overlap, RetryRule.Any);
    }

    [Theory]
    [InlineData(ContentionCode.ByPlace, RetryRule.Any, true)]
    [InlineData(ContentionCode.ByPlace, RetryRule.Mainline, false)]
    [InlineData(ContentionCode.FailInUse, RetryRule.InUse, true)]
    [InlineData(ContentionCode.FailInUse, RetryRule.Overlap, false)]
    [InlineData(ContentionCode.FailInUse, RetryRule.InUse | RetryRule.Overlap, true)]
    [InlineData(ContentionCode.FailInUse, RetryRule.None, false)]
    [InlineData(ContentionCode.FailOverlap, RetryRule.InUse, false)]
    [InlineData(ContentionCode.FailOverlap, RetryRule.Overlap, true)]
    [InlineData(ContentionCode.FailOverlap, RetryRule.InUse | RetryRule.Overlap, true)]
    [InlineData(ContentionCode.FailOverlap, RetryRule.None, false)]
    public void Only_the_codes_of_the_rule_are_retried(ContentionCode code, RetryRule rule, bool retried)
    {
        using ReverseMapTable<ContiguousGeometry> table = Make(code);
        Assert.True(table.TryWriteRaw(S, new RmpEntry(Lock, 0)));
        RmpResult result = table.RmpUpdate(ExecutionState.Host, S, Operands.Assign(0, 5), rule, 7, out long retries);
        Assert.True(result.IsContention);
        Assert.Equal(retried ? 7 : 0, retries);
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(-1L)]
    [InlineData(long.MinValue)]
    public void A_bound_of_nothing_tries_once(long bound)
    {
        using ReverseMapTable<ContiguousGeometry> table = Make(ContentionCode.FailInUse);
        Assert.True(table.TryWriteRaw(S, new RmpEntry(Lock, 0)));
        Assert.True(table.RmpUpdate(ExecutionState.Host, S, Operands.Assign(0, 5), RetryRule.InUse, bound, out long retries).IsContention);
        Assert.Equal(0, retries);
    }

    [Theory]
    [InlineData(ContentionCode.FailInUse)]
    [InlineData(ContentionCode.FailOverlap)]
    public void A_persistent_overlap_is_returned_and_never_looped_on(ContentionCode code)
    {
        using ReverseMapTable<ContiguousGeometry> table = Make(code);
        Assert.True(table.RmpUpdate(ExecutionState.Host, S, Operands.Assign(0, 5)).IsSuccess);
        RmpUpdateOperand large = Operands.Assign(0, 5, PageSize.Size2M);
        foreach (RetryRule rule in new[] { RetryRule.Rfc, RetryRule.Mainline, RetryRule.InUse | RetryRule.Overlap })
        {
            // The unbounded form: it would hang where the code alone decided.
            Assert.Equal(
                RmpResult.Fail(RmpStatus.FailOverlap),
                table.RmpUpdate(ExecutionState.Host, R, large, rule, long.MaxValue, out long retries));
            Assert.Equal(0, retries);
        }
    }

    [Fact]
    public void Other_results_are_returned_at_once()
    {
        using ReverseMapTable<ContiguousGeometry> table = Make(ContentionCode.FailInUse);
        const RetryRule All = RetryRule.InUse | RetryRule.Overlap;
        Assert.True(
            table.RmpUpdate(
                ExecutionState.Host, S, Operands.Assign(0, 5, immutable: true), All, long.MaxValue, out long retries).IsSuccess);
        Assert.Equal(0, retries);
        Assert.Equal(
            RmpStatus.FailPermission, table.RmpUpdate(ExecutionState.Host, S, Operands.Release(), All, long.MaxValue, out retries).Status);
        Assert.Equal(0, retries);
        ExecutionState off = ExecutionState.Host with { SnpEnabled = false };
        Assert.Equal(RmpFault.InvalidOpcode, table.RmpUpdate(off, S, Operands.Release(), All, long.MaxValue, out retries).Fault);
        Assert.Equal(0, retries);
        Assert.Throws<ArgumentNullException>(
            "instructions", () => HostInstructions.RmpUpdate<IHostInstructions>(null!, off, S, default, All, 1, out _));
    }

    [Theory]
    [InlineData(ContentionCode.FailInUse, RetryRule.Rfc)]
    [InlineData(ContentionCode.FailOverlap, RetryRule.Mainline)]
    public void The_unbounded_form_outlasts_the_holder(ContentionCode code, RetryRule rule)
    {
        using ReverseMapTable<ContiguousGeometry> table = Make(code);
        Assert.True(table.TryWriteRaw(S, new RmpEntry(Lock, 0)));
        using Barrier start = new(2);
        RmpResult result = default;
        long retries = 0;
        Thread other = new(() =>
        {
            start.SignalAndWait();
            result = table.RmpUpdate(ExecutionState.Host, S, Operands.Assign(0x1000, 5), rule, long.MaxValue, out retries);
        });
        other.Start();
        start.SignalAndWait();
        Assert.True(table.TryWriteRaw(S, default)); // the holder gets on
        other.Join();
        Assert.True(result.IsSuccess);
        Assert.True(retries >= 0);
        Assert.True(table.TryReadRaw(S, out RmpEntry entry));
        Assert.Equal(new RmpEntry(0x0028_0000_0000_1001, 0x1F), entry);
    }

    private static ReverseMapTable<ContiguousGeometry> Make(ContentionCode code) => new(
        ContiguousGeometry.Covering(PhysicalAddress.Create(0x10_0000), 0x20_0000), ProcessorModel.Genoa,
        ModelChoices.Default with { Contention = code });
}
