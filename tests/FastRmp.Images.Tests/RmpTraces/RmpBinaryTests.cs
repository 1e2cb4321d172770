using System;
using System.IO;
using System.IO.Compression;
using FastRmp.Images.Tests.Support;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.RmpTraces;

/// <summary>The binary form says what the text says, and bytes that are none of it end in a problem at an offset.</summary>
public sealed class RmpBinaryTests
{
    private static readonly string[] Names = ["launch_update", "allocation", "booted", "x", new('n', 64), "\u00E9t\u00E9", "\0\u0001\r"];

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

    [Theory]
    [InlineData(64)]
    [InlineData(3)] // in the checksum: nothing of the trace is missing
    public void A_packed_trace_that_is_cut_has_what_was_unpacked_before(int missing)
    {
        RmpTraceEvent[] events = new RmpTraceEvent[9000];
        Random random = new(24);
        for (int i = 0; i < events.Length; i++)
        {
            events[i] = Event(random, i + 1);
        }

        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Written(events));
        }

        RmpTrace trace = Read(packed.ToArray()[..^missing]);
        Assert.Equal(1, trace.Problems.Count);
        Assert.Contains("gzip", trace.Problems.First[0].ToString(), StringComparison.Ordinal);
        Assert.InRange(trace.EventCount, events.Length * 9 / 10, missing < 8 ? events.Length : events.Length - 1);
        Assert.True(trace.Events.SequenceEqual(events.AsSpan(0, trace.EventCount)));
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
    [InlineData("0100000000000000", "is of version 1; this reads version 2")]
    [InlineData("0200000001000000", "has flags in its head that are not known")]
    [InlineData("02000000000000000F000000000000000000000000000000", "the trace has no event")]
    [InlineData("02000000000000000F000000000000000100000000000000", "has 0 events, and says that it has 1")]
    [InlineData("02000000000000000F010000000000000000000000000000", "a record with bits that mean nothing")]
    [InlineData("0200000000000000BF000000000000000000000000000000", "a record that is not known, or not at its place")]
    [InlineData("02000000000000006F0000000000000005000000000000005F000000000000000000000000000000", "not at its place")]
    [InlineData("02000000000000005F0000000000000000000000000000000F000000000000000000000000000000", "not at its place")]
    [InlineData("02000000000000005F010000000000000000000000000000", "bits that mean nothing")]
    [InlineData("02000000000000002F000000000000000000000000000000", "a range of memory that is empty")]
    [InlineData("02000000000000002F000000000000100010000000000000", "does not lie below 2^52")]
    [InlineData("02000000000000001F01000000000000000000000000000078000000000000000000000000000000", "a processor that is none of")]
    [InlineData("02000000000000004F01000000000000000000000000000020000000000000000000000000000000", "a name that is empty or has blanks")]
    [InlineData("02000000000000004F01000000000000000000000000000061000000000000000000000000000001", "bits that mean nothing")]
    [InlineData("02000000000000004F000100000000000000000000000000", "bits that mean nothing")]
    [InlineData("02000000000000004F010000000000000100000000000000", "bits that mean nothing")]
    [InlineData("02000000000000004F010000000000000000000000000000", "is cut in a name")]
    [InlineData("02000000000000008F02000000000000000000000000000007000000000000000000000000000000", "a name that is not defined")]
    [InlineData("02000000000000008F20000000000000000000000000000007000000000000000000000000000000", "bits that mean nothing")]
    [InlineData("02000000000000008F00000000000000050000000000000007000000000000000000000000000000", "bits that mean nothing")]
    [InlineData("02000000000000008F18000000000000000000000000000007000000000000000000000000000000", "a leaf that is none of")]
    [InlineData("02000000000000008F04000000000000010000800000000007000000000000000000000000000000", "a result that is no number")]
    [InlineData("02000000000000008F00000001000000000000000000000007000000000000000000000000000000", "bits that mean nothing")]
    [InlineData("02000000000000008F0000000100000000000000000000000C0000FFFFFFFFFF0000000000000000", "pages that reach beyond 2^52")]
    [InlineData("0200000000000000070000FFFFFFFFFF0000000100000000", "pages that reach beyond 2^52")]
    [InlineData("020000000000000007000000000000000000000000040000", "a number of pages that is not 1 to 2^18")]
    [InlineData("020000000000000047000000000000000000000000000000", "bits that mean nothing")]
    [InlineData("020000000000000007008000000000000000000000000000", "bits that mean nothing")]
    [InlineData("02000000000000000700000000000000", "a record that is cut")]
    [InlineData("02000000000000005F000000000000000000000000000000", "a record that is cut")]
    [InlineData("02000000000000000F", "is cut in a record")]
    [InlineData("02000000000000009F00000000000000000000000000000001000000000000000000000000000000", "a half is missing")]
    [InlineData("0200000000000000AF00000000000000000000000000000001000000000000000000000000000000", "a half is missing")]
    [InlineData(
        "02000000000000009F000000000000000000000000000000AF00000000000000000000000000000007000000000000000000000000000000",
        "bits that mean nothing")]
    [InlineData(
        "02000000000000009F000000000000000000000000000000AF00000000000000000000000000000041000000000000000000000000000000",
        "bits that mean nothing")]
    [InlineData("02000000000000007F00000000000000020010000000000007000000000000000000000000000000", "a processor above 2^20")]
    [InlineData("02000000000000006F00000000000000000000000000000007000000000000000000000000000000", "a number of a line that is not above")]
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
    public void Memory_that_was_given_back_is_not_read()
    {
        RmpTrace trace = Read(Written([Event(new Random(25), 1)]));
        trace.Store.Release();
        Assert.Throws<ObjectDisposedException>(() => trace.Events.Length);
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

        Assert.Equal(Allocated(Written(events.AsSpan(0, 4500))), Allocated(Written(events))); // in as many slabs
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
