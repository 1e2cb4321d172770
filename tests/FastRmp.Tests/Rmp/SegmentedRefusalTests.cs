using System;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>What hardware refuses of a segmented RMP, one thing at a time.</summary>
public sealed class SegmentedRefusalTests
{
    private const ulong Base = 0x10_0000;

    private static readonly ProcessorModel Limited = ProcessorModel.Turin with
    {
        Name = "limited",
        MinSegmentShift = 34,
        MaxSegmentShift = 38,
        MaxSegments = 16,
    };

    [Theory]
    [InlineData("milan")]
    [InlineData("genoa")]
    public void A_processor_without_segments(string name)
    {
        Assert.True(ProcessorModel.TryGetPreset(name, out ProcessorModel? processor));
        Refused($"The processor {name} has no segmented RMP.", "processor", Base, 36, [new(0, 1, 0x20_0000)], processor);
    }

    [Theory]
    [InlineData(0x1000UL)]
    [InlineData(0x8_0000UL)]
    [InlineData(0xF_FFFF_FFFF_E000UL)]
    public void A_base_that_is_not_1_MiB_aligned(ulong rmpBase) =>
        Refused(
            $"RMP_BASE 0x{rmpBase:x} is not a multiple of 1 MiB, as that of a segmented RMP must be.", "rmpBase", rmpBase, 36, [],
            ProcessorModel.Turin);

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(29)]
    [InlineData(53)]
    [InlineData(63)]
    public void An_exponent_that_no_processor_supports(int shift) =>
        Refused(
            $"The segment exponent {shift} is outside 30 to 52, which the processor turin supports.", "segmentShift", Base, shift, [],
            ProcessorModel.Turin);

    [Theory]
    [InlineData(33)]
    [InlineData(39)]
    public void An_exponent_outside_the_range_of_the_processor(int shift) =>
        Refused(
            $"The segment exponent {shift} is outside 34 to 38, which the processor limited supports.", "segmentShift", Base, shift, [],
            Limited);

    [Fact]
    public void A_model_cannot_widen_the_range_beyond_a_gibibyte_and_an_address()
    {
        ProcessorModel wide = ProcessorModel.Venice with { MinSegmentShift = 0, MaxSegmentShift = 63, MaxSegments = 100_000 };
        Refused("The segment exponent 29 is outside 30 to 52, which the processor venice supports.", "segmentShift", Base, 29, [], wide);
        Refused("The segment exponent 53 is outside 30 to 52, which the processor venice supports.", "segmentShift", Base, 53, [], wide);
        Refused("Segment 512 does not exist: there are 512, counted from 0.", "segments", Base, 30, [new(512, 1, 0x20_0000)], wide);
    }

    [Theory]
    [InlineData(512)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void An_index_outside_the_table(int index) =>
        Refused(
            $"Segment {index} does not exist: there are 512, counted from 0.", "segments", Base, 36, [new(index, 1, 0x20_0000)],
            ProcessorModel.Turin);

    [Fact]
    public void An_index_beyond_the_hard_limit() =>
        Refused(
            "Segment 16 does not exist: there are 16, counted from 0.", "segments", Base, 36,
            [new(15, 1, 0x20_0000), new(16, 1, 0x60_0000)], Limited);

    [Fact]
    public void An_index_that_is_given_twice()
    {
        Refused(
            "Segment 4 is given twice.", "segments", Base, 36, [new(4, 1, 0x20_0000), new(5, 1, 0x60_0000), new(4, 1, 0xA0_0000)],
            ProcessorModel.Turin);
        Refused("Segment 4 is given twice.", "segments", Base, 36, [new(4, 0, 0x20_0000), new(4, 1, 0xA0_0000)], ProcessorModel.Turin);
    }

    [Theory]
    [InlineData(0x10_0000UL)]
    [InlineData(ulong.MaxValue)]
    public void A_covered_size_of_more_than_20_bits(ulong gib) =>
        Refused(
            $"Segment 1: a covered size of {gib} GiB does not fit into 20 bits.", "segments", Base, 36, [new(1, gib, 0x20_0000)],
            ProcessorModel.Turin);

    [Theory]
    [InlineData(0x20_1000UL)]
    [InlineData(0x28_0000UL)]
    [InlineData(0x1UL)]
    public void A_segment_RMP_that_is_not_1_MiB_aligned(ulong rmpBase) =>
        Refused(
            $"Segment 1: its RMP at 0x{rmpBase:x} is not a multiple of 1 MiB.", "segments", Base, 36, [new(1, 1, rmpBase)],
            ProcessorModel.Turin);

    [Theory]
    [InlineData(0x10_0000_0000_0000UL)]
    [InlineData(0xFFFF_FFFF_FFF0_0000UL)]
    public void A_segment_RMP_above_52_bits(ulong rmpBase) =>
        Refused(
            $"Segment 1: its RMP at 0x{rmpBase:x} has address bits above bit 51.", "segments", Base, 36, [new(1, 1, rmpBase)],
            ProcessorModel.Turin);

    [Fact]
    public void A_segment_RMP_that_ends_beyond_52_bits()
    {
        Refused(
            "Segment 1: its RMP at 0xffffffff00000-0x100000002fffff ends beyond 2^52.", "segments", Base, 36,
            [new(1, 1, 0xF_FFFF_FFF0_0000)], ProcessorModel.Turin);
        Accepted(Base, 36, [new(1, 1, 0xF_FFFF_FFC0_0000)]);
    }

    [Fact]
    public void A_segment_beyond_52_bits()
    {
        Refused(
            "Segment 256 covers memory up to 0x1000003fffffff, beyond 2^52.", "segments", Base, 44, [new(256, 1, 0x20_0000)],
            ProcessorModel.Turin);
        Refused(
            "Segment 511 covers memory up to 0x1ff000003fffffff, beyond 2^52.", "segments", Base, 52, [new(511, 1, 0x20_0000)],
            ProcessorModel.Turin);
        Accepted(Base, 44, [new(255, 0xF_FFFF, 0x1_0000_0000)]);
        Accepted(Base, 44, [new(256, 0, 0)]);
    }

    [Fact]
    public void Segment_RMPs_that_overlap()
    {
        Refused(
            "Segment 1: its RMP at 0x500000-0x8fffff overlaps that of segment 7 at 0x200000-0x5fffff.", "segments", Base, 36,
            [new(7, 1, 0x20_0000), new(1, 1, 0x50_0000)], ProcessorModel.Turin);
        Refused(
            "Segment 1: its RMP at 0x200000-0x5fffff overlaps that of segment 0 at 0x300000-0x6fffff.", "segments", Base, 36,
            [new(0, 1, 0x30_0000), new(1, 1, 0x20_0000)], ProcessorModel.Turin);
        Refused(
            "Segment 3: its RMP at 0x400000-0x7fffff overlaps that of segment 2 at 0x200000-0x9fffff.", "segments", Base, 36,
            [new(2, 2, 0x20_0000), new(3, 1, 0x40_0000)], ProcessorModel.Turin);
        Accepted(Base, 36, [new(0, 1, 0x20_0000), new(1, 1, 0x60_0000)]);
        Accepted(Base, 36, [new(0, 1, 0x20_0000), new(1, 0, 0x30_0000)]); // nothing is covered: there are no entries to overlap
        Accepted(Base, 36, [new(1, 0, 0x30_0000), new(0, 1, 0x20_0000)]);
    }

    [Fact]
    public void A_segment_RMP_over_the_bookkeeping()
    {
        Refused(
            "Segment 0: its RMP at 0x100000-0x4fffff overlaps bookkeeping and segment table at 0x100000-0x104fff.", "segments", Base, 36,
            [new(0, 1, 0x10_0000)], ProcessorModel.Turin);
        Refused(
            "Segment 0: its RMP at 0x0-0x3fffff overlaps bookkeeping and segment table at 0x100000-0x104fff.", "segments", Base, 36,
            [new(0, 1, 0)], ProcessorModel.Turin);
        Refused(
            "Segment 0: its RMP at 0x0-0x3fffff overlaps bookkeeping and segment table at 0x300000-0x304fff.", "segments", 0x30_0000, 36,
            [new(0, 1, 0)], ProcessorModel.Turin);
        Accepted(0x40_0000, 36, [new(0, 1, 0)]);
    }

    [Fact]
    public void The_processor_is_tested_first_and_an_overlap_last()
    {
        Refused("The processor genoa has no segmented RMP.", "processor", 0x1000, 0, [new(-1, 0, 1)], ProcessorModel.Genoa);
        Refused(
            "Segment 2: its RMP at 0x1 is not a multiple of 1 MiB.", "segments", Base, 36, [new(0, 1, Base), new(2, 1, 1)],
            ProcessorModel.Turin);
    }

    [Fact]
    public void A_missing_processor_is_misuse()
    {
        Assert.Throws<ArgumentNullException>(() => new SegmentedGeometry(default, 30, [], null!));
        Assert.Throws<ArgumentNullException>(() => SegmentedGeometry.TryCreate(default, 30, [], null!, out _, out _));
    }

    private static void Accepted(ulong rmpBase, int shift, RmpSegment[] segments) =>
        Assert.True(
            SegmentedGeometry.TryCreate(PhysicalAddress.Create(rmpBase), shift, segments, ProcessorModel.Turin, out _, out string? refusal),
            refusal);

    private static void Refused(string message, string parameter, ulong rmpBase, int shift, RmpSegment[] segments, ProcessorModel processor)
    {
        Assert.False(
            SegmentedGeometry.TryCreate(
                PhysicalAddress.Create(rmpBase), shift, segments, processor, out SegmentedGeometry geometry, out string? refusal));
        Assert.Equal(message, refusal);
        Assert.Equal(default, geometry);
        ArgumentException thrown = Assert.Throws<ArgumentException>(
            () => new SegmentedGeometry(PhysicalAddress.Create(rmpBase), shift, segments, processor));
        Assert.Equal(parameter, thrown.ParamName);
        Assert.StartsWith(message, thrown.Message, StringComparison.Ordinal);
    }
}
