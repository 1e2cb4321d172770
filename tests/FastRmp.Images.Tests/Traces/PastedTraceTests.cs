using System;
using System.IO;
using System.Text;
using Xunit;

namespace FastRmp.Images.Tests.Traces;

/// <summary>Traces that came through mails, logs, editors and other options of the tools than the usual ones.</summary>
public class PastedTraceTests
{
    private const string Fields =
        "mm_page_alloc: page=000000005d6b1e2f pfn=0x1a0400 order=3 migratetype=1 gfp_flags=GFP_HIGHUSER_MOVABLE\n";
    private const string Release = "mm_page_free: page=000000005d6b1e2f pfn=0x1a0400 order=3\n";

    [Theory]
    [InlineData(" qemu-2213    [003] .....   100.000003: ", "qemu")]
    [InlineData("> qemu-2213    [003] .....   100.000003: ", "qemu")]
    [InlineData(">  qemu-2213    [003] .....   100.000003: ", "qemu")]
    [InlineData("> > qemu-2213    [003] .....   100.000003: ", "qemu")]
    [InlineData(">>> CPU 0/KVM-2213    [003] .....   100.000003: ", "CPU 0/KVM")]
    [InlineData("> qemu  2213 [003]   100.000003: kmem:", "qemu")]
    [InlineData(">   3)  qemu-2213  |               |  /* ", "qemu")]
    [InlineData("\uFEFF qemu-2213    [003] .....   100.000003: ", "qemu")]
    [InlineData("\uFEFF> qemu-2213    [003] .....   100.000003: ", "qemu")]
    [InlineData("[  123.456789] qemu-2213    [003] .....   100.000003: ", "qemu")]
    [InlineData("[  123.456789] qemu-2213    3d..1.   10us : ", "qemu")]
    [InlineData("[  +0.000006] qemu-2213    [003] .....   100.000003: ", "qemu")]
    [InlineData("[  123.456789][   T12] qemu-2213    [003] .....   100.000003: ", "qemu")]
    [InlineData("[  123.456789] [   C3] qemu-2213    [003] .....   100.000003: ", "qemu")]
    [InlineData("Jan  1 00:00:00 host kernel: qemu-2213    [003] .....   100.000003: ", "qemu")]
    [InlineData("Jan 01 00:00:00 host kernel: [  123.456789] qemu-2213    [003] .....   100.000003: ", "qemu")]
    [InlineData(" [T1] qemu-2213    [003] .....   100.000003: ", "[T1] qemu")] // a task may be called so
    [InlineData(" [1.5] q-2213    [003] .....   100.000003: ", "[1.5] q")]
    [InlineData(" x> qemu-2213    [003] .....   100.000003: ", "x> qemu")]
    [InlineData("\t qemu-2213\t[003]\t.....\t100.000003:\t", "qemu")]
    [InlineData("qemu\t2213\t[003]\t100.000003:\tkmem:", "qemu")]
    [InlineData("qemu  2213 [003]   100.000003:          1 kmem:", "qemu")]
    [InlineData("qemu  2213/2215 [003]   100.000003:     4096 kmem:", "qemu")]
    [InlineData("CPU 0/KVM  2213 [003]   100.000003:          1 kmem:", "CPU 0/KVM")]
    [InlineData("qemu  2213   100.000003: kmem:", "qemu")]
    [InlineData("qemu  2213 [003] kmem:", "qemu")]
    [InlineData("qemu  2213 kmem:", "qemu")]
    [InlineData("qemu [003]   100.000003: kmem:", "qemu")]
    [InlineData("CPU 0/KVM [003]   100.000003:          1 kmem:", "CPU 0/KVM")]
    public void The_task_is_its_own_and_nothing_that_stands_before_it(string header, string task)
    {
        string tail = header?.EndsWith("/* ", StringComparison.Ordinal) == true ? " */" : string.Empty;
        using PageTrace trace = Read(header + Fields.Replace("\n", tail + "\n", StringComparison.Ordinal));
        Assert.Equal(0, trace.Problems.Count);
        Assert.Equal((1, 0x1A_0407UL, 0), (trace.EventCount, trace.HighestFrame, trace.WithoutTaskCount));
        Assert.Equal([task], trace.Tasks.ToArray());
    }

    [Theory]
    [InlineData("[    2.345678] ")] // the kernel's option tp_printk
    [InlineData("[    2.345678][    T1] ")]
    [InlineData("Jan  1 00:00:00 host kernel: [    2.345678] ")]
    [InlineData("> ")]
    [InlineData("")]
    [InlineData("kmem:")]
    public void Without_a_task_in_the_line_the_event_has_none(string header)
    {
        using PageTrace trace = Read(header + Fields + header + Release);
        Assert.Equal(0, trace.Problems.Count);
        Assert.Equal((2, 2), (trace.EventCount, trace.WithoutTaskCount));
        Assert.Equal(["<...>"], trace.Tasks.ToArray());
    }

    [Theory]
    [InlineData("CPU:3 [LOST 123 EVENTS]", 123)]
    [InlineData("CPU:3 [LOST EVENTS]", 0)]
    [InlineData("> CPU:12 [LOST 5 EVENTS]", 5)]
    [InlineData("CPU:3 [123 EVENTS DROPPED]", 123)]
    [InlineData("CPU:3 [EVENTS DROPPED]", 0)]
    [InlineData("swapper     0 [000]  1.000000: PERF_RECORD_LOST lost 12", 12)]
    [InlineData("qemu  2213 [003]  1.000000: PERF_RECORD_LOST_SAMPLES lost 7", 7)]
    public void Every_note_of_lost_events_counts(string note, long lost)
    {
        using PageTrace trace = Read($" a-1 [1] . 1.0: {Fields}{note}\n a-1 [1] . 1.0: {Release}");
        Assert.Equal((0, 2, 1, (ulong)lost), (trace.Problems.Count, trace.EventCount, trace.LostNotes, trace.LostEvents));
    }

    [Theory]
    [InlineData("CPU:3 [LOST x EVENTS]")]
    [InlineData("CPU:x [EVENTS DROPPED]")]
    [InlineData("CPU:3 [12 EVENTS")]
    [InlineData("CPU:3")]
    [InlineData("CPU 3 is empty")]
    [InlineData("cpus=4")]
    [InlineData("a  1 [000]  1.0: PERF_RECORD_COMM: a:1/1")]
    public void Other_notes_are_not_counted_as_lost_events(string note)
    {
        using PageTrace trace = Read($" a-1 [1] . 1.0: {Fields}{note}\n a-1 [1] . 1.0: {Release}");
        Assert.Equal((0, 2, 0, 0UL), (trace.Problems.Count, trace.EventCount, trace.LostNotes, trace.LostEvents));
    }

    [Theory]
    [InlineData(
        " qemu-2213 [003] ..... 100.000003:\n mm_page_alloc: page=1 pfn=0x1a0400 order=0 migratetype=1 gfp_flags=0\n", "after its header")]
    [InlineData(
        "> qemu-2213 [003] ..... 100.000003: \n> mm_page_alloc: page=1 pfn=0x1a0400 order=0 migratetype=1 gfp_flags=0\n",
        "after its header")]
    [InlineData(" qemu-2213 [003] ..... 100.000003: mm_page_alloc:\n page=1 pfn=0x1a0400 order=0 migratetype=1\n", "pfn=")]
    [InlineData(" qemu-2213 [003] ..... 100.000003: mm_page_alloc: page=1\n pfn=0x1a0400 order=0 migratetype=1\n", "pfn=")]
    [InlineData(" qemu-2213 [003] ..... 100.000003: mm_page_alloc: page=1 pfn=0x1a0400\n order=0 migratetype=1\n", "order=")]
    [InlineData(" qemu-2213 [003] ..... 100.000003: mm_page_alloc: page=1 pfn=0x1a0400 order=0\n migratetype=1\n", "migratetype=")]
    [InlineData(" qemu-2213 [003] ..... 100.000003: mm_page_free: page=1 pfn=0x1a0400\n order=0\n", "order=")]
    [InlineData(" qemu-2213 [003] ..... 2024-01-01T00:00:00.000003: mm_page_alloc: page=1 pfn=0x1a0400 order=0 migratetype=1\n", "neither")]
    [InlineData("qemu [003] kmem:mm_page_alloc: page=1 pfn=0x1a0400 order=0 migratetype=1\n", "neither")]
    [InlineData(" qemu-2213 | 3)  | /* mm_page_alloc: page=1 pfn=0x1a0400 order=0 migratetype=1 */\n", "neither")]
    public void A_line_that_was_wrapped_or_has_unknown_columns_is_refused_by_its_number(string text, string reason)
    {
        using PageTrace trace = Read("# tracer: nop\n" + text);
        Assert.Equal(2, trace.Problems.First[0].Line);
        Assert.Contains(reason, trace.Problems.First[0].ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("page=(nil) pfn=0x0", true)] // trace-cmd and perf print with the C library
    [InlineData("page=0x(nil) pfn=0", true)]
    [InlineData("page=(null) pfn=0", true)]
    [InlineData("page=          (null) pfn=0", true)]
    [InlineData("page=(null) pfn=18446604435732824064", true)]
    [InlineData("page=0000000000000000 pfn=18446744073709551615", true)]
    [InlineData("page=0000000000000000 pfn=0xffffffffffffffff", true)]
    [InlineData("page=0000000000000000 pfn=-1", true)]
    [InlineData("page=0x0 pfn=0X0", true)]
    [InlineData("page=00000000ddf5be68 pfn=0", true)]
    [InlineData("pfn=0x0", true)]
    [InlineData("[FAILED TO PARSE] pfn=-1", true)]
    [InlineData("page=(____ptrval____) pfn=0x1a0400", false)]
    [InlineData("page=(efault) pfn=0x1a0400", false)]
    [InlineData("page=0xffffea0006810000 pfn=1704960", false)]
    [InlineData("page=ffffea0006810000 pfn=0X1A0400", false)]
    [InlineData("page=0000000000000000 pfn=0x1a0400", false)] // converters write zeros for any page
    [InlineData("pfn=0x1a0400", false)]
    public void A_failed_allocation_is_one_in_every_form(string page, bool isFailed)
    {
        using PageTrace trace = Read($" a-1 [1] . 1.0: mm_page_alloc: {page} order=0 migratetype=1 gfp_flags=0\n a-1 [1] . 1.0: {Release}");
        Assert.Equal((0, 2L, isFailed ? 1L : 0L), (trace.Problems.Count, trace.EventCount, trace.FailedAllocationCount));
        foreach (ReadOnlySpan<PageEvent> block in trace.Blocks) Assert.Equal(isFailed ? ulong.MaxValue : 0x1A_0400, block[0].Frame);
    }

    [Fact]
    public void Text_in_UTF_16_is_reported()
    {
        foreach (Encoding encoding in (Encoding[])[Encoding.Unicode, Encoding.BigEndianUnicode])
        {
            using PageTrace trace = PageTrace.Read(
                new MemoryStream([.. encoding.GetPreamble(), .. encoding.GetBytes(" a-1 [1] . 1.0: " + Release)]), "in");
            Assert.Contains("is text in UTF-16", trace.Problems.First[0].ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Wide_text_is_reported_without_a_byte_order_mark_too()
    {
        (Encoding Encoding, string Name)[] encodings =
            [(Encoding.Unicode, "UTF-16LE"), (Encoding.BigEndianUnicode, "UTF-16BE"), (Encoding.UTF32, "UTF-32")];
        foreach ((Encoding encoding, string name) in encodings)
        {
            byte[] mark = name == "UTF-32" ? encoding.GetPreamble() : [];
            using PageTrace trace = PageTrace.Read(new MemoryStream([.. mark, .. encoding.GetBytes(" a-1 [1] . 1.0: " + Release)]), "in");
            Assert.Contains($"iconv -f {name} ", trace.Problems.First[0].ToString(), StringComparison.Ordinal);
        }
    }

    private static PageTrace Read(string text) => PageTrace.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "in");
}
