using System;
using System.IO;
using FastRmp.Images.Tests.Support;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.RmpTraces;

/// <summary>The binary form says what the text says, and bytes that are none of it end in a problem at an offset.</summary>
public sealed class RmpBinaryTests
{
    private static readonly string[] Names = ["launch_update", "allocation", "booted", "x", new('n', 64), "\u00E9t\u00E9"];

    [Fact]
    public void Events_of_all_kinds_come_out_as_they_went_in()
    {
        Random random = new(20);
        for (int round = 0; round < 40; round++)
        {
            RmpTraceEvent[] events = new RmpTraceEvent[random.Next(1, 1500)];
            long line = 0;
            for (int i = 0; i < events.Length; i++)
            {
                line += random.Next(10) == 0 ? random.Next(1, 1000) : 1;
                events[i] = Event(random, line);
            }

            RmpTrace trace = Read(Written(events));
            Assert.Equal(0, trace.Problems.Count);
            Assert.True(trace.Events.SequenceEqual(events));
            Assert.Equal(events.Length, trace.EventCount);
            foreach (RmpTraceEventKind kind in Enum.GetValues<RmpTraceEventKind>())
            {
                Assert.Equal(Array.FindAll(events, one => one.Kind == kind).Length, trace.Count(kind));
            }
        }
    }

    [Fact]
    public void Text_and_binary_say_the_same_of_a_real_kernels_trace()
    {
        RmpTrace text = RmpTrace.Open(Fixture.PathOf("real-kernel/module-6.12.trace.txt.gz"));
        using MemoryStream bytes = new();
        using (RmpBinaryWriter writer = new(bytes, "out"))
        {
            writer.Head(ProcessorModel.Milan, text.Ram, text.Mapped4K);
            foreach (RmpTraceEvent one in text.Events)
            {
                writer.Write(one);
            }

            writer.Finish();
        }

        RmpTrace binary = Read(bytes.ToArray());
        Assert.Equal(0, binary.Problems.Count);
        Assert.True(binary.Events.SequenceEqual(text.Events));
        Assert.True(binary.Ram.SequenceEqual(text.Ram));
        Assert.True(binary.Mapped4K.SequenceEqual(text.Mapped4K));
        Assert.Equal((ProcessorModel.Milan, text.End), (binary.Processor, binary.End));
    }

    [Fact]
    public void A_trace_that_is_cut_anywhere_says_where_and_has_the_events_before()
    {
        Random random = new(21);
        RmpTraceEvent[] events = new RmpTraceEvent[40];
        for (int i = 0; i < events.Length; i++)
        {
            events[i] = Event(random, i + 1);
        }

        byte[] whole = Written(events);
        for (int length = RmpBinaryRecords.Magic.Length; length < whole.Length; length++)
        {
            RmpTrace trace = Read(whole[..length]);
            Assert.Equal(1, trace.Problems.Count);
            Assert.InRange(trace.Problems.First[0].Offset!.Value, 0UL, (ulong)length);
            Assert.True(trace.Events.SequenceEqual(events.AsSpan(0, trace.Events.Length)));
        }

        Assert.Contains("goes on", Read([.. whole, 0]).Problems.First[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_bytes_give_problems_or_events_that_can_be_written()
    {
        Random random = new(22);
        Mutator mutator = new(seed: 22);
        RmpTraceEvent[] events = new RmpTraceEvent[30];
        for (int i = 0; i < events.Length; i++)
        {
            events[i] = Event(random, i + 1);
        }

        byte[] whole = Written(events);
        int read = 0;
        for (int round = 0; round < 5000; round++)
        {
            byte[] damaged = mutator.Mutate(whole, head: whole.Length);
            if (!RmpBinaryRecords.IsMagic(damaged)) continue;
            RmpTrace trace = Read(damaged);
            Assert.InRange(trace.Problems.Count, 0, 1);
            read += trace.Events.Length;
            foreach (RmpTraceEvent one in trace.Events)
            {
                Assert.Equal([one], Read(Written([one])).Events.ToArray());
            }
        }

        Assert.InRange(read, 5000, int.MaxValue);
    }

    [Theory]
    [InlineData("", "is cut in its head")]
    [InlineData("0200000000000000", "is of version 2; this reads version 1")]
    [InlineData("0100000001000000", "has flags in its head that are not known")]
    [InlineData("01000000000000000F00", "the trace has no event")]
    [InlineData("01000000000000000F01", "has 0 events, and says that it has 1")]
    [InlineData("01000000000000005F", "a record that is not known")]
    [InlineData("01000000000000002F0000", "a range of memory that is empty")]
    [InlineData("01000000000000001F0178", "a processor that is none of")]
    [InlineData("01000000000000004F0120", "a name that is empty or has blanks")]
    [InlineData("0100000000000000470800000000", "a name that is not defined")]
    [InlineData("0100000000000000070001", "an address that does not lie below")]
    [InlineData("010000000000000087000000", "a number of pages")]
    [InlineData("01000000000000000700FFFFFFFFFFFFFFFFFF02", "a record that is cut")]
    [InlineData("010000000000000001000008", "a record that is cut")]
    [InlineData("0100000000000000010000080000", "an operand with bits that mean nothing")]
    public void What_is_not_of_the_form_is_named(string hexadecimal, string reason)
    {
        RmpTrace trace = Read([.. RmpBinaryRecords.Magic, .. Convert.FromHexString(hexadecimal)]);
        Assert.Contains(reason, trace.Problems.First[0].ToString(), StringComparison.Ordinal);
        Assert.Equal(1, trace.Problems.Count);
    }

    [Theory]
    [InlineData(".rmpt")]
    [InlineData(".rmpt.gz")]
    [InlineData(".rmpt.zst")]
    public void The_name_of_a_file_says_that_it_is_binary_and_how_it_is_packed(string extension)
    {
        using TemporaryFile file = new([], extension);
        RmpTraceEvent one = Event(new Random(1), 1);
        using (RmpTraceWriter writer = RmpTraceWriter.Create(file.Path))
        {
            writer.Head(ProcessorModel.Turin, [new PhysicalRange(default, 1 << 30)], []);
            writer.Write(one);
            writer.Finish();
        }

        RmpTrace trace = RmpTrace.Open(file.Path);
        Assert.Equal([one], trace.Events.ToArray());
        Assert.Equal((ProcessorModel.Turin, 1UL << 30), (trace.Processor, trace.Ram[0].Length));
        Assert.Equal(extension == ".rmpt", RmpBinaryRecords.IsMagic(File.ReadAllBytes(file.Path)));
    }

    [Fact]
    public void A_trace_that_was_given_up_says_that_it_is_cut()
    {
        using MemoryStream bytes = new();
        using (RmpBinaryWriter writer = new(bytes, "out"))
        {
            writer.Head(ProcessorModel.Turin, [], []);
            for (int i = 0; i < 20_000; i++)
            {
                writer.Write(Event(new Random(i), i + 1));
            }
        }

        Assert.True(Read(bytes.ToArray()).Problems.Any);
    }

    [Fact]
    public void An_event_that_is_read_allocates_nothing_but_its_bytes()
    {
        RmpTraceEvent[] events = new RmpTraceEvent[6000];
        Random random = new(23);
        for (int i = 0; i < events.Length; i++)
        {
            events[i] = Event(random, i + 1);
        }

        Assert.Equal(Allocated(Written(events.AsSpan(0, 2000))), Allocated(Written(events)));
    }

    private static long Allocated(byte[] bytes) => Allocations.Least(() =>
    {
        using MemoryStream stream = new(bytes);
        using InputStream input = new(stream, "in");
        return Allocations.Of(() => Assert.Equal(0, RmpTrace.Read(input, null).Problems.Count));
    });

    private static RmpTrace Read(byte[] bytes) => RmpTrace.Read(new MemoryStream(bytes), "x");

    private static byte[] Written(ReadOnlySpan<RmpTraceEvent> events)
    {
        using MemoryStream bytes = new();
        using RmpBinaryWriter writer = new(bytes, "out");
        writer.Head(ProcessorModel.Genoa, [new PhysicalRange(default, 1UL << 31)], [new PhysicalRange(default, 1 << 21)]);
        foreach (ref readonly RmpTraceEvent one in events)
        {
            writer.Write(one);
        }

        writer.Finish();
        return bytes.ToArray();
    }

    private static RmpTraceEvent Event(Random random, long line)
    {
        RmpTraceEventKind kind = (RmpTraceEventKind)random.Next(15);
        bool hasName = kind is RmpTraceEventKind.Other or RmpTraceEventKind.Firmware or RmpTraceEventKind.Mark
            || (kind == RmpTraceEventKind.Write && random.Next(2) == 0);
        bool hasPage = kind is not (RmpTraceEventKind.Other or RmpTraceEventKind.Mark);
        ulong frame = hasPage ? Number(random, 39) : 0;
        bool hasPages = kind is RmpTraceEventKind.Write or RmpTraceEventKind.Read or RmpTraceEventKind.Dma or RmpTraceEventKind.Guest
            or RmpTraceEventKind.Convert;
        RmpUpdateOperand operand = new()
        {
            Assigned = random.Next(2) != 0,
            Immutable = kind == RmpTraceEventKind.RmpUpdate && random.Next(2) != 0,
            PageSize = (PageSize)random.Next(2),
            Asid = (uint)Number(random, 32),
            Gpa = random.Next(8) == 0 ? Number(random, 64) : Number(random, 52) << 12,
        };
        if (kind == RmpTraceEventKind.RmpUpdate && random.Next(8) == 0)
        {
            operand = new RmpUpdateOperand((ulong)random.NextInt64(), (ulong)random.NextInt64());
        }

        return new RmpTraceEvent
        {
            Kind = kind,
            Nanoseconds = random.Next(4) == 0 ? 0 : Number(random, 60),
            Processor = random.Next(2) == 0 ? RmpTraceEvent.NoProcessor : random.Next(1 << 20),
            Page = hasPage ? PhysicalAddress.Create((frame << 12) | (random.Next(4) == 0 ? Number(random, 12) : 0)) : default,
            Size = kind is RmpTraceEventKind.Split or RmpTraceEventKind.Join ? (PageSize)random.Next(1, 3) : default,
            Operand = RmpEventCoder.HasOperand(kind) ? operand : default,
            Pages = hasPages && random.Next(2) == 0 ? random.Next(1, RmpTraceEvent.MostPages + 1) : 1,
            IsNew = random.Next(2) == 0,
            IsWrite = random.Next(2) == 0,
            Code = random.Next(2) == 0 ? RmpTraceEvent.NoCode : (int)Number(random, 31),
            Command = hasName ? Names[random.Next(Names.Length)] : null,
            IsInjected = random.Next(4) == 0,
            Line = line,
        };
    }

    // Of any length up to so many bits.
    private static ulong Number(Random random, int bits) =>
        (ulong)random.NextInt64(long.MinValue, long.MaxValue) >> (64 - random.Next(1, bits + 1));
}
