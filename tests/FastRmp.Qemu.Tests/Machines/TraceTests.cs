using System;
using System.IO;
using System.Text;
using FastRmp.Images;
using FastRmp.Qemu.Tests.Support;
using Xunit;

namespace FastRmp.Qemu.Tests.Machines;

public sealed class TraceTests
{
    [Fact]
    public void What_is_written_is_an_RMP_trace()
    {
        using TestHost host = new("turin", bytes: 0xC000_0000UL);
        RmpUpdateOperand operand = new() { Gpa = 0x8000_0000UL, Assigned = true, PageSize = PageSize.Size2M, Asid = 9 };
        host.Step(WatchedInstruction.RmpUpdate); // #UD
        host.Enabled();
        host.RmpUpdate(0x40_0000UL, operand);
        host.RmpUpdate(0x40_1000UL, operand with { PageSize = PageSize.Size4K });
        host.Processor[GuestRegister.Rax] = 0x40_0000UL;
        host.Step(WatchedInstruction.PSmash);
        host.Step(WatchedInstruction.RmpRead);
        host.Core.State = GuestState.Of(host.Processor);
        StoreCheck.Judge(host.Machine, host.Core, TestRam.Direct + 0x40_2000UL, 0x40_2000UL, TestHost.Rip);

        using MemoryStream text = new(Encoding.UTF8.GetBytes(host.Trace.ToString()));
        RmpTrace trace = RmpTrace.Read(text, "trace");
        Assert.Equal(0, trace.Problems.Count);
        Assert.Equal("turin", trace.Processor?.Name);
        Assert.Equal(
            [new PhysicalRange(default, 0x8000_0000UL), new PhysicalRange(PhysicalAddress.Create(1UL << 32), 0x4000_0000UL)],
            trace.Ram.ToArray());
        Assert.Equal(2, trace.Count(RmpTraceEventKind.RmpUpdate));
        Assert.Equal(1, trace.Count(RmpTraceEventKind.PSmash));
        Assert.Equal(1, trace.Count(RmpTraceEventKind.Fault));
        RmpTraceEvent first = trace.Events[0];
        foreach (RmpTraceEvent found in trace.Events)
        {
            if (found.Kind != RmpTraceEventKind.RmpUpdate) continue;
            first = found;
            break;
        }

        Assert.Equal((operand, 0x40_0000UL, 0, 0), (first.Operand, first.Page.Value, first.Code, first.Processor));
    }

    [Fact]
    public void Its_first_bytes_say_so()
    {
        using TestHost host = new();
        Assert.True(RmpTrace.IsHead(Encoding.UTF8.GetBytes(host.Trace.ToString())));
    }

    [Fact]
    public void A_full_disk_ends_the_trace_and_not_the_machine()
    {
        using FullStream disk = new();
        EventLog events = new(new StreamWriter(disk), TimeProvider.System);
        Assert.True(events.IsOn);
        for (int i = 0; i < 1000; i++) events.Write(0, $"psmash spa=0x{i:x} -> 0 SUCCESS");
        events.Flush();
        Assert.False(events.IsOn);
        Assert.Equal("full", events.Problem);
        events.Write(0, $"snp on");
        events.Flush();
    }

    [Fact]
    public void What_is_older_than_a_second_is_in_the_file_if_more_follows()
    {
        using MemoryStream file = new();
        Clock clock = new();
        EventLog events = new(new StreamWriter(file), clock);
        events.Write(0, $"snp on");
        Assert.Equal(0, file.Length);
        clock.Seconds = 2;
        events.Write(1, $"snp on");
        Assert.Equal("0.000000 cpu0 snp on\n2.000000 cpu1 snp on\n", Encoding.UTF8.GetString(file.ToArray()));
        Assert.Null(events.Problem);
    }

    [Fact]
    public void The_report_says_that_a_segmented_RMP_was_not_used()
    {
        const string Note = "fastrmp: note: SNP was not turned on; Linux knows a segmented RMP from 6.14 on\n";
        using TestHost host = new("turin", segmented: true);
        Assert.Contains(Note, MachineReport.Of(host.Machine), StringComparison.Ordinal);
        host.Enabled();
        Assert.DoesNotContain(Note, MachineReport.Of(host.Machine), StringComparison.Ordinal);
    }

    private sealed class FullStream : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("full");

        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("full");
    }

    private sealed class Clock : TimeProvider
    {
        internal int Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
