using System;
using System.Text;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.RmpTraces;

/// <summary>A line that is read in one pass means what it means to the reader of all lines.</summary>
public sealed class CommonRmpLineTests
{
    private static readonly string[] Parts =
    [
        "0", "1", "9", "a", "f", "F", "x", ".", " ", "\t", "->", " -> 0", " -> 4 FAIL_OVERLAP", " -> 0 SUCCESS (injected)", " -> ok", "\r",
        "new=1", " new=0", " class=x", " pages=2", " pages=0", "pages=262145", "4294967296", "fffffffffffff000", "cpu1 ", "CPU1 ", "#", ">",
        " size=1g", "=", "-", "+", ":", "00000000000000000", "1.5 ", "0.000000001 ", "12345678901.000000000 ", "spa=1000", " spa=2000",
    ];

    [Theory]
    [InlineData("0.104233000 cpu0 rmpupdate spa=5605000 size=4k assigned=1 asid=5 gpa=12345000 immutable=0 -> 0 SUCCESS")]
    [InlineData("rmpupdate spa=200000 size=2m assigned=1 asid=999999999 gpa=ffffffffffffffff immutable=1 new=1 -> 4 FAIL_OVERLAP")]
    [InlineData("12.000000001 psmash spa=5c00000 -> 7")]
    [InlineData("999999999.999999999 cpu1048576 write spa=fffffffffffff")]
    [InlineData("write spa=ffffffffff000 pages=1 new=1")]
    public void What_a_trace_is_written_with_is_read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        byte[] line = Encoding.ASCII.GetBytes(text);
        Assert.Equal(text.EndsWith("fffffffffffff", StringComparison.Ordinal), !CommonRmpLine.TryRead(line, out RmpTraceEvent one));
        if (one != default) AssertSame(line, one);
    }

    [Fact]
    public void Other_lines_are_left_or_mean_the_same()
    {
        Random random = new(41);
        int read = 0;
        int left = 0;
        for (int round = 0; round < 60_000; round++)
        {
            string text = Line(random);
            for (int change = random.Next(4); change > 0; change--)
            {
                int at = random.Next(text.Length + 1);
                string part = Parts[random.Next(Parts.Length)];
                text = random.Next(3) switch
                {
                    0 => text.Insert(at, part),
                    1 => text[..at] + text[Math.Min(text.Length, at + random.Next(1, 4))..],
                    _ => text[..at] + part + text[Math.Min(text.Length, at + part.Length)..],
                };
            }

            byte[] line = Encoding.Latin1.GetBytes(text);
            if (CommonRmpLine.TryRead(line, out RmpTraceEvent one))
            {
                AssertSame(line, one);
                read++;
            }
            else
            {
                left++;
            }
        }

        Assert.InRange(read, 10_000, int.MaxValue);
        Assert.InRange(left, 10_000, int.MaxValue);
    }

    [Fact]
    public void Most_of_a_real_kernels_trace_is_read_so()
    {
        RmpTrace trace = RmpTrace.Open(Fixture.PathOf("real-kernel/module-6.12.trace.txt.gz"));
        int updates = 0;
        foreach (RmpTraceEvent one in trace.Events)
        {
            if (one.Kind != RmpTraceEventKind.RmpUpdate || one.IsInjected || one.Operand.HasReservedBits) continue;
            Assert.True(CommonRmpLine.TryRead(Encoding.ASCII.GetBytes(one.ToString()), out RmpTraceEvent again));
            Assert.Equal(one, again with { Line = one.Line });
            updates++;
        }

        Assert.InRange(updates, 100, int.MaxValue);
    }

    private static void AssertSame(byte[] line, RmpTraceEvent one)
    {
        RmpTraceLineStatus status = RmpTraceLineParser.Parse(
            LinePrefixes.Unquoted(line, 1), out RmpTraceEvent expected, out ReadOnlySpan<byte> verb, out _);
        Assert.Equal(RmpTraceLineStatus.Event, status);
        Assert.True(verb.IsEmpty);
        Assert.Equal(expected, one);
    }

    private static string Line(Random random)
    {
        RmpTraceEvent one = new()
        {
            Kind = random.Next(3) switch { 0 => RmpTraceEventKind.RmpUpdate, 1 => RmpTraceEventKind.PSmash, _ => RmpTraceEventKind.Write },
            Nanoseconds = random.Next(2) == 0 ? 0 : (ulong)random.NextInt64(1L << 60),
            Processor = random.Next(2) == 0 ? RmpTraceEvent.NoProcessor : random.Next(1 << 20),
            Page = PhysicalAddress.Create((ulong)random.NextInt64(1L << random.Next(12, 53))),
            Operand = new RmpUpdateOperand
            {
                Assigned = random.Next(2) == 0,
                Asid = (uint)random.Next(1100),
                Gpa = (ulong)random.NextInt64(),
            },
            IsNew = random.Next(2) == 0,
            Code = random.Next(9),
        };
        return (one.Kind == RmpTraceEventKind.Write ? one with { Pages = random.Next(1, 600) } : one).ToString();
    }
}
