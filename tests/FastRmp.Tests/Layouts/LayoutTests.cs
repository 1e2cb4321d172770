using System;
using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;
using Xunit;

namespace FastRmp.Tests.Layouts;

/// <summary>Every layout against the manual's bit numbers, one bit at a time.</summary>
public sealed class LayoutTests
{
    public static TheoryData<string> Names()
    {
        TheoryData<string> names = [];
        foreach (LayoutCase layout in ManualTables.All)
        {
            names.Add(layout.Type.Name);
        }

        return names;
    }

    [Fact]
    public void Every_layout_of_the_library_has_a_table_here()
    {
        foreach (Type type in typeof(RmpEntry).Assembly.GetExportedTypes())
        {
            bool isLayout = type is { IsValueType: true, IsEnum: false, Namespace: "FastRmp.Layouts" };
            if (isLayout) Assert.NotNull(ManualTables.Of(type.Name));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Fields_read_the_bits_of_the_manual(string name)
    {
        LayoutCase layout = ManualTables.Of(name);
        Random random = new(1);
        for (int round = 0; round < 40; round++)
        {
            BigInteger raw = Sample(layout, random, round);
            object value = layout.Make(raw);
            Assert.Equal(raw, layout.Raw(value));
            foreach (BitField field in layout.Fields)
            {
                Assert.Equal(field.Read(raw), layout.Get(value, field.Name));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void With_replaces_the_bits_of_its_field_and_no_others(string name)
    {
        LayoutCase layout = ManualTables.Of(name);
        Random random = new(2);
        for (int round = 0; round < 40; round++)
        {
            BigInteger raw = Sample(layout, random, round);
            object value = layout.Make(raw);
            foreach (BitField field in layout.Fields)
            {
                ulong part = field.Read(Sample(layout, random, round + 1));
                BigInteger expected = field.Write(raw, part);
                Assert.Equal(expected, layout.Raw(layout.With(value, field.Name, part)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Exactly_the_bits_that_no_field_has_are_reserved(string name)
    {
        LayoutCase layout = ManualTables.Of(name);
        BigInteger reserved = layout.Reserved();
        Assert.False(layout.HasReservedBits(layout.Make(0)));
        for (int bit = 0; bit < layout.Bits; bit++)
        {
            BigInteger raw = BigInteger.One << bit;
            Assert.Equal((raw & reserved) != 0, layout.HasReservedBits(layout.Make(raw)));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_field_of_the_layout_is_in_the_table(string name)
    {
        LayoutCase layout = ManualTables.Of(name);
        foreach (PropertyInfo property in layout.Type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            // What can be initialised is a field; other properties are written by hand on top of those.
            if (property.CanWrite) Assert.Contains(layout.Fields, field => field.Name == property.Name);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Equality_is_that_of_the_raw_value(string name)
    {
        LayoutCase layout = ManualTables.Of(name);
        Random random = new(3);
        BigInteger raw = Sample(layout, random, 5);
        object value = layout.Make(raw);
        Assert.Equal(value, layout.Make(raw));
        Assert.Equal(value.GetHashCode(), layout.Make(raw).GetHashCode());
        for (int bit = 0; bit < layout.Bits; bit++)
        {
            Assert.NotEqual(value, layout.Make(raw ^ (BigInteger.One << bit)));
        }
    }

    [Fact]
    public void Sizes_are_those_of_the_hardware()
    {
        Assert.Equal(16, Unsafe.SizeOf<RmpEntry>());
        Assert.Equal(16, Unsafe.SizeOf<RmpUpdateOperand>());
        Assert.Equal(16, Unsafe.SizeOf<RmpReadOutput>());
        Assert.Equal(8, Unsafe.SizeOf<PageFaultErrorCode>());
        Assert.Equal(8, Unsafe.SizeOf<NestedPageFaultCode>());
        Assert.Equal(8, Unsafe.SizeOf<RmpAdjustOperand>());
        Assert.Equal(8, Unsafe.SizeOf<PagingEntry>());
        Assert.Equal(8, Unsafe.SizeOf<Pml5e>());
        Assert.Equal(8, Unsafe.SizeOf<Pml4e>());
        Assert.Equal(8, Unsafe.SizeOf<Pdpe1G>());
        Assert.Equal(8, Unsafe.SizeOf<Pde2M>());
        Assert.Equal(8, Unsafe.SizeOf<Pte>());
        Assert.Equal(8, Unsafe.SizeOf<Cr0>());
        Assert.Equal(8, Unsafe.SizeOf<Cr3>());
        Assert.Equal(8, Unsafe.SizeOf<Cr4>());
        Assert.Equal(8, Unsafe.SizeOf<Efer>());
        Assert.Equal(8, Unsafe.SizeOf<RmpBoundary>());
        Assert.Equal(8, Unsafe.SizeOf<RmpCfg>());
        Assert.Equal(8, Unsafe.SizeOf<RmpSegmentEntry>());
        Assert.Equal(8, Unsafe.SizeOf<RmpOptBase>());
        Assert.Equal(8, Unsafe.SizeOf<FirmwareGpa>());
        Assert.Equal(32, Unsafe.SizeOf<DeviceTableEntry>());
        Assert.Equal(8, Unsafe.SizeOf<IoPageTableEntry>());
        Assert.Equal(8, Unsafe.SizeOf<DeviceTableBase>());
        Assert.Equal(16, Unsafe.SizeOf<IommuEventEntry>());
        Assert.Equal(16, Unsafe.SizeOf<IommuRmpFaultEntry>());
        Assert.Equal(16, Unsafe.SizeOf<IommuRmpHardwareErrorEntry>());
        Assert.Equal(16, Unsafe.SizeOf<IommuPageRequestEntry>());
    }

    [Fact]
    public void Alignment_is_that_of_a_quadword()
    {
        // The offset after one byte is the alignment.
        Assert.Equal(8, Unsafe.SizeOf<Behind<RmpEntry>>() - Unsafe.SizeOf<RmpEntry>());
        Assert.Equal(8, Unsafe.SizeOf<Behind<RmpUpdateOperand>>() - Unsafe.SizeOf<RmpUpdateOperand>());
        Assert.Equal(8, Unsafe.SizeOf<Behind<RmpReadOutput>>() - Unsafe.SizeOf<RmpReadOutput>());
        Assert.Equal(8, Unsafe.SizeOf<Behind<PageFaultErrorCode>>() - Unsafe.SizeOf<PageFaultErrorCode>());
        Assert.Equal(8, Unsafe.SizeOf<Behind<Pte>>() - Unsafe.SizeOf<Pte>());
        Assert.Equal(16, RmpEntry.SizeInBytes);
        Assert.Equal(8, RmpEntry.AlignmentInBytes);
    }

    private static BigInteger Sample(LayoutCase layout, Random random, int round)
    {
        BigInteger raw = (BigInteger.One << layout.Bits) - 1;
        if (round == 0) return 0;
        if (round == 1) return raw;
        byte[] bytes = new byte[layout.Bits / 8];
        random.NextBytes(bytes);
        return new BigInteger(bytes, isUnsigned: true);
    }

    private readonly record struct Behind<T>(byte First, T Second)
        where T : struct;
}
