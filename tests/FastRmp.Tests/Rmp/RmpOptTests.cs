using System;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>RMPOPT: per-core bits for regions of 1 GiB without assigned pages.</summary>
public sealed class RmpOptTests
{
    private const ulong Gib = 1UL << 30;

    [Theory]
    [InlineData("milan", false, "InvalidOpcode")]
    [InlineData("genoa", false, "InvalidOpcode")]
    [InlineData("turin", true, "InvalidOpcode")]
    [InlineData("venice", false, "InvalidOpcode")]
    [InlineData("venice", true, "None")]
    public void It_needs_a_new_processor_and_a_segmented_RMP(string preset, bool segmented, string fault)
    {
        ProcessorModel processor = ChoiceCases.Processor(preset);
        if (segmented)
        {
            using ModelPair<SegmentedGeometry> pair = Make(processor);
            Assert.Equal(fault, pair.Opt(ExecutionState.Host, 0, 0, verify: true).Fault.ToString());
        }
        else
        {
            using ModelPair pair = new(2, processor, ModelChoices.Default);
            pair.AddCore(0, enabled: true);
            Assert.Equal(fault, pair.Opt(ExecutionState.Host, 0, 0, verify: true).Fault.ToString());
        }
    }

    [Fact]
    public void A_core_reports_the_fields_of_its_register()
    {
        RmpOptCore core = RmpOptCore.EnabledAt(PhysicalAddress.Create((3 * Gib) + 0x1234));
        Assert.Equal(((3 * Gib) | 1, true, 3 * Gib), (core.Register, core.IsEnabled, core.Start.Value));
        Assert.Equal((0UL, false, 0UL), (new RmpOptCore().Register, new RmpOptCore().IsEnabled, new RmpOptCore().Start.Value));
        RmpOptCore any = new(ulong.MaxValue - 1);
        Assert.Equal((ulong.MaxValue - 1, false, 0x000F_FFFF_C000_0000UL), (any.Register, any.IsEnabled, any.Start.Value));
    }

    [Fact]
    public void Faults_come_first()
    {
        using ModelPair<SegmentedGeometry> pair = Make();
        Assert.Equal(RmpFault.InvalidOpcode, pair.Opt(ExecutionState.Host with { SnpEnabled = false, Cpl = 3 }, 0, 0, verify: true).Fault);
        Assert.Equal(RmpFault.InvalidOpcode, pair.Opt(ExecutionState.Host with { Is64BitMode = false, Cpl = 3 }, 0, 0, verify: true).Fault);
        Assert.Equal(RmpFault.InvalidOpcode, pair.Opt(ExecutionState.Guest(1) with { Cpl = 3 }, 0, 0, verify: true).Fault);
        Assert.Equal(RmpFault.InvalidOpcode, pair.Opt(ExecutionState.Host with { Cpl = 3 }, 2, 0, verify: true).Fault); // not programmed
        Assert.Equal(RmpFault.GeneralProtection, pair.Opt(ExecutionState.Host with { Cpl = 3 }, 0, 0, verify: true).Fault);
    }

    [Fact]
    public void Each_core_has_bits_of_its_own_and_an_update_ends_them_all()
    {
        using ModelPair<SegmentedGeometry> pair = Make();
        pair.AddCore(0, enabled: true);
        Assert.Equal("0 0", Report(pair, Gib));
        Assert.True(Verify(pair, 0, Gib));
        Assert.Equal("1 0", Report(pair, Gib));
        Assert.True(Verify(pair, 3, Gib + 0x1234_5678)); // the low 30 bits do not matter
        Assert.Equal("1 1", Report(pair, Gib));
        Assert.Equal("0 0", Report(pair, 0));
        pair.Update(Gib + 0x5000, Operands.Assign(0, 5));
        Assert.Equal("0 0", Report(pair, Gib));
        Assert.False(Verify(pair, 0, Gib));
    }

    [Theory]
    [InlineData(true, "0 0", "0 0")]
    [InlineData(false, "1 1", "0 0")]
    public void Whether_a_release_ends_them_is_a_choice(bool ends, string afterRelease, string afterAssignment)
    {
        using ModelPair<SegmentedGeometry> pair = Make(ProcessorModel.Venice, ModelChoices.Default with { RmpOptEndsOnRelease = ends });
        pair.AddCore(0, enabled: true);
        Assert.True(Verify(pair, 0, Gib) && Verify(pair, 3, Gib));
        Assert.True(pair.Update(Gib + 0x5000, Operands.Release()).IsSuccess);
        Assert.Equal(afterRelease, Report(pair, Gib));
        Assert.True(pair.Update(Gib + 0x5000, Operands.Assign(0, 5)).IsSuccess);
        Assert.Equal(afterAssignment, Report(pair, Gib));
    }

    [Fact]
    public void A_refused_update_ends_nothing_and_neither_do_the_guests_instructions()
    {
        using ModelPair<SegmentedGeometry> pair = Make();
        pair.Poke(Gib + 0x1000, 0x4, 0); // HV_Fixed does not matter
        Assert.True(Verify(pair, 0, Gib));
        Assert.Equal(RmpStatus.FailPermission, pair.Update(Gib + 0x1000, Operands.Assign(0, 5)).Status);
        Assert.Equal(RmpStatus.FailInput, pair.Update(Gib, Operands.Assign(0, uint.MaxValue)).Status);
        Assert.Equal(RmpStatus.FailBadAddress, pair.Smash(Gib).Status);
        Assert.True(Verify(pair, 0, Gib));
        Assert.True(pair.Opt(ExecutionState.Host, 0, Gib, verify: false).CarryFlag);
        Assert.True(pair.Update(Gib - 0x1000, Operands.Assign(0, 5)).IsSuccess); // another region
        Assert.True(pair.Opt(ExecutionState.Host, 0, Gib, verify: false).CarryFlag);
    }

    [Theory]
    [InlineData(Gib)]
    [InlineData(Gib + 0x1000)]
    [InlineData((2 * Gib) - 0x20_0000)]
    [InlineData((2 * Gib) - 0x1000)]
    [InlineData(Gib + 0x1234_5000)]
    public void One_assigned_page_of_262144_is_enough(ulong page)
    {
        using ModelPair<SegmentedGeometry> pair = Make();
        pair.Update(page, Operands.Assign(0, 5));
        Assert.False(Verify(pair, 0, Gib));
        Assert.True(Verify(pair, 0, 2 * Gib));
        pair.Update(page, Operands.Release());
        Assert.True(Verify(pair, 0, Gib));
    }

    [Fact]
    public void The_window_is_2_TiB_from_the_base_on_and_what_is_not_covered_counts_as_unassigned()
    {
        using ModelPair<SegmentedGeometry> pair = Make();
        Assert.True(Verify(pair, 0, 100 * Gib)); // no entries there
        Assert.True(Verify(pair, 0, (2048 * Gib) - 1));
        Assert.False(Verify(pair, 0, 2048 * Gib));
        Assert.False(Verify(pair, 1, Gib - 1));
        Assert.True(Verify(pair, 1, Gib));
        Assert.True(Verify(pair, 1, (2049 * Gib) - 1));
        Assert.False(Verify(pair, 1, 2049 * Gib));
    }

    [Fact]
    public void The_RMPs_own_pages_are_assigned()
    {
        using ModelPair<SegmentedGeometry> pair = Make();
        pair.Enable();
        pair.CompareAll();
        Assert.False(Verify(pair, 0, 0));
        Assert.True(Verify(pair, 0, Gib));
    }

    /// <summary>
    /// 4 GiB in a segment of 64 GiB; the RMP is in the first of them. Core 0 begins at 0, core 1 at 1 GiB, core 2 has no base.
    /// </summary>
    private static ModelPair<SegmentedGeometry> Make(ProcessorModel? processor = null, ModelChoices? choices = null)
    {
        processor ??= ProcessorModel.Venice;
        SegmentedGeometry geometry = new(PhysicalAddress.Create(0x10_0000), 36, [new RmpSegment(0, 4, 0x1000_0000)], processor);
        ReferenceGeometry plain = ReferenceGeometry.TrySegmented(
            ModelPair.Plain(processor), 0x10_0000, 36, [new ReferenceSegment(0, 4, 0x1000_0000)], out string? refusal)
            ?? throw new InvalidOperationException(refusal);
        ModelPair<SegmentedGeometry> pair = new(geometry, plain, processor, choices ?? ModelChoices.Default);
        pair.AddCore(0, enabled: true);
        pair.AddCore(Gib, enabled: true);
        pair.AddCore(0, enabled: false);
        return pair;
    }

    private static bool Verify(ModelPair<SegmentedGeometry> pair, int core, ulong address) =>
        pair.Opt(ExecutionState.Host, core, address, verify: true).CarryFlag;

    private static string Report(ModelPair<SegmentedGeometry> pair, ulong address)
    {
        int first = pair.Opt(ExecutionState.Host, 0, address, verify: false).CarryFlag ? 1 : 0;
        int last = pair.Opt(ExecutionState.Host, 3, address, verify: false).CarryFlag ? 1 : 0;
        return $"{first} {last}";
    }
}
