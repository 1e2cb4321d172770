using System;
using Xunit;

namespace FastRmp.Tests.Rmp;

public sealed class RmpRegistersTests
{
    [Theory]
    [MemberData(nameof(GeometryVectorTests.Rows), MemberType = typeof(GeometryVectorTests))]
    public void Registers_of_a_boot_log_describe_a_contiguous_RMP_and_come_out_again(ulong rmpBase, ulong rmpEnd, ulong covered)
    {
        RmpRegisters registers = new(rmpBase, rmpEnd, 0);
        Assert.False(registers.IsSegmented);
        Assert.True(registers.TryGetContiguous(out ContiguousGeometry geometry, out string? refusal), refusal);
        Assert.Equal(covered, geometry.CoveredPages * 0x1000);
        Assert.Equal(registers, RmpRegisters.Of(geometry));
    }

    [Theory]
    [InlineData(0x2401UL, 36)]
    [InlineData(0x2501UL, 37)]
    public void RMP_CFG_of_a_real_host_has_the_exponent(ulong rmpCfg, int shift)
    {
        RmpRegisters registers = new(0x9BA0_0000, 0, rmpCfg);
        Assert.True(registers.IsSegmented);
        Assert.True(
            registers.TryGetSegmented([0x0880_0000 | 34], ProcessorModel.Turin, out SegmentedGeometry geometry, out string? refusal),
            refusal);
        Assert.Equal(shift, geometry.SegmentShift);
        Assert.Equal(registers, RmpRegisters.Of(geometry));
    }

    [Fact]
    public void Registers_and_segment_table_describe_a_segmented_RMP_and_come_out_again()
    {
        ulong[] table = new ulong[512];
        table[0] = 0x0880_0000 | 34;
        table[8] = 0x55B0_0000 | 200;
        table[9] = 0x35A0_0000 | 128;
        RmpRegisters registers = new(0x9BA0_0000, 0, 0x2501);
        Assert.True(registers.TryGetSegmented(table, ProcessorModel.Venice, out SegmentedGeometry geometry, out string? refusal), refusal);
        Assert.Equal(
            SegmentedGeometryTests.Make(0x9BA0_0000, 37, [new(0, 34, 0x0880_0000), new(8, 200, 0x55B0_0000), new(9, 128, 0x35A0_0000)]),
            geometry);
        Assert.Equal(registers, RmpRegisters.Of(geometry));
        ulong[] written = new ulong[513];
        Array.Fill(written, ulong.MaxValue);
        geometry.CopySegmentTable(written);
        Assert.Equal(table, written[..512]);
        Assert.Equal(ulong.MaxValue, written[512]);
        Assert.Throws<ArgumentException>(() => geometry.CopySegmentTable(new ulong[511]));
    }

    [Fact]
    public void RMP_END_is_not_looked_at_while_the_RMP_is_segmented()
    {
        RmpRegisters registers = new(0x10_0000, ulong.MaxValue, 0x1E01);
        Assert.True(registers.TryGetSegmented([], ProcessorModel.Turin, out SegmentedGeometry geometry, out string? refusal), refusal);
        Assert.Equal(30, geometry.SegmentShift);
        Assert.Equal(new RmpRegisters(0x10_0000, 0, 0x1E01), RmpRegisters.Of(geometry));
    }

    [Fact]
    public void An_entry_without_covered_memory_may_have_any_address()
    {
        RmpRegisters registers = new(0x10_0000, 0, 0x1E01);
        ulong[] table = [0x10_0000, 0x20_0000 | 1];
        Assert.True(registers.TryGetSegmented(table, ProcessorModel.Turin, out SegmentedGeometry geometry, out string? refusal), refusal);
        Assert.Equal([new RmpSegment(1, 1, 0x20_0000)], geometry.Segments.ToArray());
    }

    [Theory]
    [InlineData(
        0UL, 0x1FFFUL, 0UL,
        "RMP_BASE 0x0 and RMP_END 0x1fff have no address in bits [51:13]: the BIOS reserved no memory, there is no RMP.")]
    [InlineData(
        0UL, 0UL, 0UL, "RMP_BASE 0x0 and RMP_END 0x0 have no address in bits [51:13]: the BIOS reserved no memory, there is no RMP.")]
    [InlineData(
        0x1000UL, 0xFFFUL, 0UL,
        "RMP_BASE 0x1000 and RMP_END 0xfff have no address in bits [51:13]: the BIOS reserved no memory, there is no RMP.")]
    [InlineData(0UL, 0x3FFFUL, 0UL, "The table 0x0-0x3fff has no room for an entry after 16 KiB of bookkeeping: there is no RMP.")]
    [InlineData(
        0x20_0000UL, 0x10_1FFFUL, 0UL,
        "The table 0x200000-0x101fff has no room for an entry after 16 KiB of bookkeeping: there is no RMP.")]
    [InlineData(0x10_1000UL, 0x110_3FFFUL, 0UL, "RMP_BASE 0x101000 is not a multiple of 8 KiB.")]
    [InlineData(0x10_0000UL, 0x110_2FFFUL, 0UL, "RMP_END 0x1102fff is not the last byte of an 8 KiB unit.")]
    [InlineData(0x10_0000UL, 0x110_4000UL, 0UL, "RMP_END 0x1104000 is not the last byte of an 8 KiB unit.")]
    [InlineData(0UL, 0x1FFF_FFFF_FFFFUL, 0UL, "The table 0x0-0x1fffffffffff has more entries than there are pages below 2^52.")]
    [InlineData(0x10_0000_0010_0000UL, 0x110_3FFFUL, 0UL, "RMP_BASE 0x10000000100000 has reserved bits set, above bit 51.")]
    [InlineData(0x10_0000UL, 0xFFF0_0000_0110_3FFFUL, 0UL, "RMP_END 0xfff0000001103fff has reserved bits set, above bit 51.")]
    [InlineData(0x10_0000UL, 0x110_3FFFUL, 0x2401UL, "RMP_CFG 0x2401 says that the RMP is segmented.")]
    [InlineData(0x10_0000UL, 0x110_3FFFUL, 0x4000UL, "RMP_CFG 0x4000 has reserved bits set, [7:1] or [63:14].")]
    public void Registers_without_a_contiguous_RMP_say_why(ulong rmpBase, ulong rmpEnd, ulong rmpCfg, string message)
    {
        Assert.False(new RmpRegisters(rmpBase, rmpEnd, rmpCfg).TryGetContiguous(out ContiguousGeometry geometry, out string? refusal));
        Assert.Equal(message, refusal);
        Assert.Equal(default, geometry);
    }

    [Fact]
    public void A_constructor_throws_the_message_of_the_Try_form()
    {
        Assert.False(ContiguousGeometry.TryCreate(default, PhysicalAddress.Create(0x1FFF), out _, out string? refusal));
        ArgumentException thrown = Assert.Throws<ArgumentException>(() => new ContiguousGeometry(default, PhysicalAddress.Create(0x1FFF)));
        Assert.StartsWith(refusal, thrown.Message, StringComparison.Ordinal);
        Assert.True(ContiguousGeometry.TryCreate(default, PhysicalAddress.Create(0x5FFF), out ContiguousGeometry geometry, out refusal));
        Assert.Null(refusal);
        Assert.Equal(512UL, geometry.CoveredPages);
    }

    [Theory]
    [InlineData(0x10_0000UL, 0x2400UL, 1UL, "RMP_CFG 0x2400 says that the RMP is not segmented.")]
    [InlineData(0x10_0000UL, 0x2403UL, 1UL, "RMP_CFG 0x2403 has reserved bits set, [7:1] or [63:14].")]
    [InlineData(0x10_0000UL, 0x8000_0000_0000_2401UL, 1UL, "RMP_CFG 0x8000000000002401 has reserved bits set, [7:1] or [63:14].")]
    [InlineData(0x10_0000_0010_0000UL, 0x2401UL, 1UL, "RMP_BASE 0x10000000100000 has reserved bits set, above bit 51.")]
    [InlineData(0x10_2000UL, 0x2401UL, 1UL, "RMP_BASE 0x102000 is not a multiple of 1 MiB, as that of a segmented RMP must be.")]
    [InlineData(0x10_0000UL, 0x1D01UL, 1UL, "The segment exponent 29 is outside 30 to 52, which the processor turin supports.")]
    [InlineData(
        0x10_0000UL, 0x2401UL, 0x10_0001UL,
        "Segment 2: its RMP at 0x100000-0x4fffff overlaps bookkeeping and segment table at 0x100000-0x104fff.")]
    [InlineData(
        0x10_0000UL, 0x2401UL, 0x10_0000_0020_0001UL,
        "Segment 2: the entry 0x10000000200001 of the segment table has reserved bits set: a reserved-bit page fault when the "
            + "segment is used.")]
    [InlineData(
        0x10_0000UL, 0x2401UL, 0x8000_0000_0000_0000UL,
        "Segment 2: the entry 0x8000000000000000 of the segment table has reserved bits set: a reserved-bit page fault when the "
            + "segment is used.")]
    public void Registers_without_a_segmented_RMP_say_why(ulong rmpBase, ulong rmpCfg, ulong entry, string message)
    {
        ulong[] table = [0, 0, entry];
        Assert.False(
            new RmpRegisters(
                rmpBase, 0, rmpCfg).TryGetSegmented(table, ProcessorModel.Turin, out SegmentedGeometry geometry, out string? refusal));
        Assert.Equal(message, refusal);
        Assert.Equal(default, geometry);
    }

    [Theory]
    [InlineData(0UL, 0x1FFFUL, false, 0UL, 0x1FFFUL)]
    [InlineData(0x1FFFUL, 0x1FFEUL, false, 0UL, 0UL)]
    [InlineData(0x12_3456UL, 0x45_6789UL, true, 0x12_2000UL, 0x45_5FFFUL)]
    [InlineData(0xFFF0_0000_0012_3456UL, 0xFFFF_FFFF_FFFF_FFFFUL, true, 0x12_2000UL, 0UL)]
    public void Hardware_reads_the_address_fields_alone(ulong rmpBase, ulong rmpEnd, bool hasAddress, ulong readBase, ulong readEnd)
    {
        RmpRegisters registers = new(rmpBase, rmpEnd, 0);
        Assert.Equal(hasAddress, registers.HasAddress);
        Assert.Equal(new RmpRegisters(readBase, readEnd, 0), registers.AsHardwareReads());
    }

    [Theory]
    [InlineData(0x000F_FFFF_FFFF_FFFFUL, 0x000F_FFFF_FFFF_FFFFUL, 0UL, false)]
    [InlineData(0x0010_0000_0000_0000UL, 0UL, 0UL, true)]
    [InlineData(0UL, 0x0010_0000_0000_0000UL, 0UL, true)]
    [InlineData(0UL, 0x0010_0000_0000_0000UL, 1UL, false)]
    [InlineData(0UL, 0UL, 0x4000UL, true)]
    [InlineData(0UL, 0UL, 0x3F01UL, false)]
    [InlineData(0UL, 0UL, 2UL, true)]
    public void Reserved_bits_are_those_of_the_registers_that_count(ulong rmpBase, ulong rmpEnd, ulong rmpCfg, bool has) =>
        Assert.Equal(has, new RmpRegisters(rmpBase, rmpEnd, rmpCfg).HasReservedBits);

    [Fact]
    public void A_segment_table_of_more_than_512_entries_is_refused()
    {
        Assert.False(
            new RmpRegisters(0x10_0000, 0, 0x2401).TryGetSegmented(new ulong[513], ProcessorModel.Turin, out _, out string? refusal));
        Assert.Equal("A segment table has 512 entries, not 513.", refusal);
    }

    [Fact]
    public void The_default_geometries_give_registers_without_an_RMP()
    {
        Assert.Equal(default, RmpRegisters.Of(default(ContiguousGeometry)));
        Assert.Equal(default, RmpRegisters.Of(default(SegmentedGeometry)));
        Assert.False(default(RmpRegisters).TryGetContiguous(out _, out _));
    }

    [Fact]
    public void Random_registers_never_throw_and_never_lead_outside_the_storage()
    {
        Random random = new(18);
        ulong[] table = new ulong[512];
        int contiguous = 0;
        int segmented = 0;
        for (int round = 0; round < 30_000; round++)
        {
            RmpRegisters registers = Sample(random);
            if (registers.TryGetContiguous(out ContiguousGeometry flat, out string? why))
            {
                contiguous++;
                Assert.Equal(registers with { RmpCfg = 0 }, RmpRegisters.Of(flat));
                PhysicalAddress last = PhysicalAddress.Create((flat.CoveredPages << 12) - 1);
                Assert.True(flat.TryGetIndex(last, out nuint index));
                Assert.Equal(flat.StorageBytes, ((ulong)index + 1) * 16);
                Assert.True(flat.TryGetEntryAddress(last, out PhysicalAddress entry) && entry.Value + 15 == registers.RmpEnd);
            }

            Assert.Equal(flat != default, why is null);
            Array.Clear(table);
            int entries = random.Next(0, 5);
            for (int i = 0; i < entries; i++)
            {
                ulong value = SegmentedPropertyTests.Wild(random, 51);
                table[random.Next(0, 100)] = random.Next(20) == 0 ? (ulong)random.NextInt64() : value;
            }

            bool made = registers.TryGetSegmented(
                table.AsSpan(0, random.Next(0, 513)), ProcessorModel.Turin, out SegmentedGeometry parts, out why);
            Assert.Equal(made, why is null);
            if (!made) continue;
            segmented++;
            SegmentedPropertyTests.RequireInside(parts, random);
            Assert.Equal(registers with { RmpEnd = 0 }, RmpRegisters.Of(parts));
            parts.CopySegmentTable(table);
            Assert.True(registers.TryGetSegmented(table, ProcessorModel.Turin, out SegmentedGeometry again, out _) && again == parts);
        }

        Assert.True(contiguous > 1000 && segmented > 1000, $"{contiguous} contiguous, {segmented} segmented");
    }

    /// <summary>Registers of a plausible RMP, in half of the rounds with some bits turned over, in some all random.</summary>
    private static RmpRegisters Sample(Random random)
    {
        if (random.Next(10) == 0)
        {
            return new RmpRegisters((ulong)random.NextInt64() * 2, (ulong)random.NextInt64() * 2, (ulong)random.NextInt64() * 2);
        }

        ulong start = SegmentedPropertyTests.Wild(random, 51) & 0xF_FFFF_FFF0_0000;
        ulong[] values =
        [
            start, start + 0x4000 + (0x2000UL * (ulong)random.Next(1, 1 << 30)) - 1,
            random.Next(2) == 0 ? 0 : ((ulong)random.Next(28, 54) << 8) | 1,
        ];
        for (int flips = random.Next(2) * random.Next(4); flips > 0; flips--)
        {
            values[random.Next(3)] ^= 1UL << random.Next(64);
        }

        return new RmpRegisters(values[0], values[1], values[2]);
    }
}
