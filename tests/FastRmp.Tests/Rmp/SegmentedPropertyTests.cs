using System;
using System.Collections.Generic;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>Random segmented geometries against <see cref="NaiveSegments"/>.</summary>
public sealed class SegmentedPropertyTests
{
    private const ulong Mib = 0x10_0000;
    private const ulong AddressSpace = 1UL << 52;

    [Fact]
    public void Every_lookup_is_that_of_the_formulas()
    {
        Random random = new(14);
        for (int round = 0; round < 400; round++)
        {
            (SegmentedGeometry geometry, NaiveSegments naive) = Sample(random);
            Assert.Equal(naive.CoveredBytes(), geometry.CoveredPages * 0x1000);
            Assert.Equal(0x4000 + (geometry.CoveredPages * 16), geometry.StorageBytes);
            foreach (ulong address in Addresses(random, naive))
            {
                PhysicalAddress at = PhysicalAddress.Create(address);
                ulong? entry = naive.EntryAddress(address);
                Assert.Equal(entry is not null, geometry.TryGetEntryAddress(at, out PhysicalAddress found));
                Assert.Equal(entry ?? 0, found.Value);
                Assert.Equal(entry is not null, geometry.TryGetIndex(at, out nuint index));
                if (entry is not null) Assert.Equal(naive.Index(address)!.Value, index);
            }
        }
    }

    [Fact]
    public void Every_covered_page_has_an_entry_of_its_own_inside_the_storage()
    {
        Random random = new(15);
        for (int round = 0; round < 400; round++)
        {
            (SegmentedGeometry geometry, _) = Sample(random);
            ulong next = 1024;
            for (int i = 0; i < geometry.CoveredRanges; i++)
            {
                // First, second and last page of each range, each of which must follow the range before without a gap.
                PhysicalRange covered = geometry.CoveredRange(i);
                Assert.True(geometry.TryGetIndex(covered.Start, out nuint first));
                Assert.Equal(next, first);
                Assert.True(geometry.TryGetIndex(covered.Start + 0x1000, out nuint second));
                Assert.Equal(first + 1, second);
                Assert.True(geometry.TryGetIndex(PhysicalAddress.Create(covered.End - 1), out nuint last));
                next += covered.Length / 0x1000;
                Assert.Equal(next - 1, last);
                Assert.Equal(0UL, first % 512);
            }

            Assert.Equal(geometry.StorageBytes, next * 16);
        }
    }

    [Fact]
    public void The_RMP_occupies_all_entries_and_no_byte_twice()
    {
        Random random = new(16);
        for (int round = 0; round < 400; round++)
        {
            (SegmentedGeometry geometry, _) = Sample(random);
            ulong sum = 0;
            for (int i = 0; i < geometry.OwnRanges; i++)
            {
                PhysicalRange own = geometry.OwnRange(i);
                sum += own.Length;
                Assert.True(own.Length > 0 && own.End <= AddressSpace);
                for (int j = 0; j < i; j++)
                {
                    Assert.True(own.End <= geometry.OwnRange(j).Start.Value || geometry.OwnRange(j).End <= own.Start.Value);
                }
            }

            Assert.Equal(0x5000 + (geometry.CoveredPages * 16), sum);
            for (int i = 0; i < geometry.CoveredRanges; i++)
            {
                Assert.True(geometry.TryGetEntryAddress(geometry.CoveredRange(i).Start, out PhysicalAddress first));
                Assert.Equal(geometry.OwnRange(i + 1).Start, first);
                Assert.True(
                    geometry.TryGetEntryAddress(PhysicalAddress.Create(geometry.CoveredRange(i).End - 1), out PhysicalAddress last));
                Assert.Equal(geometry.OwnRange(i + 1).End - 16, last.Value);
            }
        }
    }

    [Fact]
    public void Random_segments_are_accepted_or_refused_and_never_more()
    {
        Random random = new(17);
        int accepted = 0;
        for (int round = 0; round < 20_000; round++)
        {
            RmpSegment[] segments = new RmpSegment[random.Next(4)];
            for (int i = 0; i < segments.Length; i++)
            {
                segments[i] = new RmpSegment(
                    random.Next(-1, 514), Wild(random, 20), Wild(random, 52) & ~(random.Next(8) == 0 ? 0 : Mib - 1));
            }

            PhysicalAddress rmpBase = PhysicalAddress.Truncate(Wild(random, 52) & ~(random.Next(8) == 0 ? 0 : Mib - 1));
            bool made = SegmentedGeometry.TryCreate(
                rmpBase, random.Next(28, 55), segments, ProcessorModel.Venice, out SegmentedGeometry geometry, out string? refusal);
            Assert.Equal(made, refusal is null);
            accepted += made ? 1 : 0;
            RequireInside(geometry, random);
        }

        Assert.InRange(accepted, 2_000, 18_000);
    }

    /// <summary>No address whatever has an index outside the storage.</summary>
    internal static void RequireInside(in SegmentedGeometry geometry, Random random)
    {
        for (int i = 0; i < 8; i++)
        {
            PhysicalAddress address = PhysicalAddress.Truncate(Wild(random, 52));
            if (geometry.TryGetIndex(address, out nuint index)) Assert.InRange(index, (nuint)1024, (nuint)(geometry.CoveredPages + 1023));
        }

        foreach (RmpSegment segment in geometry.Segments)
        {
            Assert.True(geometry.TryGetIndex(PhysicalAddress.Create((ulong)segment.Index << geometry.SegmentShift), out nuint index));
            Assert.InRange(index, (nuint)1024, (nuint)(geometry.CoveredPages + 1023));
        }
    }

    /// <summary>A number of a random width up to a little more than the bits it should have.</summary>
    internal static ulong Wild(Random random, int bits) => (ulong)random.NextInt64() >> random.Next(63 - int.Min(bits + 1, 62), 63);

    private static (SegmentedGeometry Geometry, NaiveSegments Naive) Sample(Random random)
    {
        int shift = random.Next(30, 53);
        int indexes = (int)ulong.Min(512, AddressSpace >> shift);
        NaiveSegments naive = new(shift, []);
        List<RmpSegment> segments = [];
        ulong free = (ulong)random.Next(1, 64) * Mib;
        ulong rmpBase = free;
        free += Mib;
        int wanted = random.Next(1, 12);
        int[] order = new int[indexes];
        for (int i = 0; i < indexes; i++)
        {
            order[i] = i;
        }

        random.Shuffle(order);
        for (int i = 0; i < int.Min(wanted, indexes); i++)
        {
            RmpSegment segment = new(order[i], (ulong)random.Next(0, 0x10_0000) >> random.Next(0, 20), free);
            segments.Add(segment);
            free += (naive.Mapped(segment) / 256) + ((ulong)random.Next(0, 3) * Mib);
        }

        naive = naive with { Segments = segments };
        return (SegmentedGeometryTests.Make(rmpBase, shift, segments.ToArray()), naive);
    }

    private static IEnumerable<ulong> Addresses(Random random, NaiveSegments naive)
    {
        foreach (RmpSegment segment in naive.Segments)
        {
            ulong start = (ulong)segment.Index * naive.SegmentBytes;
            ulong end = start + naive.Mapped(segment);
            yield return start;
            if (start > 0) yield return start - 1;
            if (end > 0) yield return end - 1;
            if (end < AddressSpace) yield return end;
            yield return start + ((ulong)random.NextInt64() % naive.SegmentBytes);
        }

        for (int i = 0; i < 10; i++)
        {
            yield return Wild(random, 50);
        }
    }
}
