using System;
using System.IO;
using System.Text;
using FastRmp.Images.Tests.Support;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.RmpTraces;

public class RmpTraceLineTests
{
    private static readonly RmpUpdateOperand Operand = new() { Assigned = true, Asid = 5, Gpa = 0x1234_5000 };

    [Theory]
    [InlineData("rmpupdate spa=5605000 size=4k assigned=1 asid=5 gpa=12345000 immutable=0 -> 0 SUCCESS")]
    [InlineData("rmpupdate spa=0x5605000 assigned=1 asid=5 gpa=0x12345000 -> 0")]
    [InlineData("RMPUPDATE 5605000 4k assigned 1 asid 5 gpa 12345000 immutable 0 -> 0 SUCCESS")]
    [InlineData("RMPUPDATE spa=5605000 raw=00503412000000000100000005000000 -> 0 SUCCESS")]
    [InlineData("rmpupdate  gpa=12345000\tassigned=1 later=7 asid=5 spa=5605000 -> 0 SUCCESS")]
    public void Every_form_of_an_RMPUPDATE_says_the_same(string line)
    {
        RmpTraceEvent one = Only(line);
        RmpTraceEvent expected = new()
        {
            Kind = RmpTraceEventKind.RmpUpdate,
            Processor = -1,
            Page = Page(0x560_5000),
            Operand = Operand,
            Line = 1,
        };
        Assert.Equal(expected, one);
    }

    [Fact]
    public void Time_and_processor_come_first()
    {
        RmpTraceEvent one = Only("12.5 cpu3 psmash spa=5c00000 -> 7 FAIL_BADADDR (injected)");
        Assert.Equal((12_500_000_000UL, 3, 7, true), (one.Nanoseconds, one.Processor, one.Code, one.IsInjected));
        Assert.Equal(3, Only("cpu3 psmash 5c00000 -> 0").Processor);
        Assert.Equal(1UL, Only("0.000000001: psmash 5c00000 -> 0").Nanoseconds);
    }

    [Theory]
    [InlineData("fw snp_init -> ok", "snp_init", 0, 0)]
    [InlineData("firmware launch_update spa=2c45000 -> 0x1d", "launch_update", 0x2C4_5000, 0x1D)]
    [InlineData("fw page_reclaim 2745000 -> ok", "page_reclaim", 0x274_5000, 0)]
    public void A_firmware_command_has_a_name_a_status_and_perhaps_a_page(string line, string command, ulong page, int code)
    {
        RmpTraceEvent one = Only(line);
        Assert.Equal(
            (RmpTraceEventKind.Firmware, command, page, code), (one.Kind, one.Command, one.Page.Value, one.Code));
    }

    [Fact]
    public void What_a_later_version_adds_is_counted_and_passed_over()
    {
        RmpTrace trace = Read("rmpadjust spa=zz vmpl=1\nsplit spa=200000 size=2m reason=cpa\njoin spa=40000000 size=1g");
        Assert.False(trace.Problems.Any);
        Assert.Equal(
            (1L, 1L, 1L),
            (trace.Count(RmpTraceEventKind.Other), trace.Count(RmpTraceEventKind.Split), trace.Count(RmpTraceEventKind.Join)));
        Assert.Equal("rmpadjust", trace.Events[0].Command);
        Assert.Equal(PageSize.Size1G, trace.Events[2].Size);
    }

    [Fact]
    public void The_machine_is_stated_in_lines_of_its_own()
    {
        RmpTrace trace = Read(
            "# fastrmp rmp trace 1\nram 100000-7ffdefff 0-9ffff\nprocessor milan\nmapped 4k 0-1fffff\nwrite spa=1000\n\n");
        Assert.False(trace.Problems.Any);
        Assert.Equal(2, trace.Ram.Length);
        Assert.Equal(new PhysicalRange(Page(0x10_0000), 0x7FED_F000), trace.Ram[0]);
        Assert.Equal(ProcessorModel.Milan, trace.Processor);
        Assert.Equal(0x20_0000UL, trace.Mapped4K[0].Length);
        Assert.Equal((5, 0x2000UL), (trace.Events[0].Line, trace.End));
    }

    [Theory]
    [InlineData("rmpupdate assigned=1 -> 0", "line 1: an event without a page (spa=)")]
    [InlineData("rmpupdate spa=1000 assigned=1", "line 1: an instruction without its result (-> CODE)")]
    [InlineData("rmpupdate spa=1000 -> 0", "line 1: an rmpupdate without the state asked for (assigned=)")]
    [InlineData("rmpupdate spa=10000000000000 assigned=1 -> 0", "line 1: an address that is no hexadecimal number below 2^52")]
    [InlineData("rmpupdate spa= assigned=1 -> 0", "line 1: an address that is no hexadecimal number below 2^52")]
    [InlineData("rmpupdate spa=1000 assigned=2 -> 0", "line 1: a number that is none, or too large for its field")]
    [InlineData("rmpupdate spa=1000 assigned=1 asid=4294967296 -> 0", "line 1: a number that is none, or too large for its field")]
    [InlineData("rmpupdate spa=1000 assigned=1 size=1g -> 0", "line 1: a page size that is none (4k, 2m), or not one of this event")]
    [InlineData("rmpupdate spa=1000 raw=0050 -> 0", "line 1: an operand (raw=) that is not of 32 hexadecimal digits")]
    [InlineData("split spa=1000 size=4k", "line 1: a page size that is none (4k, 2m), or not one of this event")]
    [InlineData("convert spa=1000 asid=1", "line 1: a conversion that goes neither to private nor to shared (to=)")]
    [InlineData("convert spa=1000 to=both", "line 1: a conversion that goes neither to private nor to shared (to=)")]
    [InlineData("convert to=shared", "line 1: an event without a page (spa=)")]
    [InlineData("convert spa=1000 to=private size=1g", "line 1: a page size that is none (4k, 2m), or not one of this event")]
    [InlineData("write spa=1000 pages=0", "line 1: a number of pages (pages=) that is not 1 to 2^18, or reaches beyond 2^52")]
    [InlineData("write spa=1000 pages=262145", "line 1: a number of pages (pages=) that is not 1 to 2^18, or reaches beyond 2^52")]
    [InlineData("read spa=ffffffffff000 pages=2", "line 1: a number of pages (pages=) that is not 1 to 2^18, or reaches beyond 2^52")]
    [InlineData("psmash spa=0 pages=2 -> 0", "line 1: a number of pages (pages=) that is not 1 to 2^18, or reaches beyond 2^52")]
    [InlineData("write spa=1000 new=2", "line 1: a number that is none, or too large for its field")]
    [InlineData("dma spa=1000 write=yes", "line 1: a number that is none, or too large for its field")]
    [InlineData("guest spa=1000 asid=x", "line 1: a number that is none, or too large for its field")]
    [InlineData("pvalidate spa=1000 valid=1", "line 1: an instruction without its result (-> CODE)")]
    [InlineData("unsmash spa=200000", "line 1: an instruction without its result (-> CODE)")]
    [InlineData("mark", "line 1: a mark without a name")]
    [InlineData("1.0 cpu1", "line 1: is no event: [TIME] [cpuN] VERB FIELDS [-> RESULT]")]
    [InlineData("-> 0", "line 1: is no event: [TIME] [cpuN] VERB FIELDS [-> RESULT]")]
    [InlineData("processor z80", "line 1: a processor that is none of milan, genoa, turin, venice")]
    [InlineData("ram 2000-1fff", "line 1: a range that is not START-LAST in hexadecimal")]
    [InlineData("mapped 2m 0-1fff", "line 1: a page size that is none (4k, 2m), or not one of this event")]
    public void A_line_that_does_not_parse_is_named_with_its_number(string line, string problem)
    {
        RmpTrace trace = Read(line);
        Assert.Equal($"in: {problem}", trace.Problems.First[0].ToString());
        Assert.Equal(0, trace.Events.Length);
    }

    [Theory]
    [InlineData("", "in: the file is empty")]
    [InlineData("# fastrmp rmp trace 1\n", "in: the trace has no event (rmpupdate, psmash, write, ...)")]
    public void A_trace_without_an_event_is_a_problem(string text, string problem) =>
        Assert.Equal(problem, Read(text).Problems.First[0].ToString());

    [Fact]
    public void Any_event_survives_being_written_and_read()
    {
        Random random = new(3);
        for (int i = 0; i < 2000; i++)
        {
            RmpTraceEvent written = Any(random);
            string line = written.ToString();
            RmpTrace trace = Read(line);
            Assert.True(!trace.Problems.Any, line);
            Assert.Equal(written, trace.Events[0]);
        }
    }

    [Fact]
    public void What_is_read_from_a_damaged_line_survives_being_written_and_read()
    {
        Random random = new(5);
        Mutator mutator = new(6);
        int events = 0;
        for (int i = 0; i < 4000; i++)
        {
            byte[] line = mutator.Mutate(Encoding.Latin1.GetBytes(Any(random).ToString()), head: int.MaxValue);
            RmpTrace trace = RmpTrace.Read(new MemoryStream(line), "in");
            foreach (RmpTraceEvent one in trace.Events)
            {
                if (one.Kind == RmpTraceEventKind.Other || (one.Kind == RmpTraceEventKind.Firmware && one.Command is null)) continue;
                events++;
                RmpTrace again = RmpTrace.Read(new MemoryStream(Encoding.Latin1.GetBytes(one.ToString())), "in");
                Assert.Equal(one with { Line = 1 }, Assert.Single(again.Events.ToArray()));
            }
        }

        Assert.InRange(events, 300, 8000);
    }

    [Fact]
    public void An_event_that_is_written_allocates_nothing()
    {
        const int Events = 1000;
        string[] lines =
        [
            "1.5 cpu3 rmpupdate spa=201000 size=4k assigned=1 asid=5 gpa=12345000 immutable=0 -> 0 SUCCESS",
            "rmpupdate spa=1000 raw=ffffffffffffffffffffffffffffffff -> 6",
            "write spa=1000 pages=7 new=1 class=swiotlb", "convert spa=400000 pages=512 size=2m asid=1 gpa=0 to=private",
            "psmash spa=400000 -> 3 FAIL_BADADDR", "firmware launch_update spa=1000 -> 21",
        ];
        RmpTraceEvent[] events = Read(string.Join('\n', lines)).Events.ToArray();
        Assert.Equal(lines.Length, events.Length);
        using RmpTextWriter writer = new(Stream.Null, "out");
        for (int kind = 0; kind < events.Length; kind++)
        {
            RmpTraceEvent one = events[kind];
            long allocated = Allocations.Least(() => Allocations.Of(() =>
            {
                for (int i = 0; i < Events; i++)
                {
                    writer.Write(one);
                }
            }));
            Assert.True(allocated < Events, $"{lines[kind]}: {allocated}"); // a buffer's worth of text now and then has some bytes
        }
    }

    [Theory]
    [InlineData("\n\n  rmpupdate spa=1000 assigned=1 -> 0", true)]
    [InlineData("# fastrmp rmp trace 1\nram 0-1fff", true)]
    [InlineData("# a comment\n0.5 cpu0 write spa=1000", true)]
    [InlineData("cpu0 RMPUPDATE 3400000 4k assigned 1 -> 0 SUCCESS", true)]
    [InlineData("# tracer: nop\n   kworker-1 [000] 1.0: mm_page_alloc: page=0 pfn=0x1", false)]
    [InlineData("write-123 [000] 1.0: mm_page_alloc: pfn=1", false)]
    [InlineData("", false)]
    public void Its_first_line_tells_it_from_other_texts(string text, bool isTrace) =>
        Assert.Equal(isTrace, RmpTrace.IsHead(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Guests_devices_and_firmware_have_verbs()
    {
        RmpTrace trace = Read(
            """
            0.1 cpu0 unsmash spa=200000 -> 0
            0.2 cpu1 pvalidate spa=201000 size=4k asid=5 gpa=7000 valid=1 -> 0
            0.3 dma spa=300000 pages=16 write=1
            0.4 guest spa=201000 asid=5 gpa=7000 private=1 write=0
            0.5 convert spa=200000 pages=512 size=2m asid=5 gpa=40000000 to=private new=1
            0.6 convert spa=201000 pages=3 to=shared
            0.7 write spa=201000 pages=3 class=swiotlb
            0.8 mark booted
            """);
        Assert.False(trace.Problems.Any);
        Assert.Equal(
            [RmpTraceEventKind.Unsmash, RmpTraceEventKind.PValidate, RmpTraceEventKind.Dma, RmpTraceEventKind.Guest,
                RmpTraceEventKind.Convert, RmpTraceEventKind.Convert, RmpTraceEventKind.Write, RmpTraceEventKind.Mark],
            Array.ConvertAll(trace.Events.ToArray(), static one => one.Kind));
        Assert.Equal((5U, 0x7000UL, true), (trace.Events[1].Operand.Asid, trace.Events[1].Operand.Gpa, trace.Events[1].Operand.Assigned));
        Assert.Equal((16, true), (trace.Events[2].Pages, trace.Events[2].IsWrite));
        Assert.Equal((true, false), (trace.Events[3].Operand.Assigned, trace.Events[3].IsWrite));
        Assert.Equal((512, PageSize.Size2M, true), (trace.Events[4].Pages, trace.Events[4].Operand.PageSize, trace.Events[4].IsNew));
        Assert.False(trace.Events[5].Operand.Assigned);
        Assert.Equal(("swiotlb", "booted"), (trace.Events[6].Command, trace.Events[7].Command));
        Assert.Equal(0x40_0000UL, trace.End);
    }

    private static RmpTraceEvent Any(Random random)
    {
        RmpTraceEventKind kind = (RmpTraceEventKind)random.Next(1, 15);
        bool hasResult = RmpTraceEvent.HasResult(kind);
        bool isMap = kind is RmpTraceEventKind.Split or RmpTraceEventKind.Join;
        bool isGuest = kind is RmpTraceEventKind.PValidate or RmpTraceEventKind.Guest or RmpTraceEventKind.Convert;
        bool hasPages = kind is RmpTraceEventKind.Write or RmpTraceEventKind.Read or RmpTraceEventKind.Dma or RmpTraceEventKind.Guest
            or RmpTraceEventKind.Convert;
        return new RmpTraceEvent
        {
            Kind = kind,
            Line = 1,
            Nanoseconds = random.Next(2) == 0 ? 0 : (ulong)random.NextInt64(1L << 56),
            Processor = random.Next(2) == 0 ? RmpTraceEvent.NoProcessor : random.Next(1 << 20),
            Page = kind == RmpTraceEventKind.Mark ? default : Page((ulong)random.NextInt64(1L << 51)),
            Pages = hasPages && random.Next(2) == 0 ? random.Next(1, RmpTraceEvent.MostPages + 1) : 1,
            Command = kind switch
            {
                RmpTraceEventKind.Firmware => "launch_update",
                RmpTraceEventKind.Mark => "booted",
                RmpTraceEventKind.Write when random.Next(2) == 0 => "swiotlb",
                _ => null,
            },
            Size = isMap ? (PageSize)random.Next(1, 3) : default,
            Operand = kind == RmpTraceEventKind.RmpUpdate || isGuest
                ? new RmpUpdateOperand
                {
                    Gpa = (ulong)random.NextInt64(),
                    Assigned = random.Next(2) == 0,
                    Immutable = !isGuest && random.Next(2) == 0,
                    PageSize = (PageSize)random.Next(2),
                    Asid = (uint)random.Next(),
                }
                : default,
            IsNew = kind is RmpTraceEventKind.Write or RmpTraceEventKind.RmpUpdate or RmpTraceEventKind.Convert && random.Next(2) == 0,
            IsWrite = kind is RmpTraceEventKind.Dma or RmpTraceEventKind.Guest && random.Next(2) == 0,
            Code = hasResult ? random.Next(-1, 10) : RmpTraceEvent.NoCode,
            IsInjected = hasResult && random.Next(2) == 0,
        };
    }

    private static RmpTraceEvent Only(string line)
    {
        RmpTrace trace = Read(line);
        Assert.False(trace.Problems.Any);
        Assert.Equal(1, trace.Events.Length);
        return trace.Events[0];
    }

    private static RmpTrace Read(string text) => RmpTrace.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "in");

    private static PhysicalAddress Page(ulong address) => PhysicalAddress.Create(address);
}
