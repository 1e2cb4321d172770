using System;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>Firmware's rules for an RMP that hardware accepts.</summary>
public sealed class FirmwareRefusalTests
{
    [Theory]
    [MemberData(nameof(GeometryVectorTests.Rows), MemberType = typeof(GeometryVectorTests))]
    public void The_RMPs_of_boot_logs_are_accepted(ulong rmpBase, ulong rmpEnd, ulong covered)
    {
        ContiguousGeometry geometry = new(PhysicalAddress.Create(rmpBase), PhysicalAddress.Create(rmpEnd));
        bool wholeMebibytes = rmpEnd != 0x110_3FFF; // the manual's example, the only row that is not a boot log
        Assert.Equal(wholeMebibytes ? null : "The RMP at 0x100000-0x1103fff is not a whole number of MiB.", geometry.FirmwareRefusal([]));
        if (wholeMebibytes) Assert.Null(geometry.FirmwareRefusal([RangeAt(0, rmpBase), RangeAt(rmpBase, covered - rmpBase)]));
    }

    [Fact]
    public void The_segmented_RMP_of_a_boot_log_is_accepted()
    {
        SegmentedGeometry geometry = SegmentedGeometryTests.Make(0x9BA0_0000, 37, SegmentedGeometryTests.Turin);
        Assert.Null(geometry.FirmwareRefusal([]));
        Assert.Null(geometry.FirmwareRefusal([RangeAt(0x1_0000_0000, 0x1000), RangeAt(0, 0xA000_0000)]));
    }

    [Theory]
    [InlineData(0x10_2000UL, 0x120_1FFFUL, "The RMP at 0x102000-0x1201fff does not begin at a multiple of 1 MiB.")]
    [InlineData(0x10_0000UL, 0x110_3FFFUL, "The RMP at 0x100000-0x1103fff is not a whole number of MiB.")]
    [InlineData(
        0x1_0000_0000UL, 0x1_000F_FFFFUL, "The RMP at 0x100000000-0x1000fffff does not cover itself: the page 0x100000000 has no entry.")]
    [InlineData(0x1FB0_0000UL, 0x1FCF_FFFFUL, "The RMP at 0x1fb00000-0x1fcfffff does not cover itself: the page 0x1fc00000 has no entry.")]
    public void A_contiguous_RMP_is_refused(ulong rmpBase, ulong rmpEnd, string message)
    {
        ContiguousGeometry geometry = new(PhysicalAddress.Create(rmpBase), PhysicalAddress.Create(rmpEnd));
        Assert.Equal(message, geometry.FirmwareRefusal([]));
    }

    [Fact]
    public void An_RMP_at_the_very_end_of_what_it_covers_is_accepted() =>
        Assert.Null(new ContiguousGeometry(PhysicalAddress.Create(0x1FA0_0000), PhysicalAddress.Create(0x1FBF_FFFF)).FirmwareRefusal([]));

    [Fact]
    public void An_RMP_has_to_lie_inside_a_single_range_of_DRAM()
    {
        const string Message = "The RMP at 0x100000-0x2fffff does not lie inside a single range of DRAM.";
        ContiguousGeometry geometry = new(PhysicalAddress.Create(0x10_0000), PhysicalAddress.Create(0x2F_FFFF));
        Assert.Null(geometry.FirmwareRefusal([RangeAt(0x10_0000, 0x20_0000)]));
        Assert.Equal(Message, geometry.FirmwareRefusal([RangeAt(0, 0x20_0000), RangeAt(0x20_0000, 0x20_0000)]));
        Assert.Equal(Message, geometry.FirmwareRefusal([RangeAt(0x10_0000, 0x1F_F000)]));
        Assert.Equal(Message, geometry.FirmwareRefusal([RangeAt(0x10_1000, 0x40_0000)]));
    }

    [Fact]
    public void Every_part_of_a_segmented_RMP_has_to_lie_in_DRAM_and_to_be_covered()
    {
        SegmentedGeometry geometry = SegmentedGeometryTests.Make(
            0x10_0000, 30, [new(0, 1, 0x20_0000), new(1, 1, 0x4000_0000), new(3, 1, 0x60_0000)]);
        Assert.Null(geometry.FirmwareRefusal([]));
        Assert.Equal(
            "The RMP at 0x100000-0x104fff does not lie inside a single range of DRAM.",
            geometry.FirmwareRefusal([RangeAt(0x20_0000, 0x8000_0000)]));
        Assert.Equal(
            "The RMP at 0x40000000-0x403fffff does not lie inside a single range of DRAM.",
            geometry.FirmwareRefusal([RangeAt(0, 0x4000_0000)]));
        geometry = SegmentedGeometryTests.Make(0x10_0000, 30, [new(0, 1, 0x20_0000), new(1, 1, 0x8000_0000)]);
        Assert.Equal(
            "The RMP at 0x80000000-0x803fffff does not cover itself: the page 0x80000000 has no entry.", geometry.FirmwareRefusal([]));
        geometry = SegmentedGeometryTests.Make(0x4000_0000, 30, [new(0, 1, 0x20_0000)]);
        Assert.Equal(
            "The RMP at 0x40000000-0x40004fff does not cover itself: the page 0x40000000 has no entry.", geometry.FirmwareRefusal([]));
    }

    [Fact]
    public void A_segment_RMP_may_lie_across_two_covered_segments_but_not_across_a_hole()
    {
        RmpSegment[] segments = [new(0, 2, 0x20_0000), new(1, 2, 0x7FC0_0000), new(2, 1, 0xA0_0000)];
        Assert.Null(SegmentedGeometryTests.Make(0x10_0000, 31, segments).FirmwareRefusal([]));
        segments = [new(0, 1, 0x20_0000), new(1, 2, 0x3FC0_0000), new(2, 1, 0xA0_0000)];
        Assert.Equal(
            "The RMP at 0x3fc00000-0x403fffff does not cover itself: the page 0x40000000 has no entry.",
            SegmentedGeometryTests.Make(0x10_0000, 31, segments).FirmwareRefusal([]));
    }

    [Fact]
    public void Without_an_RMP_there_is_nothing_to_initialise()
    {
        Assert.Equal("There is no RMP.", default(ContiguousGeometry).FirmwareRefusal([]));
        Assert.Equal("There is no RMP.", default(SegmentedGeometry).FirmwareRefusal([]));
    }

    [Fact]
    public void All_cores_have_to_have_the_same_registers()
    {
        RmpRegisters one = new(0x10_0000, 0x20_FFFF, 0);
        Assert.Null(RmpRegisters.FirmwareRefusal([], 51));
        Assert.Null(RmpRegisters.FirmwareRefusal([one, one, one], 51));
        Assert.Equal(
            "Core 2 has RMP_BASE 0x100000, RMP_END 0x20ffff, RMP_CFG 0x2401, core 0 has RMP_BASE 0x100000, RMP_END 0x20ffff, RMP_CFG 0x0.",
            RmpRegisters.FirmwareRefusal([one, one, one with { RmpCfg = 0x2401 }], 51));
        Assert.StartsWith("Core 1 has", RmpRegisters.FirmwareRefusal([one, one with { RmpBase = 0 }], 51), StringComparison.Ordinal);
        Assert.StartsWith("Core 1 has", RmpRegisters.FirmwareRefusal([one, one with { RmpEnd = 0 }], 51), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        0x8_0000_0010_0000UL, 0x20_FFFFUL, "RMP_BASE 0x8000000100000, RMP_END 0x20ffff, RMP_CFG 0x0: an address has the C-bit, bit 51.")]
    [InlineData(
        0x10_0000UL, 0x8_0000_0020_FFFFUL, "RMP_BASE 0x100000, RMP_END 0x800000020ffff, RMP_CFG 0x0: an address has the C-bit, bit 51.")]
    public void The_C_bit_has_no_place_in_the_registers(ulong rmpBase, ulong rmpEnd, string message)
    {
        Assert.Equal(message, RmpRegisters.FirmwareRefusal([new RmpRegisters(rmpBase, rmpEnd, 0)], 51));
        Assert.Null(RmpRegisters.FirmwareRefusal([new RmpRegisters(rmpBase, rmpEnd, 0)], 47));
    }
}
