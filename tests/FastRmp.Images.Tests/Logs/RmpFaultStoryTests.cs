using System;
using System.IO;
using System.Linq;
using System.Text;
using Xunit;

namespace FastRmp.Images.Tests.Logs;

/// <summary>What the story of an RMP violation may say, and of which page: rmp 6.1.</summary>
public class RmpFaultStoryTests
{
    private const string Walk = "PGD 1000067 P4D 1000067 PUD 1001067 PMD 1002067 PTE 8000000000400163\n";
    private const string Guest = "SEV-SNP: PFN 0x400, RMP entry: [0x6010000000000ff1 - 0x1f]\n";
    private const string Fixed = "SEV-SNP: PFN 0x400, RMP entry: [0x0000000000000004 - 0x0000000000000000]\n";

    [Theory]
    [InlineData("0x80000001", Guest)]
    [InlineData("0x80000001", Fixed)]
    [InlineData("0x80000005", Guest)]
    [InlineData("0x80000011", Guest)]
    [InlineData("0x80000001", "")]
    public void A_read_or_fetch_is_refused_at_a_page_table_and_never_for_the_page_that_the_log_prints(string code, string entry)
    {
        LogStory story = Story(code, entry);
        Assert.Contains("refused a write to a page table", story.What, StringComparison.Ordinal);
        Assert.Contains("Accessed or Dirty", story.Why, StringComparison.Ordinal);
        Assert.DoesNotContain("VMSA", story.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0x80000003", "The kernel wrote to page 0x400")]
    [InlineData("0x80000007", "User code wrote to page 0x400")]
    public void A_write_says_who_wrote_and_what_the_page_is(string code, string what)
    {
        LogStory story = Story(code, Guest);
        Assert.StartsWith(what, story.What, StringComparison.Ordinal);
        Assert.Contains("VMSA", story.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fixed_page_is_not_assigned_and_so_not_the_reason()
    {
        LogStory story = Story("0x80000003", Fixed);
        Assert.Equal("The kernel wrote to page 0x400, which is not assigned.", story.What);
        Assert.DoesNotContain("no state", story.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_beyond_the_physical_addresses_is_refused()
    {
        LogReport report = Read("SEV-SNP: RMP table physical range [0x0000000000000000 - 0xffffffffffffffff]\n");
        Assert.Empty(report.Findings.OfType<LoggedRmpTable>());
        Assert.Contains("52 bits", Assert.Single(report.Findings.OfType<LoggedRmpFact>()).Text, StringComparison.Ordinal);
    }

    private static LogStory Story(string code, string entry)
    {
        string fault = "BUG: unable to handle page fault for address: ffff8880004000c0\n";
        return Assert.Single(Read($"{fault}#PF: error_code({code}) - RMP violation\n{Walk}{entry}").Stories());
    }

    private static LogReport Read(string text)
    {
        using LogReader reader = LogReader.FromStream(new MemoryStream(Encoding.ASCII.GetBytes(text)), "log");
        return reader.ReadAll();
    }
}
