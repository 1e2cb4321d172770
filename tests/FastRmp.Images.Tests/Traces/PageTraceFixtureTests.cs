using System;
using System.IO;
using System.Text;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Traces;

public class PageTraceFixtureTests
{
    private const string Name = "page-trace/trace.txt.gz";

    [Fact]
    public void Every_event_of_the_real_trace_is_read()
    {
        using PageTrace trace = PageTrace.Open(Fixture.PathOf(Name));
        Assert.Equal(65_740, trace.AllocationCount);
        Assert.Equal(62_568, trace.ReleaseCount);
        Assert.Equal(188_199, trace.LineCount);
        Assert.Equal(0, trace.Problems.Count);
        Assert.Equal(0, trace.LostNotes);
        Assert.Equal(
            ["init", "kworker/0:1", "kworker/1:0", "busybox", "busybox-vm1", "busybox-vm2", "busybox-vm3", "ksoftirqd/1", "busybox-vm4"],
            Sorted(trace));
    }

    [Fact]
    public void Every_event_is_what_a_plain_reading_of_its_line_gives()
    {
        using PageTrace trace = PageTrace.Open(Fixture.PathOf(Name));
        using StringReader lines = new(Encoding.ASCII.GetString(Fixture.Gunzipped(Name)));
        ulong highest = 0;
        foreach (ReadOnlySpan<PageEvent> block in trace.Blocks)
        {
            foreach (PageEvent item in block)
            {
                string line = NextEvent(lines);
                string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                Assert.Equal(words[0][..words[0].LastIndexOf('-')], trace.Tasks[item.Task]);
                Assert.Equal(words[4] == "mm_page_alloc:" ? PageEventKind.Allocation : PageEventKind.Release, item.Kind);
                Assert.Equal(words[6], $"pfn=0x{item.Frame:x}");
                Assert.Equal(words[7], $"order={item.Order}");
                Assert.Equal(words.Length > 8 && words[8] == "migratetype=1", item.IsMovable);
                Assert.Equal(1UL << item.Order, item.Pages);
                Assert.True(item.HasBlock);
                highest = Math.Max(highest, item.Frame + item.Pages - 1);
            }
        }

        Assert.Equal(highest, trace.HighestFrame);
        Assert.Throws<EndOfStreamException>(() => NextEvent(lines));
    }

    [Fact]
    public void Half_of_the_packed_trace_gives_half_of_the_events_and_the_cut()
    {
        byte[] packed = Fixture.Bytes(Name);
        using PageTrace trace = PageTrace.Read(new MemoryStream(packed[..(packed.Length / 2)]), "in");
        Assert.InRange(trace.EventCount, 40_000, 90_000);
        Assert.Equal(1, trace.Problems.Count);
        Assert.Contains("cut short", trace.Problems.First[0].Reason, StringComparison.Ordinal);
        Assert.NotNull(trace.Problems.First[0].Offset);
    }

    [Fact]
    public void Progress_ends_at_the_size_of_the_file_and_never_goes_back()
    {
        long last = 0;
        int calls = 0;
        using PageTrace trace = PageTrace.Open(Fixture.PathOf(Name), bytes =>
        {
            Assert.True(bytes >= last);
            last = bytes;
            calls++;
        });
        Assert.Equal(new FileInfo(Fixture.PathOf(Name)).Length, last);
        Assert.True(calls > 20);
    }

    private static string[] Sorted(PageTrace trace)
    {
        string[] names = trace.Tasks.ToArray();
        Assert.Equal("init", names[0]);
        string[] expected =
        [
            "init", "kworker/0:1", "kworker/1:0", "busybox", "busybox-vm1", "busybox-vm2", "busybox-vm3", "ksoftirqd/1", "busybox-vm4",
        ];
        Array.Sort(names, (left, right) => Array.IndexOf(expected, left).CompareTo(Array.IndexOf(expected, right)));
        return names;
    }

    private static string NextEvent(StringReader lines)
    {
        string? line;
        while ((line = lines.ReadLine()) is not null)
        {
            if (line.Contains(" mm_page_alloc: ", StringComparison.Ordinal) || line.Contains(" mm_page_free: ", StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new EndOfStreamException();
    }
}
