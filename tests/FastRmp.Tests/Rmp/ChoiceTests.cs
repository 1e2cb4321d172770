using System;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>Choices that no random operation on a table depends on, each both ways.</summary>
public sealed class ChoiceTests
{
    private const ulong R = 0x20_0000;
    private const ulong Reserved = 1UL << 52;

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public void The_count_of_a_base_page_that_is_released_is_kept_or_cleared(bool cleared, int count)
    {
        using ModelPair pair = new(2, ProcessorModel.Genoa, ModelChoices.Default with { CountClearedOnRelease = cleared });
        Assert.True(pair.Update(R, Operands.Assign(0, 5)).IsSuccess);
        Assert.True(pair.Update(R + 0x1000, Operands.Assign(0x1000, 5)).IsSuccess);
        Assert.True(pair.Update(R, Operands.Release()).IsSuccess);
        Assert.Equal(count, pair.Raw(R).SubpageCount);
        Assert.Equal(cleared, pair.Table.IsHypervisorOwned(PhysicalAddress.Create(R), PageSize.Size2M));
        pair.CompareRegion(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whether_RMPUPDATE_invalidates_TLBs_is_reported(bool leaves)
    {
        using ModelPair pair = new(2, ProcessorModel.Genoa, ModelChoices.Default with { RmpUpdateLeavesTlb = leaves });
        Assert.Equal(!leaves, pair.Table.InvalidatesTlb(pair.Update(R, Operands.Assign(0, 5))));
        Assert.False(pair.Table.InvalidatesTlb(pair.Update(R + 1, Operands.Assign(0, 5))));
    }

    [Fact]
    public void Flags_are_those_of_EAX_or_stay()
    {
        ModelChoices leave = ModelChoices.Default with { InstructionsLeaveFlags = true };
        RFlags before = new(0x8D5 | 0x202);
        Assert.Equal(0x247UL, RmpResult.Success.FlagsAfter(before, ModelChoices.Default).Value); // ZF, PF, and CF as it was
        Assert.Equal(0x203UL, RmpResult.Fail(RmpStatus.FailInput).FlagsAfter(before, ModelChoices.Default).Value);
        Assert.Equal(0x207UL, RmpResult.Fail(RmpStatus.FailInUse).FlagsAfter(before, ModelChoices.Default).Value);
        Assert.Equal(before, RmpResult.Fail(RmpStatus.FailInUse).FlagsAfter(before, leave));
        Assert.Equal(before, RmpResult.InvalidOpcode.FlagsAfter(before, ModelChoices.Default));
        Assert.False(GuestResult.Success.FlagsAfter(before, isPValidate: true, ModelChoices.Default).Carry);
        Assert.True(GuestResult.Success.FlagsAfter(before, isPValidate: false, ModelChoices.Default).Carry);
        Assert.True(GuestResult.Completed(carry: true).FlagsAfter(default, isPValidate: true, leave).Carry);
        Assert.Equal(before, GuestResult.NotValidated.FlagsAfter(before, isPValidate: true, ModelChoices.Default));
        Assert.Equal(0x8D5UL & ~1UL | 0x202, new RmpOptResult(RmpFault.None, carryFlag: false).FlagsAfter(before).Value);
        Assert.Equal(before, new RmpOptResult(RmpFault.InvalidOpcode, carryFlag: false).FlagsAfter(before));
    }

    [Theory]
    [InlineData(false, false, "page fault")]
    [InlineData(false, true, "#GP(0)")]
    [InlineData(true, false, null)]
    public void Reserved_bits_of_the_segment_table_fault_or_are_ignored(bool ignored, bool hard, string? fault)
    {
        ProcessorModel turin = ProcessorModel.Turin with { HasHardSegmentLimit = hard };
        RmpRegisters registers = new(0x10_0000, 0, 0x2401);
        ulong[] table = [Reserved | 0x1000_0004];
        bool isMade = registers.TryGetSegmented(
            table, turin, ModelChoices.Default with { IgnoreReservedSegmentBits = ignored }, out SegmentedGeometry geometry,
            out string? refusal);
        Assert.Equal(fault is null, isMade);
        if (fault is null) Assert.Equal(0x10_0000UL, geometry.CoveredPages);
        else Assert.Contains(fault, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void RMPOPT_BASE_can_be_written_once_SNP_is_on_and_not_be_disabled()
    {
        RmpOptCore core = new();
        ExecutionState off = ExecutionState.Host with { SnpEnabled = false };
        ulong enabled = new RmpOptBase { Enabled = true, Base = PhysicalAddress.Create(0x4000_0000) }.Value;
        ModelChoices free = ModelChoices.Default with { RmpOptBaseIsFree = true };
        Assert.Equal(RmpFault.GeneralProtection, core.WriteBase(off, enabled, ProcessorModel.Venice, ModelChoices.Default));
        Assert.Equal(RmpFault.GeneralProtection, core.WriteBase(ExecutionState.Host, enabled, ProcessorModel.Turin, ModelChoices.Default));
        Assert.Equal(
            RmpFault.GeneralProtection, core.WriteBase(ExecutionState.Host, enabled | 2, ProcessorModel.Venice, ModelChoices.Default));
        Assert.Equal(RmpFault.None, core.WriteBase(ExecutionState.Host, enabled, ProcessorModel.Venice, ModelChoices.Default));
        Assert.Equal(RmpFault.GeneralProtection, core.WriteBase(ExecutionState.Host, 0, ProcessorModel.Venice, ModelChoices.Default));
        Assert.Equal(enabled, core.Register);
        Assert.Equal(RmpFault.None, core.WriteBase(off, 0, ProcessorModel.Venice, free));
        Assert.False(core.IsEnabled);
    }

    [Fact]
    public void The_leading_core_scans_and_the_others_do_not()
    {
        SegmentedGeometry geometry = new(PhysicalAddress.Create(0x10_0000), 36, [new RmpSegment(0, 4, 0x1000_0000)], ProcessorModel.Venice);
        using ReverseMapTable<SegmentedGeometry> table = new(geometry, ProcessorModel.Venice);
        RmpOptCore[] cores = [new(), new(), new()];
        PhysicalRange window = RmpOptSweep.WindowOf(new PhysicalRange(PhysicalAddress.Create(0x1000), 0xFFFF_0000));
        Assert.Equal(new PhysicalRange(default, 0x1_0000_0000), window);
        Assert.Equal(RmpFault.None, RmpOptSweep.Program(ExecutionState.Host, cores, window, ProcessorModel.Venice, ModelChoices.Default));
        // the first page of its GiB: one entry is read
        Assert.True(table.RmpUpdate(ExecutionState.Host, PhysicalAddress.Create(0x4000_0000), Operands.Assign(0, 5)).IsSuccess);

        // The leading core reads three free GiB and one entry; no core records that a GiB is not free, so that each core reads the one
        // entry again.
        Assert.Equal(new RmpOptSweep(4, 3, (3 * 262_144) + 4, 16, 2), RmpOptSweep.Run(table, ExecutionState.Host, cores, window));
        Assert.All(cores, core => Assert.True(table.RmpOpt(ExecutionState.Host, core, 0xC000_0000UL, 7UL).CarryFlag));
        Assert.False(table.RmpOpt(ExecutionState.Host, cores[1], 0x4000_0000UL, 1UL).CarryFlag);
        Assert.False(table.RmpOpt(ExecutionState.Host, cores[1], ulong.MaxValue, 0UL).CarryFlag);
        Assert.Equal(default, RmpOptSweep.Run(table, ExecutionState.Host, [], window));
    }

    [Fact]
    public void Milan_is_what_its_CPUID_says()
    {
        ProcessorModel milan = ProcessorModel.Genoa.WithFeatures(0x0101_FD3F, 0x1FD);
        Assert.Equal((false, false, false, false), (milan.HasRmpQuery, milan.HasRmpRead, milan.HasSegmentedRmp, milan.HasHvInUseWrAllowed));
        Assert.Equal((0x0F, 509U, true), ((int)milan.FullVmpl0Permissions, milan.MaxAsid, milan.HasRmp));
        SnpLimits limits = new(0x4173);
        Assert.Equal((51, 5, 4), (limits.EncryptionBit, limits.AddressReduction, limits.Vmpls));
        foreach (ProcessorModel preset in ProcessorModel.Presets)
        {
            Assert.Equal(preset, preset.WithFeatures(preset.Features, preset.MaxAsid));
        }
    }
}
