using System.Text;
using FastRmp.Images.Traces;
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

    [Fact]
    public void An_allocation_that_failed_is_an_event_without_block()
    {
        Assert.Equal(ulong.MaxValue, Parse(Header + "mm_page_alloc: page=(null) pfn=0xffffffffffffffff order=10 migratetype=0 gfp_flags=0", PageLineStatus.Event).Frame);
        Assert.Equal(ulong.MaxValue, Parse(Header + "mm_page_alloc: page=(null) pfn=18446744073709551615 order=0 migratetype=0", PageLineStatus.Event).Frame);
        _ = Parse(Header + "mm_page_alloc: page=1 pfn=0xffffffffffffffff order=0 migratetype=0", PageLineStatus.BlockTooHigh);
        _ = Parse(Header + "mm_page_free: page=(null) pfn=0xffffffffffffffff order=0", PageLineStatus.BlockTooHigh);
        _ = Parse(Header + "mm_page_alloc: page=(null) pfn=0xffffffffffffffff order=19 migratetype=0", PageLineStatus.OrderTooHigh);
    }

    [Theory]
    [InlineData("")]
    [InlineData("#")]
    [InlineData("# mm_page_alloc: page=a")]
    [InlineData("plain text")]
    [InlineData(Header + "mm_page_free_batched: page=a pfn=0x1 order=0")]
    [InlineData(Header + "mm_page_alloc_extfrag: page=a")]
    [InlineData(Header + "mm_page_alloc_zone_locked: page=a")]
    [InlineData(Header + "mm_page_allo")]
    [InlineData(Header + "xmm_page_alloc: page=a")]
    [InlineData(Header + "kmem:mm_page_alloc: page=a")]
    [InlineData(Header + "tracing_mark_write: mm_page_alloc: page=a pfn=0x1 order=0 migratetype=1")]
    [InlineData(Header + "tracing_mark_write: x-1 [1] . 1: mm_page_alloc: page=a pfn=0x1 order=0 migratetype=1")]
    [InlineData(Header + "sched_switch: prev_comm=mm_page_free: ==> next_comm= mm_page_free")]
    [InlineData("mm_page_alloc:-1 [1] . 1: sched_switch: prev")]
    [InlineData("mm_page_alloc:-1 [1] . 1:")]
    [InlineData("mm_page_alloc-1 [1] . 1: sys_enter: 1")]
    public void Other_lines_are_passed_over(string text) => _ = Parse(text, text == "mm_page_alloc:-1 [1] . 1:" ? PageLineStatus.BadHeader : PageLineStatus.Other);

    [Theory]
    [InlineData("mm_page_alloc: " + Fields)]
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
    [InlineData("mm_page_alloc: page=a pfn=-1 order=0 migratetype=0")]
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
    [InlineData("mm_page_alloc: page=a pfn=0x1 order=0x1 migratetype=0")]
    [InlineData("mm_page_alloc: page=a pfn=0x1 migratetype=0 order=1")]
    [InlineData("mm_page_free: page=a pfn=0x1 order=1a")]
    public void An_order_that_is_missing_or_no_number_is_a_problem(string text) => _ = Parse(Header + text, PageLineStatus.BadOrder);

    [Theory]
    [InlineData("mm_page_alloc: page=a pfn=0x1 order=0")]
    [InlineData("mm_page_alloc: page=a pfn=0x1 order=0 migratetype=")]
    [InlineData("mm_page_alloc: page=a pfn=0x1 order=0 migratetype=x")]
    [InlineData("mm_page_alloc: page=a pfn=0x1 order=0 migratetype=-1")]
    [InlineData("mm_page_alloc: page=a pfn=0x1 order=0 gfp_flags=GFP_KERNEL migratetype=1")]
    public void A_migrate_type_that_is_missing_or_no_number_is_a_problem(string text) => _ = Parse(Header + text, PageLineStatus.BadMigrateType);

    [Theory]
    [InlineData("pfn=0x10000000000 order=0")]
    [InlineData("pfn=0xffffffffff order=1")]
    [InlineData("pfn=0xfffffffffffffff0 order=5")]
    public void A_block_above_the_physical_address_space_is_a_problem(string text) => _ = Parse(Header + "mm_page_free: page=a " + text, PageLineStatus.BlockTooHigh);

    [Theory]
    [InlineData("19")]
    [InlineData("40")]
    [InlineData("53")]
    [InlineData("64")]
    [InlineData("4294967296")]
    public void An_order_that_no_allocator_has_is_a_problem(string order) => _ = Parse(Header + "mm_page_free: page=a pfn=0x0 order=" + order, PageLineStatus.OrderTooHigh);

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
    public void What_only_looks_like_lost_events_is_passed_over(string text) => _ = Parse(text, PageLineStatus.Other);

    private static PageLine Parse(string text, PageLineStatus expected)
    {
        PageLine line = default;
        Assert.Equal(expected, PageLineParser.Parse(Encoding.Latin1.GetBytes(text), ref line));
        return line;
    }
}
