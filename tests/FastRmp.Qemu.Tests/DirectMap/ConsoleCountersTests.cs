using System;
using System.Text;
using FastRmp.Qemu.Tests.Support;
using Xunit;

namespace FastRmp.Qemu.Tests.DirectMap;

public sealed class ConsoleCountersTests : IDisposable
{
    private const ulong Level2 = 0x3000;
    private readonly TestHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void The_kernels_counters_are_held_against_its_tables()
    {
        Print("=== before: DirectMap4k: 22396 kB DirectMap2M: 2041856 kB direct_map_level2_splits 3\r\n");
        Assert.True(_host.Machine.DirectMap.IsOn); // though SNP is not
        Split(5);
        Split(6);
        Print("[    1.0] DirectMap4k:       26492 kB\nDirectMap2M:     2037760 kB\ndirect_map_level2_splits 5\n");
        ConsoleCounters counters = _host.Machine.Counters;
        Assert.True(counters.Agree);
        Assert.Equal("DirectMap4k +4096, DirectMap2M -4096, direct_map_level2_splits +2", counters.Changes(own: false));
        Assert.Contains(
            " cpu0 counters DirectMap4k=22396 DirectMap2M=2041856 direct_map_level2_splits=3\n", _host.Trace.ToString(),
            StringComparison.Ordinal);
        Assert.Contains(
            "fastrmp: direct map by its tables in the same time: the same\n", MachineReport.Of(_host.Machine), StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_that_counts_otherwise_is_noticed()
    {
        Print("direct_map_level2_splits 3\n");
        Split(5);
        Print("direct_map_level2_splits 3\n");
        Assert.False(_host.Machine.Counters.Agree);
        Assert.Contains(
            """
            fastrmp: direct map by the kernel's own counters on the console: direct_map_level2_splits 0
            fastrmp: direct map by its tables in the same time: direct_map_level2_splits +1, which is NOT the same

            """,
            MachineReport.Of(_host.Machine),
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_printed_twice_goes_before_what_was_split_while_it_was_printed()
    {
        ConsoleCounters counters = _host.Machine.Counters;
        Print("DirectMap1G: 0 kB\n");
        Split(5); // the program has read the counter before
        Print("direct_map_level2_splits 3\n");
        Print("direct_map_level2_splits 4\n");
        Assert.False(counters.Agree);
        Print("direct_map_level2_splits 4\n");
        Assert.True(counters.Agree);
        Assert.Equal("no change", counters.Changes(own: false));
        Split(6);
        Print("direct_map_level2_splits 5\n");
        Print("direct_map_level2_splits 5\n");
        Assert.True(counters.Agree);
        Assert.Equal("direct_map_level2_splits +1", counters.Changes(own: false));
        Split(7);
        Print("direct_map_level2_splits 5\n"); // a kernel that does not count
        Print("direct_map_level2_splits 5\n");
        Assert.False(counters.Agree);
    }

    [Fact]
    public void A_page_that_is_out_of_the_map_for_a_while_is_counted_all_the_same()
    {
        Split(5);
        Print("DirectMap4k: 2048 kB\n");
        _host.Ram.Write(0x2000_5000UL, 0); // not present
        Print("DirectMap4k: 2048 kB\n");
        Assert.True(_host.Machine.Counters.Agree);
    }

    [Theory]
    [InlineData("direct_map_level2_splits 3[    1.0] a message of the kernel's\r\n")]
    [InlineData("DirectMap4k: 3x\n")]
    public void A_number_that_is_cut_off_is_passed_over(string text)
    {
        Print(text);
        Assert.False(_host.Machine.Counters.Any);
    }

    [Theory]
    [InlineData("DirectMap4k\n")]
    [InlineData("DirectMap4k: many\n")]
    [InlineData("direct access\n")]
    [InlineData("DirectMap4k: 5")]
    [InlineData("\n\n\n")]
    public void Other_lines_are_passed_over(string text)
    {
        Print(text);
        Assert.False(_host.Machine.Counters.Any);
        Assert.False(_host.Machine.DirectMap.IsOn);
    }

    [Fact]
    public void A_line_without_end_takes_no_more_memory()
    {
        Print(new string('x', 10_000) + "DirectMap4k: 5\nDirectMap4k: 6\n");
        Assert.True(_host.Machine.Counters.Any);
        Assert.Equal("no change", _host.Machine.Counters.Changes(own: false));
    }

    private void Split(ulong region)
    {
        ulong table = 0x2000_0000UL + (region * 0x1000);
        for (ulong i = 0; i < 512; i++) _host.Ram.Write(table + (i * 8), (region << 21) | (i << 12) | 0x63);
        _host.Ram.Write(Level2 + (region * 8), table | 0x63);
    }

    private void Print(string text)
    {
        foreach (byte value in Encoding.ASCII.GetBytes(text)) _host.Machine.Counters.Take(_host.Processor, value);
    }
}
