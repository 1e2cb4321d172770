using System;
using System.IO;
using System.Text;
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
        RmpTrace trace = Read("convert spa=zz to=shared\nsplit spa=200000 size=2m reason=cpa\njoin spa=40000000 size=1g");
        Assert.False(trace.Problems.Any);
        Assert.Equal(
            (1L, 1L, 1L),
            (trace.Count(RmpTraceEventKind.Other), trace.Count(RmpTraceEventKind.Split), trace.Count(RmpTraceEventKind.Join)));
        Assert.Equal("convert", trace.Events[0].Command);
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

    private static RmpTraceEvent Any(Random random)
    {
        RmpTraceEventKind kind = (RmpTraceEventKind)random.Next(1, 9);
        bool hasResult = kind is RmpTraceEventKind.RmpUpdate or RmpTraceEventKind.PSmash or RmpTraceEventKind.Firmware;
        bool isMap = kind is RmpTraceEventKind.Split or RmpTraceEventKind.Join;
        return new RmpTraceEvent
        {
            Kind = kind,
            Line = 1,
            Nanoseconds = random.Next(2) == 0 ? 0 : (ulong)random.NextInt64(1L << 56),
            Processor = random.Next(2) == 0 ? RmpTraceEvent.NoProcessor : random.Next(1 << 20),
            Page = Page((ulong)random.NextInt64(1L << 52)),
            Command = kind == RmpTraceEventKind.Firmware ? "launch_update" : null,
            Size = isMap ? (PageSize)random.Next(1, 3) : kind == RmpTraceEventKind.RmpUpdate ? PageSize.Size4K : default,
            Operand = kind == RmpTraceEventKind.RmpUpdate
                ? new RmpUpdateOperand
                {
                    Gpa = (ulong)random.NextInt64(),
                    Assigned = random.Next(2) == 0,
                    Immutable = random.Next(2) == 0,
                    Asid = (uint)random.Next(),
                }
                : default,
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
