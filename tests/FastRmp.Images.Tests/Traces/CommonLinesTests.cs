using System;
using System.Text;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Traces;

/// <summary>Whatever the quick reader takes, the other one reads in the same way.</summary>
public sealed class CommonLinesTests
{
    private const int Rounds = 100_000;

    private static readonly string[] Lines =
    [
        "     busybox-vm1-12      [001] .....     4.123456: mm_page_alloc: page=00000000aa pfn=0x205 order=0 migratetype=1 gfp_flags=GFP_HIGHUSER_MOVABLE|__GFP_ZERO",
        "     busybox-vm1-12      [000] d..1.     4.123457: mm_page_free: page=0xffffea0000008140 pfn=0x205 order=9",
        "            sh-10447   [003] d.h4  1234.5: mm_page_alloc: page=000000005d3cb6f4 pfn=0x1f order=3 migratetype=0 gfp_flags=0",
        "            sh-10447   [003]  1234.567890123: mm_page_free: page=000000005d3cb6f4 pfn=0x1ffffffff order=3",
        "     busybox-vm1-12      [001] .....     4.123456: mm_page_free_batched: page=00000000aa pfn=0x205 order=0",
        "           <...>-10447   (   1023) [003] .... 12.5: mm_page_free: page=00 pfn=0x3 order=8",
        "  [ 1.234567] a b [0]-7-9999    [003] .N.. 12.5: mm_page_free: page=00 pfn=0x3 order=8",
    ];

    [Fact]
    public void Common_lines_are_read_here()
    {
        foreach (string text in Lines)
        {
            byte[] line = Encoding.UTF8.GetBytes(text);
            CommonLines common = new();
            byte[] before = Encoding.UTF8.GetBytes(text.Replace("_batched", string.Empty, StringComparison.Ordinal));
            Assert.True(IsSame(common, before, out bool isTaken), text);
            Assert.False(isTaken);
            Assert.True(IsSame(common, line, out isTaken), text);
            Assert.True(isTaken, text);
        }
    }

    [Fact]
    public void What_is_taken_is_what_the_other_reader_reads()
    {
        const string Bytes = " \t:|[]()-.0123456789abcdefxX=#>\0~mmp_";
        Random random = new(5);
        CommonLines common = new();
        int taken = 0;
        byte[] line = [];
        for (int round = 0; round < Rounds; round++)
        {
            if (round % 16 == 0) line = Encoding.UTF8.GetBytes(Lines[random.Next(Lines.Length)]);
            byte[] mutated = (byte[])line.Clone();
            for (int change = random.Next(3); change > 0; change--)
            {
                int at = random.Next(mutated.Length);
                byte one = (byte)(random.Next(8) == 0 ? random.Next(256) : Bytes[random.Next(Bytes.Length)]);
                mutated = random.Next(4) switch
                {
                    0 => [.. mutated[..at], .. mutated[(at + 1)..]],
                    1 => [.. mutated[..at], one, .. mutated[at..]],
                    2 when at > 0 => mutated[..at],
                    _ => [.. mutated[..at], one, .. mutated[(at + 1)..]],
                };
                if (mutated.Length == 0) mutated = [one];
            }

            Assert.True(IsSame(common, mutated, out bool isTaken), Encoding.Latin1.GetString(mutated));
            if (isTaken) taken++;
        }

        Assert.InRange(taken, Rounds / 10, Rounds);
    }

    [Fact]
    public void Nearly_all_of_the_recorded_trace_is_taken()
    {
        CommonLines common = new();
        long events = 0;
        long taken = 0;
        using InputStream stream = InputStream.Open(Fixture.PathOf("page-trace/trace.txt.gz"));
        using LineReader lines = new(stream);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            Assert.True(IsSame(common, line, out bool isTaken));
            PageLine parsed = new() { PassesLists = true };
            if (PageLineParser.Parse(line, ref parsed) is PageLineStatus.Event or PageLineStatus.Passed) events++;
            if (isTaken) taken++;
        }

        Assert.InRange(taken, events * 98 / 100, events);
    }

    // Reads a line as the reader of traces does, quickly and slowly.
    private static bool IsSame(CommonLines common, ReadOnlySpan<byte> line, out bool isTaken)
    {
        PageLine quick = new() { PassesLists = true };
        PageLine slow = new() { PassesLists = true };
        PageLineStatus status = PageLineParser.Parse(line, ref slow);
        int task = status == PageLineStatus.Event ? Number(slow.Task) : 0;
        PageLineStatus quickStatus = common.Parse(line, ref quick, out int quickTask, out ulong quickTime);
        isTaken = quickStatus != PageLineStatus.Other;
        bool isSame = true;
        if (quickStatus == PageLineStatus.Passed)
        {
            isSame = (status, slow.Name) == (quickStatus, quick.Name);
        }
        else if (isTaken)
        {
            _ = LineTime.TryParse(line, out ulong time);
            isSame = status == PageLineStatus.Event
                && (quick.Name, quick.Kind, quick.Frame) == (slow.Name, slow.Kind, slow.Frame)
                && (quick.Order, quick.IsMovable) == (slow.Order, slow.IsMovable)
                && (quickTask, quickTime) == (task, time)
                && slow.HasTask && slow.Processor == PageLine.NoProcessor && LinePrefixes.Unquoted(line, 2) == line;
        }
        else if (status == PageLineStatus.Event)
        {
            common.Learn(line, slow, task);
        }

        return isSame;
    }

    // Stands for the table of tasks: a number by content.
    private static int Number(ReadOnlySpan<byte> name)
    {
        HashCode code = default;
        code.AddBytes(name);
        return code.ToHashCode();
    }
}
