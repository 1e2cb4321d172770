using System;
using System.Text;
using Xunit;

namespace FastRmp.Images.Tests.Traces;

public class PageLineParserTests
{
    private const string Header = "     busybox-vm1-427     [001] .....     8.549449: ";
    private const string Fields = "page=0000000085cd84fb pfn=0x116b0 order=3 migratetype=1 gfp_flags=GFP_KERNEL|__GFP_ZERO";

    [Theory]
    [InlineData("            init-1       [001] .....     4.137066: ", "init")]
    [InlineData("          <idle>-0       [000] d.s2.     4.137066: ", "<idle>")]
    [InlineData("           <...>-12345678 [000] d.s2. 4.137066: ", "<...>")]
    [InlineData("     kworker/0:1-27      [000] .....     4.137066: ", "kworker/0:1")]
    [InlineData(" kworker/u8:2-ev-27      [000] .....     4.137066: ", "kworker/u8:2-ev")]
    [InlineData("   a b - [1] (2)-27      [000] .....     4.137066: ", "a b - [1] (2)")]
    [InlineData("        x) [001]-27      [000] .....     4.137066: ", "x) [001]")]
    [InlineData("               --27      [000] .....     4.137066: ", "-")]
    [InlineData("               -27       [000] .....     4.137066: ", "")]
    [InlineData("            init-1       (      1) [001] .....     4.137066: ", "init")]
    [InlineData("            init-1       (-------) [001] .....     4.137066: ", "init")]
    [InlineData("            init-1       (1) [001]     4.137066: ", "init")]
    [InlineData("            init-1       [001]     4.137066: ", "init")]
    [InlineData("            init-1     [001]  1234567890.123456:   ", "init")]
    [InlineData("init-1 [4095] d..1. 123456789: ", "init")]
    [InlineData("init-1[1] 1: ", "init")]
    [InlineData("mm_page_alloc-1 [1] 1: ", "mm_page_alloc")]
    [InlineData(": mm_page_free:-1 [1] . 1: ", ": mm_page_free:")]
    [InlineData("mm_page_alloc: -1 [1] . 1: ", "mm_page_alloc: ")]
    [InlineData("a 1: -1 [1] . 1: ", "a 1: ")]
    [InlineData("t\u00e4st\u00ff-1 [1] . 1: ", "t\u00e4st\u00ff")]
    public void Headers_are_read_whatever_the_task_is_called_and_whichever_columns_are_there(string header, string task)
    {
        PageLine line = Parse(header + "mm_page_alloc: " + Fields, PageLineStatus.Event);
        Assert.Equal(task, Encoding.Latin1.GetString(line.Task));
        Assert.Equal(0x116B0UL, line.Frame);
        Assert.Equal(3, line.Order);
        Assert.True(line.IsMovable);
        Assert.Equal(PageEventKind.Allocation, line.Kind);
    }

    [Theory]
    [InlineData("mm_page_free: page=0000000085cd84fb pfn=0x116b0 order=0", 0x116B0, 0)]
    [InlineData("mm_page_free: page=0000000085cd84fb pfn=71344 order=10 ", 71_344, 10)]
    [InlineData("mm_page_free: page=(null) pfn=0x0 order=1", 0, 1)]
    [InlineData("mm_page_free: page=          (null) pfn=0 order=1", 0, 1)]
    [InlineData("mm_page_free:   page=0xfff pfn=0xFFffffFFFF order=0", 0xFF_FFFF_FFFF, 0)]
    [InlineData("mm_page_free: pfn=1   order=18", 1, 18)]
    [InlineData("mm_page_free: page=a pfn=0 order=10", 0, 10)]
    [InlineData("mm_page_free:page=a pfn=0 order=007 more", 0, 7)]
    public void Releases_are_read_in_every_form_a_kernel_writes(string text, long frame, int order)
    {
        PageLine line = Parse(Header + text, PageLineStatus.Event);
        Assert.Equal(PageEventKind.Release, line.Kind);
        Assert.Equal((ulong)frame, line.Frame);
        Assert.Equal(order, line.Order);
        Assert.False(line.IsMovable);
    }

    [Theory]
    [InlineData("0", false)]
    [InlineData("1", true)]
    [InlineData("2", false)]
    [InlineData("11", false)]
    public void Only_migrate_type_one_is_movable(string type, bool movable) =>
        Assert.Equal(movable, Parse(Header + "mm_page_alloc: page=a pfn=0x1 order=0 migratetype=" + type, PageLineStatus.Event).IsMovable);

    [Theory]
    [InlineData("page=(null) pfn=0xffffffffffffffff order=9 migratetype=1 gfp_flags=0")]
    [InlineData("page=(null) pfn=18446744073709551615 order=9 migratetype=1")]
    [InlineData("page=(null) pfn=-1 order=9 migratetype=1")]
    [InlineData("page=          (null) pfn=0 order=9 migratetype=1 nr_free=3650 gfp_flags=GFP_NOWAIT|__GFP_HIGHMEM")]
    [InlineData("page= (null) pfn=0 order=9 migratetype=1")]
    [InlineData("page=(null) pfn=377957122048 order=9 migratetype=1")] // the oldest kernels compute the frame from the null pointer
    [InlineData("page=(nil) pfn=0 order=9 migratetype=1")]
    [InlineData("page=0000000000000000 pfn=0 order=9 migratetype=1")]
    [InlineData("page=0000000000000000 pfn=0x0 order=9 migratetype=1")]
    [InlineData("page=00000000 pfn=0 order=9 migratetype=1")]
    [InlineData("page=0 pfn=0x0 order=9 migratetype=1")]
    [InlineData("page=0x0 pfn=0x0 order=9 migratetype=1")]
    [InlineData("page=0x0000000000000000 pfn=0x0000000000000000 order=9 migratetype=1")]
    [InlineData("page=0xffffea0000000000 pfn=0 order=9 migratetype=1")]
    [InlineData("page=00000000f3a2b1c4 pfn=0x0 order=9 migratetype=1")]
    [InlineData("page=0xffffe9ffffffffc0 pfn=18446744073709551615 order=9 migratetype=1")]
    [InlineData("pfn=0xffffffffffffffff (-1) order=0x9 (9) gfp_flags=0x528c2 (338114) migratetype=0x1 (1)")]
    [InlineData("[FAILED TO PARSE] pfn=0xffffffffffffffff order=9 gfp_flags=0x528c2 migratetype=1")]
    [InlineData("pfn=0 order=9 gfp_flags=0x528c2 migratetype=1")]
    public void An_allocation_that_failed_is_an_event_without_block(string fields)
    {
        PageLine line = Parse(Header + "mm_page_alloc: " + fields, PageLineStatus.Event);
        Assert.Equal((ulong.MaxValue, 9, true, PageEventKind.Allocation), (line.Frame, line.Order, line.IsMovable, line.Kind));
    }

    [Theory]
    [InlineData("page=00000000f3a2b1c4 pfn=1704960 order=9 migratetype=1")]
    [InlineData("page=00000000f3a2b1c4 pfn=0x1a0400 order=9 migratetype=1 gfp_flags=GFP_HIGHUSER_MOVABLE|__GFP_ZERO")]
    [InlineData("page=ffffea0006810000 pfn=1704960 order=9 migratetype=1 gfp_flags=GFP_TRANSHUGE")]
    [InlineData("page=0xffffea0006810000 pfn=1704960 order=9 migratetype=1 nr_free=3650 gfp_flags=GFP_TRANSHUGE")]
    [InlineData("page=0x1a0400 pfn=1704960 order=9 migratetype=1")] // perf, where it cannot compute the page
    [InlineData("page=(____ptrval____) pfn=0x1a0400 order=9 migratetype=1")]
    [InlineData("page=(ptrval) pfn=0x1a0400 order=9 migratetype=1")]
    [InlineData("page=0000000000000000 pfn=0x1a0400 order=9 migratetype=1")] // converters write zeros for any page
    [InlineData("pfn=0x1a0400 (1704960) order=0x9 (9) gfp_flags=0x528c2 (338114) migratetype=0x1 (1)")]
    [InlineData("[FAILED TO PARSE] pfn=0x1a0400 order=9 gfp_flags=0x528c2 migratetype=1")]
    [InlineData("page=a pfn=0x1a0400 migratetype=1 order=9")]
    [InlineData("page=a pfn=0x1a0400 order=9 gfp_flags=GFP_KERNEL migratetype=1")]
    public void An_allocation_is_read_in_every_form_that_kernels_and_tools_write(string fields)
    {
        PageLine line = Parse(Header + "mm_page_alloc: " + fields, PageLineStatus.Event);
        Assert.Equal((0x1A_0400UL, 9, true, PageEventKind.Allocation), (line.Frame, line.Order, line.IsMovable, line.Kind));
    }

    [Fact]
    public void A_failure_is_no_release_and_has_an_order_like_any_other()
    {
        _ = Parse(Header + "mm_page_free: page=(null) pfn=0xffffffffffffffff order=0", PageLineStatus.BlockTooHigh);
        _ = Parse(Header + "mm_page_alloc: page=(null) pfn=0xffffffffffffffff order=19 migratetype=0", PageLineStatus.OrderTooHigh);
    }

    [Theory]
    [InlineData("")]
    [InlineData("#")]
    [InlineData("# mm_page_alloc: page=a")]
    [InlineData("plain text")]
    [InlineData(Header + "mm_page_free_batch: page=a pfn=0x1 order=0")]
    [InlineData(Header + "mm_page_allo")]
    [InlineData(Header + "xmm_page_alloc: page=a")]
    [InlineData(Header + "kmem_cache:mm_page_alloc: page=a")]
    [InlineData(Header + "xkmem:mm_page_alloc: page=a")]
    [InlineData(Header + "tracing_mark_write: mm_page_free_batched: page=a pfn=0x1 order=0")]
    [InlineData(Header + "tracing_mark_write: mm_page_pcpu_drain: page=a pfn=0x1 order=0")]
    [InlineData(Header + "tracing_mark_write: mm_page_alloc: page=a pfn=0x1 order=0 migratetype=1")]
    [InlineData(Header + "tracing_mark_write: x-1 [1] . 1: mm_page_alloc: page=a pfn=0x1 order=0 migratetype=1")]
    [InlineData(Header + "sched_switch: prev_comm=mm_page_free: ==> next_comm= mm_page_free")]
    [InlineData("mm_page_alloc:-1 [1] . 1: sched_switch: prev")]
    [InlineData("mm_page_alloc:-1 [1] . 1:")]
    [InlineData("mm_page_alloc-1 [1] . 1: sys_enter: 1")]
    [InlineData("            7fff81234 mm_page_alloc+0x12 (vmlinux)")]
    public void Other_lines_are_skipped(string text) =>
        _ = Parse(text, text == "mm_page_alloc:-1 [1] . 1:" ? PageLineStatus.BadHeader : PageLineStatus.Other);

    [Theory]
    [InlineData("mm_page_alloc: a" + Fields)]
    [InlineData("garbage mm_page_alloc: " + Fields)]
    [InlineData("busybox-vm1 [001] ..... 8.5: mm_page_alloc: " + Fields)]
    [InlineData("busybox-1 [0x1] ..... 8.5: mm_page_alloc: " + Fields)]
    [InlineData("busybox-1 [] ..... 8.5: mm_page_alloc: " + Fields)]
    [InlineData("busybox-1 001] ..... 8.5: mm_page_alloc: " + Fields)]
    [InlineData("busybox-1 [001] ..... ..... 8.5: mm_page_alloc: " + Fields)]
    [InlineData("busybox-1 [001] ..... 8.5 mm_page_alloc: " + Fields)]
    [InlineData("busybox-1 [001] ..... 8.5.5: mm_page_alloc: " + Fields)]
    [InlineData("busybox-1 [001] ..... x8.5: mm_page_alloc: " + Fields)]
    [InlineData("busybox-1 [001] ..... 8.: mm_page_alloc: " + Fields)]
    [InlineData("busybox-1 [001] ..... .5: mm_page_alloc: " + Fields)]
    [InlineData("busybox-1 (12 [001] ..... 8.5: mm_page_alloc: " + Fields)]
    [InlineData("busybox-1 (1x) [001] ..... 8.5: mm_page_alloc: " + Fields)]
    [InlineData("busybox-1 () [001] ..... 8.5: mm_page_alloc: " + Fields)]
    [InlineData("busybox1 [001] ..... 8.5: mm_page_alloc: " + Fields)]
    [InlineData("1 [001] ..... 8.5: mm_page_alloc: " + Fields)]
    [InlineData("[001] ..... 8.5: mm_page_alloc: " + Fields)]
    [InlineData("8.5: mm_page_alloc: " + Fields)]
    [InlineData(": mm_page_alloc: " + Fields)]
    [InlineData(" mm_page_free")]
    public void An_event_without_a_header_is_a_problem(string text) => _ = Parse(text, PageLineStatus.BadHeader);

    [Theory]
    [InlineData("mm_page_alloc")]
    [InlineData("mm_page_alloc:")]
    [InlineData("mm_page_free   ")]
    [InlineData("mm_page_alloc: ")]
    [InlineData("mm_page_alloc: page=0000000085cd84fb")]
    [InlineData("mm_page_alloc: page=0000000085cd84fb pfn=")]
    [InlineData("mm_page_alloc: page=0000000085cd84fb pfn=0x")]
    [InlineData("mm_page_alloc: page=a pfn=0xzz order=0 migratetype=0")]
    [InlineData("mm_page_alloc: page=a pfn=12ab order=0 migratetype=0")]
    [InlineData("mm_page_alloc: page=a pfn=0x12, order=0 migratetype=0")]
    [InlineData("mm_page_alloc: page=a pfn=-2 order=0 migratetype=0")]
    [InlineData("mm_page_alloc: page=a pfn=-1, order=0 migratetype=0")]
    [InlineData("mm_page_free: page=a pfn= -1 order=0")]
    [InlineData("mm_page_alloc: page=a pfn=+1 order=0 migratetype=0")]
    [InlineData("mm_page_alloc: page=a pfn=0x10000000000000000 order=0 migratetype=0")]
    [InlineData("mm_page_alloc: page=a pfn=18446744073709551616 order=0 migratetype=0")]
    [InlineData("mm_page_alloc: something pfn=0x1 order=0 migratetype=0")]
    public void A_frame_that_is_missing_or_no_number_is_a_problem(string text) => _ = Parse(Header + text, PageLineStatus.BadFrame);

    [Theory]
    [InlineData("mm_page_alloc: page=a pfn=0x1")]
    [InlineData("mm_page_alloc: page=a pfn=0x1 ")]
    [InlineData("mm_page_alloc: page=a pfn=0x1 ord")]
    [InlineData("mm_page_alloc: page=a pfn=0x1 order=")]
    [InlineData("mm_page_alloc: page=a pfn=0x1 order=-1 migratetype=0")]
    [InlineData("mm_page_alloc: page=a pfn=0x1 order=0x migratetype=0")]
    [InlineData("mm_page_alloc: page=a pfn=0x1 migratetype=0 xorder=1")]
    [InlineData("mm_page_free: page=a pfn=0x1 order=1a")]
    public void An_order_that_is_missing_or_no_number_is_a_problem(string text) => _ = Parse(Header + text, PageLineStatus.BadOrder);

    [Theory]
    [InlineData("mm_page_alloc: page=a pfn=0x1 order=0")]
    [InlineData("mm_page_alloc: page=a pfn=0x1 order=0 migratetype=")]
    [InlineData("mm_page_alloc: page=a pfn=0x1 order=0 migratetype=x")]
    [InlineData("mm_page_alloc: page=a pfn=0x1 order=0 migratetype=-1")]
    [InlineData("mm_page_alloc: page=a pfn=0x1 order=0 gfp_flags=GFP_KERNEL xmigratetype=1")]
    public void A_migrate_type_that_is_missing_or_no_number_is_a_problem(string text) =>
        _ = Parse(Header + text, PageLineStatus.BadMigrateType);

    [Theory]
    [InlineData("pfn=0x10000000000 order=0")]
    [InlineData("pfn=0xffffffffff order=1")]
    [InlineData("pfn=0xfffffffffffffff0 order=5")]
    public void A_block_above_the_physical_address_space_is_a_problem(string text) =>
        _ = Parse(Header + "mm_page_free: page=a " + text, PageLineStatus.BlockTooHigh);

    [Theory]
    [InlineData("19")]
    [InlineData("40")]
    [InlineData("53")]
    [InlineData("64")]
    [InlineData("4294967296")]
    public void An_order_that_no_allocator_has_is_a_problem(string order) =>
        _ = Parse(Header + "mm_page_free: page=a pfn=0x0 order=" + order, PageLineStatus.OrderTooHigh);

    [Theory]
    [InlineData("mm_page_free_direct: page=ffffea0003db9f40 pfn=1155800 order=0", "mm_page_free_direct")]
    [InlineData("mm_page_free_batched: page=ffffea0003db9f40 pfn=1155800 order=0 cold=1", "mm_page_free_batched")]
    [InlineData("mm_page_free_batched: page=000000003db9f40 pfn=0x11a2d8 order=0", "mm_page_free_batched")]
    [InlineData("mm_pagevec_free: page=ffffea0003db9f40 pfn=1155800 order=0 cold=0", "mm_pagevec_free")]
    [InlineData("kmem:mm_page_free: page=0x11a2d8 pfn=1155800 order=0", "mm_page_free")]
    public void Releases_of_other_kernels_are_read_by_their_names(string text, string name)
    {
        PageLine line = Parse(Header + text, PageLineStatus.Event);
        Assert.Equal((PageEventKind.Release, 0x11_A2D8UL, 0, name), (line.Kind, line.Frame, line.Order, PageEventNames.Name(line.Name)));
    }

    [Theory]
    [InlineData("mm_page_pcpu_drain: page=ffffea0003db9f40 pfn=1155800 order=0 migratetype=1")]
    [InlineData("mm_page_alloc_zone_locked: page=ffffea0003db9f40 pfn=1155800 order=0 migratetype=1 cpu=3 percpu_refill=1")]
    [InlineData("mm_page_alloc_extfrag: page=a pfn=1 alloc_order=0 fallback_order=9")]
    [InlineData("kmem:mm_page_pcpu_drain: page=0x1 pfn=1 order=0 migratetype=1")]
    public void Moves_between_the_allocators_lists_are_counted_and_nothing_else(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string name = text[..text.IndexOf(": ", StringComparison.Ordinal)].Replace("kmem:", string.Empty, StringComparison.Ordinal);
        Assert.Equal(name, PageEventNames.Name(Parse(Header + text, PageLineStatus.Passed).Name));
    }

    [Theory]
    [InlineData("qemu-system-x86  2213 [003]   100.000001: kmem:", "qemu-system-x86")]
    [InlineData("     CPU 0/KVM  2213/2215  [003] 100.000001:            kmem:", "CPU 0/KVM")]
    [InlineData("qemu-system-x86 2213   100.000001:                 kmem:", "qemu-system-x86")]
    [InlineData("qemu-system-x86 2213 [003]   100.000001234: kmem:", "qemu-system-x86")]
    [InlineData("         swapper     0 [000]   100.000001: kmem:", "swapper")]
    [InlineData("           a: b     12 [000]   100.000001: kmem:", "a: b")]
    [InlineData("       a [1] 1.      12 [000]   100.000001: kmem:", "a [1] 1.")]
    [InlineData("2213 [003]   100.000001: kmem:", "")]
    [InlineData("   100.000001: kmem:", "")]
    [InlineData(" qemu-system-x86-2213  [003]   100.000001: kmem:", "qemu-system-x86")]
    public void Lines_of_perf_script_are_read(string header, string task)
    {
        PageLine line = Parse(header + "mm_page_alloc: " + Fields, PageLineStatus.Event);
        Assert.Equal((task, 0x116B0UL), (Encoding.Latin1.GetString(line.Task), line.Frame));
    }

    [Theory]
    [InlineData("qemu-sys-2213    3d..1.    5us : ", "qemu-sys")]
    [InlineData("qemu-sys-2213    3d..1.    5us+: ", "qemu-sys")]
    [InlineData("    sh-1234   0....  1234567us!: ", "sh")]
    [InlineData("[  123.456789]  qemu-system-x86-2213    3..... 123456789us : ", "qemu-system-x86")]
    [InlineData("   qemu-system-x86-2213    3d..1. 100.000001:  ", "qemu-system-x86")]
    [InlineData("   qemu-system-x86-2213  [003] 100.000001000: ", "qemu-system-x86")]
    public void Lines_of_the_latency_format_and_of_trace_cmd_are_read(string header, string task)
    {
        PageLine line = Parse(header + "mm_page_alloc: " + Fields, PageLineStatus.Event);
        Assert.Equal((task, 0x116B0UL), (Encoding.Latin1.GetString(line.Task), line.Frame));
    }

    [Theory]
    [InlineData(" 24)               |  /* ", 24, "")]
    [InlineData("  0) + 10.123 us   |          /* ", 0, "")]
    [InlineData(" 1287587.105144 |   1)               |  /* ", 1, "")]
    [InlineData(" 24)  qemu-sy-2213  |               |  /* ", 24, "qemu-sy")]
    [InlineData(" 24)    <idle>-0    |  d.h1. |               |  /* ", 24, "<idle>")]
    [InlineData(" 24)  d.h1. |               |  /* ", 24, "")]
    [InlineData(" 1287587.105144 |   1)  a b-c-17  |  .....  |             |    /* ", 1, "a b-c")]
    public void Comments_of_the_function_graph_tracer_are_read(string header, int processor, string task)
    {
        ArgumentNullException.ThrowIfNull(task);
        PageLine line = Parse(header + "mm_page_alloc: " + Fields + " */", PageLineStatus.Event);
        Assert.Equal(
            (processor, task, task.Length != 0, 0x116B0UL),
            (line.Processor, Encoding.Latin1.GetString(line.Task), line.HasTask, line.Frame));
        Assert.Equal(3, Parse(header + "mm_page_free: page=a pfn=0x7 order=3 */", PageLineStatus.Event).Order);
        _ = Parse(header + "mm_page_pcpu_drain: page=a pfn=0x7 order=3 migratetype=0 */", PageLineStatus.Passed);
    }

    [Theory]
    [InlineData(" 24)               |  /*mm_page_alloc: ")]
    [InlineData(" 24                |  /* mm_page_alloc: ")]
    [InlineData(" x)               |  /* mm_page_alloc: ")]
    [InlineData(" 99999)               |  /* mm_page_alloc: ")]
    [InlineData(" 24)                 /* mm_page_alloc: ")]
    [InlineData(" /* mm_page_alloc: ")]
    public void What_only_looks_like_the_function_graph_tracer_is_a_problem(string header)
    {
        PageLine line = default;
        Assert.NotEqual(PageLineStatus.Event, PageLineParser.Parse(Encoding.Latin1.GetBytes(header + Fields), ref line));
    }

    [Theory]
    [InlineData(" 0) x-www-b-22756  =>  x-termi-4083 ", 0, "x-termi")]
    [InlineData("  24)   bash-1234    =>    <idle>-0   ", 24, "<idle>")]
    [InlineData(" 12.5 |  24)   bash-1234    =>    a b-c-7   ", 24, "a b-c")]
    public void Task_switches_of_the_function_graph_tracer_are_noticed(string text, int processor, string task)
    {
        Assert.True(GraphHeader.TryParseSwitch(Encoding.Latin1.GetBytes(text), out int number, out ReadOnlySpan<byte> name));
        Assert.Equal((processor, task), (number, Encoding.Latin1.GetString(name)));
    }

    [Fact]
    public void An_event_with_nothing_before_it_has_no_task()
    {
        Assert.False(Parse("mm_page_alloc: " + Fields, PageLineStatus.Event).HasTask);
        Assert.False(Parse("   kmem:mm_page_free: pfn=1 order=0", PageLineStatus.Event).HasTask);
    }

    [Fact]
    public void Other_tools_text_is_reported_by_name()
    {
        _ = Parse(
            "     0.000 ( ): qemu-system-x86/2213 kmem:mm_page_alloc(pfn: 1705984, order: 0, gfp_flags: 1, migratetype: 1)",
            PageLineStatus.PerfTrace);
        _ = Parse(
            "[12:34:56.789012345] (+0.000000123) host kmem_mm_page_alloc: { cpu_id = 0 }, { page = 0xFFFFEA00, pfn = 12345, order = 0 }",
            PageLineStatus.Babeltrace);
    }

    [Theory]
    [InlineData("CPU:1 [LOST 123 EVENTS]", 123)]
    [InlineData("CPU:255 [LOST 18446744073709551615 EVENTS]", -1)]
    [InlineData("CPU:0 [LOST EVENTS]", 0)]
    public void Lost_events_are_noticed(string text, long count) => Assert.Equal((ulong)count, Parse(text, PageLineStatus.Lost).Lost);

    [Theory]
    [InlineData("CPU:1 [LOST x EVENTS]")]
    [InlineData("CPU:x [LOST 1 EVENTS]")]
    [InlineData("CPU:1 [LOST 1")]
    [InlineData("CPU: [LOST 1 EVENTS]")]
    [InlineData(" [LOST 1 EVENTS]")]
    public void What_only_looks_like_lost_events_is_skipped(string text) => _ = Parse(text, PageLineStatus.Other);

    private static PageLine Parse(string text, PageLineStatus expected)
    {
        PageLine line = default;
        Assert.Equal(expected, PageLineParser.Parse(Encoding.Latin1.GetBytes(text), ref line));
        return line;
    }
}
