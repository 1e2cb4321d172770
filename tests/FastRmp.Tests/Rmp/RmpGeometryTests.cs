using System;
using System.Collections.Generic;
using Xunit;

namespace FastRmp.Tests.Rmp;

public sealed class RmpGeometryTests
{
    private const ulong Gib = 1UL << 30;

    [Fact]
    public void A_contiguous_one_answers_as_the_typed_one_does()
    {
        ContiguousGeometry typed = ContiguousGeometry.Covering(PhysicalAddress.Create(8 * Gib), 5 * Gib);
        RmpGeometry geometry = new(typed);
        Assert.False(geometry.IsSegmented);
        Assert.True(geometry.TryGetContiguous(out ContiguousGeometry back));
        Assert.Equal(typed, back);
        Assert.False(geometry.TryGetSegmented(out _));
        AssertSame(typed, geometry);
    }

    [Fact]
    public void A_segmented_one_answers_as_the_typed_one_does()
    {
        SegmentedGeometry typed = new(PhysicalAddress.Create(0x9BA0_0000), 37, SegmentedGeometryTests.Turin, ProcessorModel.Turin);
        RmpGeometry geometry = new(typed);
        Assert.True(geometry.IsSegmented);
        Assert.True(geometry.TryGetSegmented(out SegmentedGeometry back));
        Assert.Equal(typed, back);
        Assert.False(geometry.TryGetContiguous(out _));
        AssertSame(typed, geometry);
    }

    [Fact]
    public void The_address_of_an_entry_is_that_of_the_typed_one()
    {
        RmpGeometry segmented =
            new(new SegmentedGeometry(PhysicalAddress.Create(0x9BA0_0000), 37, SegmentedGeometryTests.Turin, ProcessorModel.Turin));
        RmpGeometry contiguous = new(ContiguousGeometry.Covering(PhysicalAddress.Create(8 * Gib), 5 * Gib));
        Assert.True(contiguous.TryGetEntryAddress(PhysicalAddress.Create(0x1234_5678), out PhysicalAddress entry));
        Assert.Equal((8 * Gib) + 0x4000 + (0x1_2345UL * 16), entry.Value);
        Assert.False(contiguous.TryGetEntryAddress(PhysicalAddress.Create(5 * Gib), out entry));
        Assert.Equal(default, entry);
        PhysicalRange first = segmented.CoveredRange(0);
        Assert.True(segmented.TryGetEntryAddress(first.Start + 0x3FFF, out entry));
        Assert.Equal(segmented.OwnRange(1).Start + 0x30, entry);
        Assert.False(segmented.TryGetEntryAddress(PhysicalAddress.Create(first.End), out _));
        Assert.False(default(RmpGeometry).TryGetEntryAddress(default, out _));
    }

    [Fact]
    public void The_default_one_covers_nothing()
    {
        RmpGeometry nothing = default;
        Assert.Equal(0UL, nothing.CoveredPages);
        Assert.Equal(0UL, nothing.StorageBytes);
        Assert.Equal(0, nothing.CoveredRanges);
        Assert.Equal(0, nothing.OwnRanges);
        Assert.False(nothing.TryGetIndex(default, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => nothing.CoveredRange(0));
        Assert.Equal(default, nothing);
        Assert.True(nothing != new RmpGeometry(ContiguousGeometry.Covering(default, Gib)));
    }

    [Fact]
    public void Registers_of_either_kind_make_one_and_others_say_why_not()
    {
        SegmentedGeometry segmented = new(PhysicalAddress.Create(0x9BA0_0000), 37, SegmentedGeometryTests.Turin, ProcessorModel.Turin);
        ulong[] segmentTable = new ulong[SegmentedGeometry.SegmentTableEntries];
        segmented.CopySegmentTable(segmentTable);
        Assert.True(RmpGeometry.TryCreate(RmpRegisters.Of(segmented), segmentTable, ProcessorModel.Turin, out RmpGeometry made, out _));
        Assert.Equal(new RmpGeometry(segmented), made);

        ContiguousGeometry contiguous = ContiguousGeometry.Covering(PhysicalAddress.Create(8 * Gib), 5 * Gib);
        Assert.True(RmpGeometry.TryCreate(RmpRegisters.Of(contiguous), [], ProcessorModel.Genoa, out made, out _));
        Assert.Equal(new RmpGeometry(contiguous), made);

        Assert.False(RmpGeometry.TryCreate(default, [], ProcessorModel.Genoa, out made, out string? refusal));
        Assert.Equal(default, made);
        Assert.Contains("there is no RMP", refusal, StringComparison.Ordinal);
        Assert.False(RmpGeometry.TryCreate(RmpRegisters.Of(segmented), segmentTable, ProcessorModel.Genoa, out _, out refusal));
        Assert.NotNull(refusal);
        Assert.Throws<ArgumentException>("registers", static () => ReverseMapTable.FromRegisters(default, [], ProcessorModel.Genoa));
    }

    [Fact]
    public void A_table_of_a_geometry_chosen_at_run_time_does_what_a_typed_one_does()
    {
        using ReverseMapTable<RmpGeometry> table = ReverseMapTable.FromRegisters(
            RmpRegisters.Of(ContiguousGeometry.Covering(PhysicalAddress.Create(8 * Gib), Gib)), [], ProcessorModel.Genoa);
        using ReverseMapTable<ContiguousGeometry> typed = new(
            ContiguousGeometry.Covering(PhysicalAddress.Create(8 * Gib), Gib), ProcessorModel.Genoa);
        Random random = new(5);
        for (int i = 0; i < 20_000; i++)
        {
            PhysicalAddress page = PhysicalAddress.Create((ulong)random.Next(8 * 512) << 12);
            RmpUpdateOperand operand = random.Next(3) == 0
                ? default
                : new RmpUpdateOperand
                {
                    Assigned = true,
                    Asid = (uint)random.Next(1, 4),
                    Gpa = page.Value,
                    PageSize = (PageSize)random.Next(2),
                };
            Assert.Equal(typed.RmpUpdate(ExecutionState.Host, page, operand), table.RmpUpdate(page, operand));
            Assert.True(typed.TryReadRaw(page, out RmpEntry expected) & table.TryReadRaw(page, out RmpEntry entry));
            Assert.Equal(expected, entry);
        }
    }

    private static void AssertSame<TGeometry>(TGeometry typed, RmpGeometry geometry)
        where TGeometry : struct, IRmpGeometry
    {
        Assert.Equal(typed.StorageBytes, geometry.StorageBytes);
        Assert.Equal(typed.CoveredPages, geometry.CoveredPages);
        Assert.Equal(typed.CoveredRanges, geometry.CoveredRanges);
        Assert.Equal(typed.OwnRanges, geometry.OwnRanges);
        Assert.Equal(typed.FirmwareRefusal([]), geometry.FirmwareRefusal([]));
        List<ulong> addresses = [0, PhysicalAddress.ValidMask];
        for (int i = 0; i < typed.CoveredRanges; i++)
        {
            Assert.Equal(typed.CoveredRange(i), geometry.CoveredRange(i));
            addresses.AddRange([typed.CoveredRange(i).Start.Value, typed.CoveredRange(i).End - 1, typed.CoveredRange(i).End]);
        }

        for (int i = 0; i < typed.OwnRanges; i++)
        {
            Assert.Equal(typed.OwnRange(i), geometry.OwnRange(i));
        }

        Random random = new(3);
        for (int i = 0; i < 10_000; i++)
        {
            addresses.Add((ulong)random.NextInt64() >> random.Next(12, 40) & PhysicalAddress.ValidMask);
        }

        foreach (ulong address in addresses)
        {
            bool covered = typed.TryGetIndex(PhysicalAddress.Create(address), out nuint expected);
            Assert.Equal(covered, geometry.TryGetIndex(PhysicalAddress.Create(address), out nuint index));
            if (covered) Assert.Equal(expected, index);
        }
    }
}
