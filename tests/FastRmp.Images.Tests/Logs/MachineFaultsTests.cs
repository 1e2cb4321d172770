using System;
using System.IO;
using System.Linq;
using System.Text;
using Xunit;

namespace FastRmp.Images.Tests.Logs;

/// <summary>Stores that a machine on this RMP refused: lines of its trace and of its report.</summary>
public sealed class MachineFaultsTests
{
    private const string Place = "fault spa=0x205678 va=0xffff888000205678 rip=0xffffffff81c01234";

    [Theory]
    [InlineData("12.5 cpu1 ")]
    [InlineData("fastrmp: ")]
    [InlineData("fastrmp:   ")]
    [InlineData("")]
    public void A_guest_page_is_told_with_its_owner(string head)
    {
        LogStory story = Assert.Single(Read(
            $"{head}{Place} symbol=memset+0x14 size=4k code=0x80000003 entry=0x205000:0x0028000012345001:0x0 count=3\n").Stories());
        Assert.Equal("rmp_fault", story.Kind);
        Assert.Equal("RMP violation: kernel write to page 0x205 through a mapping of 4K, 3 times", story.Title);
        Assert.StartsWith("The kernel, in memset+0x14, wrote to page 0x205, and the RMP has", story.What, StringComparison.Ordinal);
        Assert.StartsWith("It is memory of the guest with ASID 5 at GPA 0x12345000", story.Why, StringComparison.Ordinal);
        Assert.Contains(story.Details, static detail => detail is { Name: "instruction", Value: "0xffffffff81c01234" });
        Assert.Contains(story.Details, static detail => detail is { Name: "mapping", Value: "4K, PFN 0x205" });
        Assert.Contains(story.Details, static detail => detail is { Name: "address", Value: "0xffff888000205678" });
        Assert.Empty(story.Open);
    }

    [Fact]
    public void Another_page_of_the_region_forbids_a_large_mapping()
    {
        LogStory story = Assert.Single(Read($"{Place} size=2m code=0x80000003 entry=0x203000:0x0028000012345001:0x0\n").Stories());
        Assert.Equal("The kernel wrote to page 0x205, which is not assigned.", story.What);
        Assert.StartsWith(
            "The write went through a mapping of 2M, and other pages of the 2M region are assigned", story.Why, StringComparison.Ordinal);
        Assert.Empty(story.Open);
    }

    [Fact]
    public void Without_an_entry_it_is_open_whose_page_it_is()
    {
        LogStory story = Assert.Single(Read($"{Place} size=2m code=0x80000003\n").Stories());
        Assert.Contains(story.Open, static open => open.StartsWith("whose page it is", StringComparison.Ordinal));
        LogStory other = Assert.Single(Read($"{Place} code=0x80000003 entry=0x600000:1:0\n").Stories()); // not of this region
        Assert.Single(other.Findings);
    }

    [Theory]
    [InlineData("we saw a fault spa=0x205678 code=0x80000003")]
    [InlineData("1.0 cpux fault spa=0x205678 code=0x80000003")]
    [InlineData("1.0 cpu0 fault spa=0x205678 code=0x3")]
    [InlineData("1.0 cpu0 fault spa=0xfffffffffffff000 code=0x80000003")]
    [InlineData("1.0 cpu0 fault spa= code=0x80000003")]
    [InlineData("1.0 cpu0 fault spa=0x205678")]
    public void What_is_no_such_line_is_none(string line) => Assert.Empty(Read(line + "\n").Findings);

    [Fact]
    public void Each_line_of_a_trace_is_a_story_of_its_own() => Assert.Equal(
        ["0x205", "0x206"],
        Read(
            "# fastrmp rmp trace 1\nprocessor milan\n1.0 cpu0 rmpupdate spa=0x205000 assigned=1 asid=5 gpa=0x1000 -> 0 SUCCESS\n"
            + $"1.1 cpu0 {Place} size=4k code=0x80000003 entry=0x205000:0x0028000012345001:0x0\n"
            + "1.2 cpu0 fault spa=0x206000 va=0xffff888000206000 rip=0xffffffff81c01238 size=4k code=0x80000003\n")
        .Stories().Select(static story => story.Title.Split(' ')[6]));

    private static LogReport Read(string text)
    {
        using LogReader reader = LogReader.FromStream(new MemoryStream(Encoding.ASCII.GetBytes(text)), "trace");
        return reader.ReadAll();
    }
}
