using System;
using System.IO;
using System.Linq;
using System.Text;
using Xunit;

namespace FastRmp.Images.Tests.Logs;

/// <summary>Where the RMP is stands in the kernel's own lines: what a process or a person says of it is not believed.</summary>
public sealed class LogQuoteTests
{
    private const string Range = "RMP table physical range [0x0000000035600000 - 0x0000000075bfffff]";

    [Theory]
    [InlineData("SEV-SNP: RMP table physical range [0x0000000035600000 - 0x0000000075bfffff]")]
    [InlineData("[    0.000000] SEV-SNP: RMP table physical address [0x0000000035600000 - 0x0000000075bfffff]")]
    [InlineData("<6>[    0.000000][    T0] SEV-SNP: RMP table physical range [0x0000000035600000 - 0x0000000075bfffff] ")]
    [InlineData("SEV: RMP table physical address 0x0000000035600000 - 0x0000000075bfffff")]
    [InlineData("RMP table physical address 0x0000000035600000 - 0x0000000075bfffff")]
    [InlineData("# SEV-SNP: RMP table physical address 0x0000000035600000 - 0x0000000075bfffff")]
    [InlineData("Nov 30 02:00:00 host kernel: SEV-SNP: RMP table physical range [0x0000000035600000 - 0x0000000075bfffff]")]
    [InlineData("dmesg.0:12:[    0.000000] SEV-SNP: RMP table physical range [0x0000000035600000 - 0x0000000075bfffff]")]
    [InlineData("node3 ttyS0: [Sat Nov 29 12:12:38 2026] SEV-SNP: RMP table physical range [0x0000000035600000 - 0x0000000075bfffff]")]
    [InlineData("> > [    0.000000] SEV-SNP: RMP table physical range\n> > [0x0000000035600000 - 0x0000000075bfffff]")]
    public void The_kernels_own_line_is_believed(string line)
    {
        LoggedRmpTable table = Assert.IsType<LoggedRmpTable>(Assert.Single(Read(line).Findings));
        Assert.Equal((0x3560_0000UL, 0x75BF_FFFFUL), (table.Start, table.End));
    }

    [Theory]
    [InlineData("[   12.345678] systemd[1]: SEV-SNP: " + Range)]
    [InlineData("[   12.345678] mytool: " + Range)]
    [InlineData("Nov 30 02:00:00 host checker[123]: SEV-SNP: " + Range)]
    [InlineData("He wrote that his log has RMP table physical range [0x0000000035600000 - 0x0000000075bfffff]")]
    [InlineData("[   12.345678] SEV-SNP: " + Range + " is what the other machine has")]
    [InlineData("grep 'SEV-SNP: RMP table physical range [0x0000000035600000 - 0x0000000075bfffff]' dmesg")]
    [InlineData("[   12.345678] audit: cmd=\"SEV-SNP: Segmented RMP base table physical range [0x9ba00000 - 0x9ba05000]\"")]
    [InlineData("[   12.345678] tool: SEV-SNP: RMP segment 0 physical address [0x3000000 - 0x33fffff] covering [0x0 - 0x3fffffff]")]
    [InlineData("[   12.345678] tool: Segmented RMP using 128GB segments")]
    [InlineData("[   12.345678] tool: Memory for the RMP table has not been reserved by BIOS")]
    [InlineData("[   12.345678] tool[77]: rmp_base=0x35600000, rmp_end=0x75bfffff")]
    public void A_line_that_quotes_it_is_not(string line) => Assert.Empty(Read(line).Findings);

    [Theory]
    [InlineData("RMP table physical range [0x0000000075bfffff - 0x0000000035600000]",
        "the table is printed to end at 0x35600000, before it begins at 0x75bfffff")]
    [InlineData("RMP table physical range [0x0000000035600000 - 0xffffffffffffffff]",
        "the table is printed to end at 0xffffffffffffffff, above every physical address (52 bits)")]
    [InlineData("Segmented RMP base table physical range [0x000000009ba05000 - 0x000000009ba00000]",
        "the segment table is printed to end at 0x9ba00000, before it begins at 0x9ba05000")]
    [InlineData("RMP segment 3 physical address [0x33fffff - 0x3000000] covering [0x0 - 0x3fffffff]",
        "segment 3 is printed to end at 0x3000000, before it begins at 0x33fffff")]
    [InlineData("RMP segment 3 physical address [0x3000000 - 0x33fffff] covering [0x3fffffff - 0x0]",
        "what segment 3 covers is printed to end at 0x0, before it begins at 0x3fffffff")]
    public void A_range_that_is_none_is_said_to_be(string message, string text)
    {
        LogReport report = Read("SEV-SNP: " + message);
        LoggedRmpFact fact = Assert.IsType<LoggedRmpFact>(Assert.Single(report.Findings));
        Assert.Equal((RmpFact.NoRange, text), (fact.Fact, fact.Text));
        LogStory story = Assert.Single(report.Stories());
        Assert.False(story.IsTrouble);
        Assert.Contains(story.Open, static open => open.Contains("damaged", StringComparison.Ordinal));
        Assert.False(RmpFinder.TryFindInLog(report, image: null, out _, out string? reason));
        Assert.Equal(text, reason);
    }

    [Fact]
    public void A_segment_that_firmware_mapped_too_large_is_no_refusal()
    {
        LogReport report = Read("SEV-SNP: RMP segment 2 mapped size (0x4000000000) reduced to 0x2000000000");
        Assert.All(report.Stories(), static story => Assert.False(story.IsTrouble));
    }

    [Fact]
    public void An_entry_of_another_page_after_a_fault_is_a_story_of_its_own()
    {
        const string Fault =
            """
            BUG: unable to handle page fault for address: ffff888146800000
            #PF: error_code(0x80000003) - RMP violation
            PGD 2c01067 P4D 2c01067 PUD 107267063 PMD 10382b063 PTE 8000000146800163

            """;
        const string Other = "SEV-SNP: PFN 0x146801, RMP entry: [0x6010fffffffff001 - 0x000000000000001f]\n";
        string own = Other.Replace("6801", "6800", StringComparison.Ordinal);
        string third = Other.Replace("6801", "6803", StringComparison.Ordinal);
        Assert.Equal(["rmp_fault", "rmp_entry"], Kinds(Fault + Other));
        Assert.Equal(["rmp_fault"], Kinds(Fault + own));
        const string Region = "SEV-SNP: PFN 0x146801 unassigned, dumping non-zero entries in 2M PFN region: [0x146800 - 0x146a00]\n";
        Assert.Equal(["rmp_fault", "rmp_entry"], Kinds(Fault + Region));
        string cut = Fault[..Fault.IndexOf("PGD", StringComparison.Ordinal)]; // without the walk the first entry tells the page
        Assert.Equal(["rmp_fault"], Kinds(cut + Other));
        Assert.Equal(["rmp_fault", "rmp_entry"], Kinds(cut + Other + third));
        const string Update = "SEV-SNP: RMPUPDATE failed for PFN 146800, pg_level: 1, ret: 2\n";
        Assert.Equal(["rmpupdate", "rmp_entry"], Kinds(Update + Other));
    }

    private static string[] Kinds(string text) => [.. Read(text).Stories().Select(static story => story.Kind)];

    private static LogReport Read(string text)
    {
        using LogReader reader = LogReader.FromStream(new MemoryStream(Encoding.UTF8.GetBytes(text + "\n")), "log");
        return reader.ReadAll();
    }
}
