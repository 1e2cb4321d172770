using System;
using System.IO;
using System.Text;
using FastRmp.Images.Tests.Support;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Traces;

public class PageTraceTests
{
    private const string Good = "a-1 [1] . 1: mm_page_free: page=a pfn=0x10 order=1\n";
    private const string Bad = "a-1 [1] . 1: mm_page_free: page=a pfn=zz order=1\n";

    [Fact]
    public void Malformed_lines_are_reported_with_their_number_and_the_rest_is_read()
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
    [InlineData(
        "a-1 [1] . 1: mm_page_pcpu_drain: page=a pfn=0x10 order=1 migratetype=0\na-1 [1] . 1: my_free: pfn=1\n",
        "in: the trace has neither an mm_page_alloc nor an mm_page_free event; what it has is 1 mm_page_pcpu_drain, 1 my_free")]
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
        using ChunkedStream stream = new(Encoding.ASCII.GetBytes(Good + Good[..^2]), 7, breaks: true);
        using PageTrace trace = PageTrace.Read(stream, "in");
        Assert.Equal(1, trace.EventCount);
        Assert.Equal("in: line 2: cannot be read: the disk is gone", trace.Problems.First[0].ToString());
    }

    [Fact]
    public void Tasks_are_numbered_by_first_appearance_and_distinguished_by_bytes()
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
        Assert.Equal((1, 1), (trace.AllocationCount, trace.FailedAllocationCount));
        Assert.Equal(0UL, trace.HighestFrame);
        PageEventBlocks blocks = trace.Blocks;
        Assert.True(blocks.MoveNext());
        Assert.False(blocks.Current[0].HasBlock);
    }

    [Fact]
    public void A_list_of_freed_pages_counts_only_where_the_trace_has_no_other_release()
    {
        const string Batched = "a-1 [1] . 1: mm_page_free_batched: page=a pfn=0x20 order=0\n";
        using PageTrace alone = Read(Batched + Batched);
        Assert.Equal((2, 2), (alone.ReleaseCount, alone.EventCount));
        Assert.Equal([new PageEventCount("mm_page_free_batched", PageEventUse.ReleaseAgain, 2)], alone.EventNames.ToArray());
        using PageTrace beside = Read(Batched + Good + Batched + Batched);
        Assert.Equal((2, 2), (beside.ReleaseCount, beside.EventCount));
        Assert.Equal(
            [new PageEventCount("mm_page_free", PageEventUse.Release, 1),
                new PageEventCount("mm_page_free_batched", PageEventUse.ReleaseAgain, 3)],
            beside.EventNames.ToArray());
    }

    [Fact]
    public void Without_a_release_other_events_about_frames_are_named()
    {
        const string Allocation = "a-1 [1] . 1: mm_page_alloc: page=a pfn=0x20 order=0 migratetype=1\n";
        StringBuilder text = new(Allocation);
        text.Append(
            "a-1 [1] . 1: sched_switch: prev=1\na-1 [1] . 1: myfree: pfn=0x20\na-1 [1] . 1: myfree: pfn=0x20\n"
                + "a 1 [1] 1: probe:__free_pages: pfn=3\n");
        using PageTrace trace = Read(text.ToString());
        Assert.Equal(
            [new PageEventCount("myfree", PageEventUse.None, 2), new PageEventCount("probe:__free_pages", PageEventUse.None, 1)],
            trace.OtherEventNames.ToArray());
        for (int name = 0; name < 50; name++)
        {
            text.Append("a-1 [1] . 1: e").Append(name).Append(": pfn=1\n");
        }

        using PageTrace many = Read(text.ToString());
        Assert.Equal(8, many.OtherEventNames.Length);
        using PageTrace known = Read(text + Good);
        Assert.True(known.OtherEventNames.IsEmpty);
    }

    [Fact]
    public void Function_graph_gives_the_task_of_the_processor()
    {
        const string Event = ")               |  /* mm_page_alloc: page=a pfn=0x20 order=0 migratetype=1 gfp_flags=0 */\n";
        const string Rule = " ------------------------------------------\n";
        using PageTrace trace = Read(
            "# tracer: function_graph\n 0" + Event + Rule + " 0) x-www-b-22756  =>  x-termi-4083 \n" + Rule + " 0" + Event + " 1" + Event
                + " 1) bash-1  =>  qemu-sy-2213 \n 1" + Event + " 0" + Event);
        Assert.Equal(["<...>", "x-termi", "qemu-sy"], trace.Tasks.ToArray());
        PageEventBlocks blocks = trace.Blocks;
        Assert.True(blocks.MoveNext());
        Assert.Equal([0, 1, 0, 2, 1], Array.ConvertAll(blocks.Current.ToArray(), static one => one.Task));
        Assert.Equal((5, 5, 0), (trace.AllocationCount, trace.WithoutTaskCount, trace.Problems.Count));
    }

    [Theory]
    [InlineData("PERFILE2\u0001\n", "is a record of perf (perf.data): give what 'perf script -i FILE' prints")]
    [InlineData("\u0017\bDtracing6\0\n", "is a record of trace-cmd (trace.dat): give what 'trace-cmd report FILE' prints")]
    public void A_record_that_is_not_text_is_reported_by_name(string text, string reason)
    {
        using PageTrace trace = Read(text + Good);
        Assert.Equal((0, 1), (trace.EventCount, trace.Problems.Count));
        Assert.Equal("in: " + reason, trace.Problems.First[0].ToString());
    }

    [Fact]
    public void Records_allocate_nothing()
    {
        long small = Allocated(20_000);
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
    public void Damaged_traces_of_other_tools_give_events_below_the_limit_and_problems_with_a_place()
    {
        StringBuilder text = new("# tracer: function_graph\n");
        for (int line = 0; line < 12; line++)
        {
            text.Append(
                "qemu-system-x86  2213/2215 [003]   100.000001: kmem:mm_page_alloc: page=0x1a0400 pfn=1704960 order=0 migratetype=1 "
                    + "gfp_flags=GFP_HIGHUSER\n")
                .Append(
                    " 24)  qemu-sy-2213  |  d.h1. |               |  /* mm_page_alloc: page=0000000000000000 pfn=0 order=9 migratetype=1 "
                        + "gfp_flags=GFP_HIGHUSER */\n")
                .Append(
                    " 24) qemu-sy-2213  =>  kworker-12 \n"
                        + " 24)               |  /* mm_page_free_direct: page=ffffea0003db9f40 pfn=1155800 order=0 */\n")
                .Append(
                    "[  123.456789]  sh-2213    3d..1. 123456us+: mm_page_free_batched: page=ffffea0003db9f40 pfn=0x11a2d8 "
                        + "order=0 cold=0\n")
                .Append(
                    "  sh-2213  [003] 100.0: mm_page_alloc: [FAILED TO PARSE] pfn=0x1a0400 order=9 gfp_flags=0x528c2 migratetype=1\n"
                        + "mm_page_free: pfn=-1 order=1\n")
                .Append(
                    "> > sh-2213\t[003] .... 100.0:\tmm_page_free: page=a pfn=5 order=0\n"
                        + "Jan  1 00:00:00 host kernel: [    2.345678] mm_page_free: page=a pfn=5 order=0\n")
                .Append(
                    "  sh-2213  [003] .... 100.0:\nCPU:3 [12 EVENTS DROPPED]\nsh 2213 [003] 1.0: PERF_RECORD_LOST lost 3\n"
                        + "sh 2213 1.0: 1 kmem:mm_page_free: page=a pfn=5 order=0\n")
                .Append(
                    "  sh-2213  [003] .... 100.0: mm_page_pcpu_drain: page=a pfn=5 order=0 migratetype=0\n"
                        + "  sh-2213  [003] .... 100.0: other: pfn=5\n");
        }

        byte[] plain = Encoding.ASCII.GetBytes(text.ToString());
        Mutator mutator = new(seed: 25);
        long problems = 0;
        for (int round = 0; round < 3000; round++)
        {
            using PageTrace trace = PageTrace.Read(new MemoryStream(mutator.Mutate(plain, head: plain.Length)), "in");
            problems += trace.Problems.Count;
            Check(trace);
            Assert.InRange(trace.FailedAllocationCount, 0, trace.AllocationCount);
            Assert.True(trace.OtherEventNames.Length <= 8);
        }

        Assert.InRange(problems, 3000, 200_000);
    }

    [Fact]
    public void Records_of_other_tools_allocate_nothing()
    {
        foreach (string line in (string[])[
            "qemu-system-x86  2213/2215 [003]   100.000001: kmem:mm_page_alloc: page=0x1a0400 pfn=1704960 order=0 migratetype=1 "
                + "gfp_flags=GFP_HIGHUSER\n",
            " 24)  qemu-sy-2213  |               |  /* mm_page_alloc: page=0000000000000000 pfn=0 order=9 migratetype=1 "
                + "gfp_flags=GFP_HIGHUSER */\n",
            " 24) qemu-sy-2213  =>  kworker-12 \n"
                + " 24)               |  /* mm_page_free_direct: page=ffffea0003db9f40 pfn=1155800 order=0 */\n",
            "  sh-2213  [003] .... 100.0: mm_page_free_batched: page=a pfn=5 order=0\n"
                + "  sh-2213  [003] .... 100.0: mm_page_pcpu_drain: page=a pfn=5 order=0 migratetype=0\n"])
        {
            Assert.Equal(Allocated(line, 5000), Allocated(line, 20_000));
        }
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
            text.Append(line % 7)
                .Append("-1 [1] . 1: mm_page_alloc: page=a pfn=0x")
                .Append(line)
                .Append(" order=0 migratetype=1 gfp_flags=GFP_KERNEL\n");
        }

        return Allocated(text.ToString(), 1);
    }

    private static long Allocated(string line, int times)
    {
        const string Heading = "# tracer: function_graph\n";
        byte[] bytes = Encoding.ASCII.GetBytes(new StringBuilder(Heading).Insert(Heading.Length, line, times).ToString());
        return Allocations.Least(() =>
        {
            using MemoryStream stream = new(bytes);
            using InputStream input = new(stream, "in");
            return Allocations.Of(() => PageTraceReader.ReadBlocks(input, null, 1, LineBlocks.BlockBytes).Dispose());
        });
    }
}
