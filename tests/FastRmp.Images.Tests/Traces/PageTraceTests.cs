using System;
using System.IO;
using System.Text;
using FastRmp.Images.Tests.Support;
using FastRmp.Images.Traces;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Traces;

public class PageTraceTests
{
    private const string Good = "a-1 [1] . 1: mm_page_free: page=a pfn=0x10 order=1\n";
    private const string Bad = "a-1 [1] . 1: mm_page_free: page=a pfn=zz order=1\n";

    [Fact]
    public void Broken_lines_are_reported_with_their_number_and_the_rest_is_read()
    {
        using PageTrace trace = Read("# comment\n" + Good + Bad + "\n" + Good + Bad);
        Assert.Equal(2, trace.EventCount);
        Assert.Equal(2, trace.Problems.Count);
        Assert.Equal("in: line 3: a page event without a page frame number (pfn=)", trace.Problems.First[0].ToString());
        Assert.Equal(6, trace.Problems.First[1].Line);
        Assert.Equal(0x11UL, trace.HighestFrame);
        Assert.Equal(6, trace.LineCount);
    }

    [Fact]
    public void Ten_broken_lines_are_kept_and_all_are_counted()
    {
        StringBuilder text = new();
        for (int line = 0; line < 5000; line++)
        {
            text.Append(Bad);
        }

        using PageTrace trace = Read(text.ToString());
        Assert.Equal(5000, trace.Problems.Count);
        Assert.Equal(10, trace.Problems.First.Length);
        Assert.Equal(10, trace.Problems.First[^1].Line);
    }

    [Theory]
    [InlineData("", "in: the file is empty")]
    [InlineData("# tracer: nop\n", "in: the trace has neither an mm_page_alloc nor an mm_page_free event")]
    [InlineData("a-1 [1] . 1: mm_page_free_batched: page=a pfn=0x10 order=1\n", "in: the trace has neither an mm_page_alloc nor an mm_page_free event")]
    public void A_trace_without_an_event_is_a_problem(string text, string message)
    {
        using PageTrace trace = Read(text);
        Assert.Equal(1, trace.Problems.Count);
        Assert.Equal(message, trace.Problems.First[0].ToString());
        Assert.False(trace.Blocks.MoveNext());
        Assert.True(trace.Tasks.IsEmpty);
    }

    [Fact]
    public void Lost_events_are_a_sum_and_no_problem()
    {
        using PageTrace trace = Read(Good + "CPU:0 [LOST 20 EVENTS]\nCPU:1 [LOST EVENTS]\nCPU:1 [LOST 3 EVENTS]\n");
        Assert.Equal(23UL, trace.LostEvents);
        Assert.Equal(3, trace.LostNotes);
        Assert.Equal(0, trace.Problems.Count);
    }

    [Fact]
    public void A_line_that_is_too_long_is_a_problem_and_the_next_is_read()
    {
        using PageTrace trace = Read(Good + new string('x', 3 << 20) + "\n" + Good);
        Assert.Equal(2, trace.EventCount);
        Assert.Equal("in: line 2: is too long for a line of a trace", trace.Problems.First[0].ToString());
    }

    [Fact]
    public void A_stream_that_breaks_keeps_what_came_before_but_not_the_half_line()
    {
        using DripStream stream = new(Encoding.ASCII.GetBytes(Good + Good[..^2]), 7, breaks: true);
        using PageTrace trace = PageTrace.Read(stream, "in");
        Assert.Equal(1, trace.EventCount);
        Assert.Equal("in: line 2: cannot be read: the disk is gone", trace.Problems.First[0].ToString());
    }

    [Fact]
    public void Tasks_are_numbered_by_first_appearance_and_told_apart_by_bytes()
    {
        StringBuilder text = new();
        for (int task = 0; task < 3000; task++)
        {
            text.Append('t').Append(task % 1000).Append(Good[1..]);
        }

        using PageTrace trace = Read(text.ToString());
        Assert.Equal(1000, trace.Tasks.Length);
        int expected = 0;
        foreach (ReadOnlySpan<PageEvent> block in trace.Blocks)
        {
            foreach (PageEvent item in block)
            {
                Assert.Equal(expected % 1000, item.Task);
                expected++;
            }
        }

        Assert.Equal(3000, expected);
        Assert.Equal("t999", trace.Tasks[999]);
    }

    [Fact]
    public void More_events_than_one_chunk_come_out_in_order()
    {
        int count = (PageEventStore.ChunkEvents * 2) + 5;
        StringBuilder text = new();
        for (int line = 0; line < count; line++)
        {
            text.Append("a-1 [1] . 1: mm_page_free: page=a pfn=").Append(line).Append(" order=0\n");
        }

        using PageTrace trace = Read(text.ToString());
        ulong next = 0;
        int blocks = 0;
        foreach (ReadOnlySpan<PageEvent> block in trace.Blocks)
        {
            blocks++;
            foreach (PageEvent item in block)
            {
                Assert.Equal(next++, item.Frame);
            }
        }

        Assert.Equal((ulong)count, next);
        Assert.Equal(3, blocks);
    }

    [Fact]
    public void An_event_has_16_bytes() => Assert.Equal(16, System.Runtime.CompilerServices.Unsafe.SizeOf<PageEvent>());

    [Fact]
    public void A_failed_allocation_is_an_event_that_raises_no_highest_frame()
    {
        using PageTrace trace = Read("a-1 [1] . 1: mm_page_alloc: page=(null) pfn=0xffffffffffffffff order=9 migratetype=1\n");
        Assert.Equal(1, trace.AllocationCount);
        Assert.Equal(0UL, trace.HighestFrame);
        PageEventBlocks blocks = trace.Blocks;
        Assert.True(blocks.MoveNext());
        Assert.False(blocks.Current[0].HasBlock);
    }

    [Fact]
    public void Records_allocate_nothing()
    {
        long small = Allocated(1000);
        long large = Allocated(50_000);
        Assert.Equal(small, large);
    }

    [Fact]
    public void Damaged_traces_give_events_below_the_limit_and_problems_with_a_place()
    {
        byte[] plain = Fixture.Gunzipped("page-trace/trace.txt.gz").AsSpan(0, 6000).ToArray();
        Mutator mutator = new(seed: 23);
        long problems = 0;
        for (int round = 0; round < 5000; round++)
        {
            byte[] damaged = mutator.Mutate(plain, head: plain.Length);
            using PageTrace trace = PageTrace.Read(new MemoryStream(damaged), "in");
            problems += trace.Problems.Count;
            Check(trace);
        }

        Assert.InRange(problems, 1000, 100_000);
    }

    [Fact]
    public void Damaged_packed_traces_give_what_comes_before_the_damage()
    {
        byte[] packed = Fixture.Gzipped(Fixture.Gunzipped("page-trace/trace.txt.gz").AsSpan(0, 20_000));
        Mutator mutator = new(seed: 24);
        int damagedCount = 0;
        for (int round = 0; round < 3000; round++)
        {
            byte[] damaged = mutator.Mutate(packed, head: packed.Length);
            using PageTrace trace = PageTrace.Read(new MemoryStream(damaged), "in");
            if (trace.Problems.Any) damagedCount++;
            Check(trace);
        }

        Assert.InRange(damagedCount, 2500, 3000);
    }

    [Fact]
    public void A_trace_cut_at_any_byte_is_read_to_there()
    {
        string text = Good + Good + Good;
        for (int length = 1; length < text.Length; length++)
        {
            using PageTrace trace = Read(text[..length]);
            Assert.InRange(trace.EventCount, length / Good.Length, (length + 3) / Good.Length);
        }
    }

    private static PageTrace Read(string text) => PageTrace.Read(new MemoryStream(Encoding.Latin1.GetBytes(text)), "in");

    private static void Check(PageTrace trace)
    {
        long events = 0;
        foreach (ReadOnlySpan<PageEvent> block in trace.Blocks)
        {
            events += block.Length;
            foreach (PageEvent item in block)
            {
                Assert.True(!item.HasBlock || item.Frame + item.Pages <= 1UL << 40);
                Assert.InRange(item.Task, 0, trace.Tasks.Length - 1);
            }
        }

        Assert.Equal(trace.EventCount, events);
        foreach (InputProblem problem in trace.Problems.First)
        {
            Assert.True(problem.Line is not null || problem.Offset is not null || trace.EventCount == 0);
        }
    }

    private static long Allocated(int lines)
    {
        StringBuilder text = new();
        for (int line = 0; line < lines; line++)
        {
            text.Append(line % 7).Append("-1 [1] . 1: mm_page_alloc: page=a pfn=0x").Append(line).Append(" order=0 migratetype=1 gfp_flags=GFP_KERNEL\n");
        }

        byte[] bytes = Encoding.ASCII.GetBytes(text.ToString());
        return Allocations.Least(() =>
        {
            using MemoryStream stream = new(bytes);
            return Allocations.Of(() => PageTrace.Read(stream, "in").Dispose());
        });
    }
}
