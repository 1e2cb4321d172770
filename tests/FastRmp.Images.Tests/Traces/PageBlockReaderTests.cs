using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Threading;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Traces;

/// <summary>Blocks that threads share give what reading line by line gives, errors and their lines included.</summary>
public sealed class PageBlockReaderTests
{
    private static readonly string[] Forms =
    [
        "     busybox-vm1-12      [001] .....     4.123456: mm_page_alloc: page=00000000aa pfn=0x205 order=0 migratetype=1 gfp_flags=0",
        "     busybox-vm1-12      [000] d..1.     4.123457: mm_page_free: page=0xffffea0000008140 pfn=0x205 order=9",
        "            sh-10447   [003] d.h4  1234.5: mm_page_alloc: page=000000005d3cb6f4 pfn=0x1f order=3 migratetype=0 gfp_flags=0",
        "            sh-10448   [003] d.h4  1234.6: mm_page_alloc: page=0000000000000000 pfn=0x0 order=3 migratetype=0 gfp_flags=0",
        "     busybox-vm1-12      [001] .....     4.123456: mm_page_free_batched: page=00000000aa pfn=0x205 order=0",
        "        kworker-9        [001] .....     5.1: mm_page_free_batched: page=00000000aa pfn=0x99 order=0",
        "     busybox-vm2-13      [001] .....     4.2: mm_page_pcpu_drain: page=00000000aa pfn=0x205 order=0 migratetype=1",
        "           old-14        [001] .....     4.3: mm_page_free_direct: page=00000000aa pfn=0x206 order=0",
        "qemu-system-x86  4242 [003]  10.000002: kmem:mm_page_free: page=0x1 pfn=0x2 order=0",
        "mm_page_free: page=0x1 pfn=0x3 order=0",
        "# tracer: function_graph",
        "   10.000003 |  1)               |  /* mm_page_free: page=0x1 pfn=0x3 order=0 */",
        " 1)  sh-10447   =>  busybox-77",
        "CPU:1 [LOST 7 EVENTS]",
        "> > a-1 [1] . 1: mm_page_free: page=a pfn=7 order=0",
        "  cat-7 [000] .....  10.1: other_event: pfn=12 what=3",
        "  cat-7 [000] .....  10.1:",
        "  tab-7\t[000] .....\t10.1: mm_page_free: page=0x1 pfn=0x3 order=0",
        "  a-1 [1] . 1: mm_page_alloc: page=a pfn=7 order=77 migratetype=1",
        "  a-1 [1] . 1: mm_page_alloc: page=a order=7 migratetype=1",
        "",
    ];

    [Fact]
    public void Mutated_traces_of_all_forms_are_read_alike()
    {
        const string Bytes = "\n\r \t:|[]()-.0123456789abcdefx=#>\0~mp_";
        Random random = new(15);
        int problems = 0;
        for (int round = 0; round < 600; round++)
        {
            StringBuilder text = new();
            int variety = random.Next(1, Forms.Length + 1); // few forms make long runs of common lines
            for (int line = random.Next(60); line >= 0; line--)
            {
                text.Append(Forms[random.Next(variety)]).Append(random.Next(8) == 0 ? "\r\n" : "\n");
            }

            byte[] bytes = Encoding.Latin1.GetBytes(text.ToString());
            for (int change = random.Next(6); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)(random.Next(8) == 0 ? random.Next(256) : Bytes[random.Next(Bytes.Length)]);
            }

            byte[] cut = bytes[..random.Next(bytes.Length + 1)];
            problems += AssertSame(cut, random.Next(1, 4), random.Next(8) == 0 ? random.Next(1, 64) : random.Next(64, 2048));
        }

        Assert.InRange(problems, 200, int.MaxValue);
    }

    [Fact]
    public void A_cut_at_any_byte_around_the_end_of_a_block_is_read_alike()
    {
        const int Block = 512;
        byte[] text = Encoding.ASCII.GetBytes(string.Join('\n', Forms[..5]) + "\r\n");
        byte[] whole = [.. text, .. text, .. text, .. text];
        for (int length = Block - 130; length < Block + 130; length++)
        {
            _ = AssertSame(whole[..length], 2, Block);
            _ = AssertSame([.. new byte[length - 8], (byte)'\n', .. whole], 2, Block);
        }
    }

    [Fact]
    public void The_recorded_trace_is_read_alike_as_it_is_packed_cut_and_as_a_pipe()
    {
        byte[] packed = File.ReadAllBytes(Fixture.PathOf("page-trace/trace.txt.gz"));
        _ = AssertSame(packed, 2, LineBlocks.BlockBytes);
        int problems = AssertSame(packed[..(packed.Length / 16)], 2, 32 * 1024);
        Assert.Equal(1, problems);
    }

    [Fact]
    public void An_exception_of_the_caller_ends_every_thread()
    {
        byte[] text = Encoding.ASCII.GetBytes(string.Join('\n', Forms[..5]) + "\n");
        int calls = 0;
        using InputStream input = new(new ChunkedStream(Repeated(text, 50), 500), "x");
        void Cancel(long bytes)
        {
            if (++calls == 5) throw new OperationCanceledException();
        }

        Assert.Throws<OperationCanceledException>(() => PageTraceReader.ReadBlocks(input, Cancel, 3, 600).Dispose());
        Assert.Equal(5, calls);
    }

    [Fact]
    public void An_exception_of_a_reading_thread_comes_out()
    {
        byte[] text = Encoding.ASCII.GetBytes(string.Join('\n', Forms[..5]) + "\n");
        using InputStream input = new(new BrokenStream(Repeated(text, 50), Environment.CurrentManagedThreadId), "x");
        InvalidOperationException thrown =
            Assert.Throws<InvalidOperationException>(() => PageTraceReader.ReadBlocks(input, null, 3, 600).Dispose());
        Assert.Equal("not by this thread", thrown.Message);
    }

    private static byte[] Repeated(byte[] text, int times)
    {
        MemoryStream all = new();
        for (int i = 0; i < times; i++)
        {
            all.Write(text);
        }

        return all.ToArray();
    }

    private static int AssertSame(byte[] bytes, int threads, int blockBytes)
    {
        using InputStream first = new(new MemoryStream(bytes), "x");
        using InputStream second = new(new ChunkedStream(bytes, 3000), "x");
        using PageTrace expected = PageTraceReader.ReadLines([first], null);
        using PageTrace actual = PageTraceReader.ReadBlocks(second, null, threads, blockBytes);
        Assert.Equal(Facts(expected), Facts(actual));
        PageEventBlocks one = expected.Blocks;
        PageEventBlocks other = actual.Blocks;
        while (one.MoveNext())
        {
            Assert.True(other.MoveNext());
            Assert.True(one.Current.SequenceEqual(other.Current));
            Assert.True(one.Times.SequenceEqual(other.Times));
        }

        Assert.False(other.MoveNext());
        return (int)expected.Problems.Count;
    }

    private static List<string> Facts(PageTrace trace)
    {
        List<string> facts =
        [
            $"{trace.AllocationCount} {trace.FailedAllocationCount} {trace.ReleaseCount} {trace.WithoutTaskCount} {trace.LineCount}",
            $"{trace.LostNotes} {trace.LostEvents} {trace.HighestFrame} {trace.Problems.Count}",
            string.Join(',', trace.Tasks.ToArray()),
            .. Array.ConvertAll(trace.EventNames.ToArray(), static one => one.ToString()),
            .. Array.ConvertAll(trace.OtherEventNames.ToArray(), static one => one.ToString()),
            .. Array.ConvertAll(trace.Problems.First.ToArray(), static one => one.ToString()),
        ];
        return facts;
    }

    /// <summary>Can be read by the thread that made it, and waits until another one reads, too.</summary>
    private sealed class BrokenStream(byte[] bytes, int thread) : MemoryStream(bytes)
    {
        private readonly ManualResetEventSlim _tried = new();

        public override int Read(Span<byte> buffer)
        {
            if (Environment.CurrentManagedThreadId != thread)
            {
                _tried.Set();
                throw new InvalidOperationException("not by this thread");
            }

            if (Position > Length / 2) Assert.True(_tried.Wait(TimeSpan.FromMinutes(1)));
            return base.Read(buffer[..Math.Min(buffer.Length, 300)]);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) _tried.Dispose();
            base.Dispose(disposing);
        }
    }
}
