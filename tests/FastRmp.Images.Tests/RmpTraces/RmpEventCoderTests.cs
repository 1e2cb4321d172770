using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using Xunit;

namespace FastRmp.Images.Tests.RmpTraces;

/// <summary>Whether events are passed over or decoded one by one makes no difference to what a trace knows of them, and what is decoded
/// can be encoded.</summary>
public sealed class RmpEventCoderTests
{
    private const int Write = (int)RmpTraceEventKind.Write;

    [Fact]
    public void What_is_passed_over_counts_as_what_is_decoded()
    {
        Random random = new(31);
        int events = 0;
        for (int round = 0; round < 3000; round++)
        {
            List<PhysicalRange> ram = random.Next(3) == 0 ? [] : Ram(random);
            byte[] units = new byte[random.Next(1, 90) * RmpEventCoder.UnitBytes];
            Fill(random, units, rarity: random.Next(2, 60));
            RmpTrace expected = new("x", new RmpEventStore(), [.. ram], []);
            RmpEventCoder coder = default;
            ReadOnlySpan<byte> rest = units;
            int count = 0;
            string? wrong = null;
            while (!rest.IsEmpty && (wrong = coder.Decode(rest, 0, out RmpRecord one, out int length)) is null)
            {
                expected.Take(one);
                rest = rest[length..];
                count++;
            }

            RmpTrace trace = Read(ram, units, count);
            Assert.Equal(count, trace.EventCount);
            Assert.Equal(wrong is null, trace.Problems.Count == 0);
            Assert.Equal((expected.End, expected.Failed), (trace.End, trace.Failed));
            Assert.Equal(expected.Updates.CountGuests(1006), trace.Updates.CountGuests(1006));
            PhysicalRange[] machine = ram.Count == 0 ? [new PhysicalRange(default, 1UL << 52)] : [.. ram];
            Assert.Equal(expected.Updates.MeetHoles(machine, expected.End), trace.Updates.MeetHoles(machine, trace.End));
            foreach (RmpTraceEventKind kind in Enum.GetValues<RmpTraceEventKind>())
            {
                Assert.Equal(expected.Count(kind), trace.Count(kind));
            }

            events += count;
        }

        Assert.InRange(events, 30_000, int.MaxValue);
    }

    [Fact]
    public void What_is_decoded_is_encoded_and_decoded_to_the_same()
    {
        Random random = new(33);
        byte[] units = new byte[RmpEventCoder.MostBytes + RmpEventCoder.UnitBytes];
        byte[] again = new byte[RmpEventCoder.MostBytes];
        int events = 0;
        for (int round = 0; round < 100_000; round++)
        {
            Fill(random, units, rarity: 2);
            RmpEventCoder left = default;
            RmpEventCoder right = default;
            RmpEventCoder writer = default;
            if (left.Decode(units, 0, out RmpRecord one, out int length) is not null) continue;
            Assert.InRange(length, RmpEventCoder.UnitBytes, RmpEventCoder.MostBytes);
            RmpTraceEvent expected = one.ToEvent([]);
            int written = writer.Encode(expected, 0, again);
            Assert.Null(right.Decode(again.AsSpan(0, written), 0, out RmpRecord other, out int read));
            Assert.Equal((written, expected), (read, other.ToEvent([])));
            events++;
        }

        Assert.InRange(events, 10_000, int.MaxValue);
    }

    private static RmpTrace Read(List<PhysicalRange> ram, byte[] units, int count)
    {
        using MemoryStream bytes = new();
        bytes.Write(RmpBinaryRecords.Magic);
        Span<byte> unit = stackalloc byte[RmpEventCoder.UnitBytes];
        unit.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(unit, RmpBinaryRecords.Version);
        bytes.Write(unit[..8]);
        int at;
        foreach (PhysicalRange range in ram)
        {
            at = 0;
            RmpEventCoder.Put(unit, ref at, RmpBinaryRecords.Ram | (range.Start.Value << RmpBinaryRecords.KindBits), range.Length);
            bytes.Write(unit);
        }

        bytes.Write(units);
        at = 0;
        RmpEventCoder.Put(unit, ref at, RmpBinaryRecords.End, (ulong)count);
        bytes.Write(unit);
        bytes.Position = 0;
        return RmpTrace.Read(bytes, "x");
    }

    // Updates and writes of a small machine, and now and then a unit that is something else.
    private static void Fill(Random random, Span<byte> units, int rarity)
    {
        for (int at = 0; at < units.Length; at += RmpEventCoder.UnitBytes)
        {
            ulong frame = (ulong)random.Next(1 << 13);
            ulong low = (frame << 24) | ((ulong)random.Next(4) << 4);
            ulong high = (ulong)random.Next(1 << 24);
            ulong update = (ulong)RmpTraceEventKind.RmpUpdate | ((ulong)random.Next(1 << 4) << 9) | ((ulong)random.Next(4) << 6);
            if (random.Next(2) == 0) low |= update;
            else (low, high) = (low | Write, high | ((ulong)random.Next(3) << 24));
            if (random.Next(rarity) == 0)
            {
                switch (random.Next(7))
                {
                    case 0:
                        low ^= 1UL << random.Next(64);
                        break;
                    case 1:
                        high ^= 1UL << random.Next(64);
                        break;
                    case 2:
                        low = (low & ~0xFUL) | (uint)random.Next(16);
                        break;
                    case 3:
                        (low, high) = ((uint)random.Next(5, 11) << 4 | 0xFUL, (ulong)random.NextInt64(1L << random.Next(1, 63)));
                        break;
                    case 4:
                        low = 0x8F | ((ulong)random.NextInt64(1L << 52) << 8 & 0x3_0FFF_0D00);
                        high = random.Next(2) == 0 ? 0 : (uint)random.Next();
                        break;
                    case 5:
                        (low, high) = (low | (1 << 8), high & 0xFF_FFFF);
                        break;
                    default:
                        (low, high) = ((ulong)random.NextInt64(), (ulong)random.NextInt64());
                        break;
                }
            }

            if ((low & RmpEventCoder.NoEvent) == RmpEventCoder.NoEvent && (low & 0xFF) < 0x50) low |= 0x50; // else about the machine
            BinaryPrimitives.WriteUInt64LittleEndian(units[at..], low);
            BinaryPrimitives.WriteUInt64LittleEndian(units[(at + 8)..], high);
        }
    }

    private static List<PhysicalRange> Ram(Random random)
    {
        ulong hole = (ulong)random.Next(1, 1 << 13) << 12;
        return [new PhysicalRange(default, hole), new PhysicalRange(PhysicalAddress.Create(hole + 8192), 1 << 24)];
    }
}
