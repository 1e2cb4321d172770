using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using Xunit;

namespace FastRmp.Images.Tests.Logs;

/// <summary>The lines of a page fault, whole, damaged, run into others, and quoted in a sentence.</summary>
public sealed class PageFaultLineTests
{
    private const string Bug = "BUG: unable to handle page fault for address: ff1276cbfdf36000\n";
    private const string Access = "#PF: supervisor write access in kernel mode\n";
    private const string Walk = "PGD 5a31801067 P4D 5a31802067 PUD 40ccfb5063 PMD 40e5954063 PTE 80000040fdf36163\n";
    private const string Entry = "SEV-SNP: PFN 0x40fdf36, RMP entry: [0x6010fffffffff001 - 0x000000000000001f]\n";

    [Theory]
    [InlineData("#PF: error_code(0x8\u00f7000003) - RMP violation")]
    [InlineData("#PF: error_code(0x800 0003) - RMP violation")]
    [InlineData("#PF: error_code(0x8000003) - RMP violation")]
    [InlineData("#PF: error_code(0x8000000g) - RMP violation")]
    [InlineData("#PF: error_code() - RMP violation")]
    [InlineData("#PF: error_code(0x00000003) - RMP violation")]
    [InlineData("#PF: error_code(0x80000003) - RMP viol")]
    [InlineData("#PF: error_code(0x80000003) - RMP")]
    [InlineData("#PF: error_code(0x80000003) - ")]
    [InlineData("#PF: error_code(0x80000003) - RMP violation[   12.345678] usb 1-1: new device")]
    public void A_damaged_code_loses_nothing_that_the_kernel_says_beside_it(string line)
    {
        foreach (string form in (string[])["", "[ 1000.000001] "])
        {
            string log = string.Concat((Bug + Access + line + "\n" + Walk + Entry).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(text => form + text + "\n"));
            LogReport report = Read(log);
            LoggedPageFault fault = Assert.IsType<LoggedPageFault>(report.Findings[0]);
            Assert.Equal(0x8000_0003UL, fault.ErrorCode);
            LoggedRmpEntry entry = Assert.IsType<LoggedRmpEntry>(report.Findings[1]);
            Assert.Equal((2, 1L, 5L), (report.Findings.Count, fault.Place.Line, entry.Place.Line));
            LogStory story = Assert.Single(report.Stories());
            Assert.Equal(("rmp_fault", 5L), (story.Kind, story.LastLine));
            Assert.Contains("VMSA", story.Why, StringComparison.Ordinal);
            Assert.Contains("\"set_bits\":[\"P\",\"W\",\"RMP\"]", Facts(report), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("#PF: error_code(0x00\u00f72) - not-present page", "user write access in user mode", 6UL)]
    [InlineData("#PF: error_code(0x00z9) - reserved bit violation", "supervisor read access in kernel mode", 9UL)]
    [InlineData("#PF: error_code(0x00z5) - protection keys violation", "user read access in user mode", 0x25UL)]
    [InlineData("#PF: error_code(0x00z1) - permissions violation", "supervisor instruction fetch in kernel mode", 0x11UL)]
    public void The_words_beside_a_damaged_code_give_the_bits_that_they_name(string line, string access, ulong code)
    {
        LogReport report = Read($"{Bug}#PF: {access}\n{line}\n");
        LoggedPageFault fault = Assert.IsType<LoggedPageFault>(Assert.Single(report.Findings));
        Assert.Equal((code, true), (fault.ErrorCode, fault.IsCodeRestored));
        Assert.Equal("page_fault", Assert.Single(report.Stories()).Kind);
        Assert.Contains("\"rmp_events\":0", Facts(report), StringComparison.Ordinal);
    }

    [Fact]
    public void The_Oops_line_repeats_the_half_of_a_code_that_is_damaged()
    {
        LogReport report = Read($"{Bug}#PF: error_code(0x8~000003) - RMP violation\nOops: Oops: 0007 [#1] SMP NOPTI\n");
        LoggedPageFault fault = Assert.IsType<LoggedPageFault>(Assert.Single(report.Findings));
        Assert.Equal((0x8000_0007UL, false, true), (fault.ErrorCode, fault.IsCodeCut, fault.IsCodeRestored));
    }

    [Fact]
    public void A_violation_whose_kind_of_access_is_lost_is_still_one()
    {
        LogReport report = Read($"{Bug}#PF: error_code(0x8~000003) - RMP violation\n{Walk}{Entry}");
        Assert.Null(((LoggedPageFault)report.Findings[0]).ErrorCode);
        LogStory story = Assert.Single(report.Stories());
        Assert.Equal("rmp_fault", story.Kind);
        Assert.StartsWith("Something was refused an access to page 0x40fdf36", story.What, StringComparison.Ordinal);
        Assert.DoesNotContain("rmp_events", Facts(report), StringComparison.Ordinal);
        Assert.DoesNotContain("page_faults", Facts(report), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("`#PF: error_code(0x80000003) - RMP violation is printed when the RMP refuses a write`")]
    [InlineData("#PF: error_code(0x80000003) - RMP violation is what the kernel says then")]
    [InlineData("The kernel prints #PF: error_code(0x80000003) - RMP violation")]
    [InlineData("you will see '#PF: error_code(0x80000003) - RMP violation' in dmesg")]
    [InlineData("#PF: supervisor write access in kernel mode means that the kernel wrote")]
    [InlineData("with BUG: unable to handle page fault for address: ffff888000001000")]
    [InlineData("BUG: unable to handle page fault for address: ffff888000001000 is how an oops begins")]
    [InlineData("and the line PGD 1a01067 P4D 1a01067 PUD 0")]
    [InlineData("PGD 1a01067 P4D 1a01067 PUD 0 are the entries of the tables")]
    [InlineData("SEV-SNP: PFN 0x10, RMP entry: [0x1 - 0x1f] is what it printed")]
    [InlineData("SEV-SNP: RMPUPDATE failed for PFN 12, pg_level: 1, ret: 2 means that the entry is immutable")]
    [InlineData("SEV-SNP: Leaking PFN range 0x10-0x20 says that pages are lost")]
    public void A_sentence_about_a_message_is_none(string line) => Assert.Empty(Read(line + "\n").Findings);

    [Theory]
    [InlineData("dmesg.txt:12:#PF: error_code(0x80000003) - RMP violation")]
    [InlineData("node3 ttyS0: [Sat Nov 29 12:12:38 2026] #PF: error_code(0x80000003) - RMP violation")]
    [InlineData("[   12.345678] systemd[1]: Start[   12.345679] #PF: error_code(0x80000003) - RMP violation")]
    [InlineData("> > [   12.345678] #PF: error_code(0x80000003) - RMP violation  ")]
    [InlineData("| #PF: error_code(0x80000003) - RMP violation |")]
    [InlineData("\"#PF: error_code(0x80000003) - RMP violation\"")]
    [InlineData("> #PF: error_code(0x80000003) - RMP\n> violation")]
    public void A_kernels_line_with_marks_around_it_is_one(string line) =>
        Assert.Equal(0x8000_0003UL, Assert.IsType<LoggedPageFault>(Assert.Single(Read(line + "\n").Findings)).ErrorCode);

    [Theory]
    [InlineData("SEV-SNP: PFN 0x146800, RMP entry: [0x6010000000000ff1 - 0x00000000000000")]
    [InlineData("SEV-SNP: PFN: 0x146800, [0x6010000000000ff1 - 0x0000000000")]
    [InlineData("kvm_amd: SEV-SNP enabled (ASIDs 1 - 9")]
    public void A_number_that_was_cut_is_none(string line) => Assert.Empty(Read(line + "\n").Findings);

    [Theory]
    [InlineData("SEV-SNP: PFN 0x146800, RMP entry: [0x6010000000000ff1 - 0x000000000000001f")]
    [InlineData("SEV-SNP: PFN 0x146800, RMP entry: [0x6010000000000ff1 - 0x000000000000001f[   12.345678] usb 1-1: new")]
    [InlineData("SEV-SNP: PFN 0x146800, RMP entry: [0x6010000000000ff1 - 0x1f]")]
    public void A_number_that_is_whole_is_one(string line) =>
        Assert.Equal(0x1FUL, Assert.IsType<LoggedRmpEntry>(Assert.Single(Read(line + "\n").Findings)).Entry.High);

    [Fact]
    public void A_damaged_entry_of_a_table_is_left_out()
    {
        const string Damaged = "PGD 2c01067 P4D 2c01067 PUD 10726#063 PMD 80000001468001e3\n";
        LogReport report = Read($"{Bug}{Access}#PF: error_code(0x0003) - permissions violation\n{Damaged}");
        LoggedWalk? walk = Assert.IsType<LoggedPageFault>(Assert.Single(report.Findings)).Walk;
        Assert.Equal((0x2C0_1067UL, null, 0x8000_0001_4680_01E3UL), (walk?.Pgd, walk?.Pud, walk?.Pmd));
    }

    [Fact]
    public void A_host_patchs_message_about_a_process_is_a_violation()
    {
        LogReport report = Read("[   12.345678] Unexpected RMP page fault for address 0x7f1234567000, terminating process\n");
        LoggedPageFault fault = Assert.IsType<LoggedPageFault>(Assert.Single(report.Findings));
        Assert.Equal((0x7F12_3456_7000UL, true, null), (fault.Address, fault.IsRmpEvent, fault.ErrorCode));
        Assert.Equal("rmp_fault", Assert.Single(report.Stories()).Kind);
    }

    /// <summary>A page is a user's only if every entry on the way says so.</summary>
    [Theory]
    [InlineData("0x0011", "PGD 1a01067 P4D 1a01067 PUD 1a02067 PMD 1a03067 PTE 1234067", "a user's page, and SMEP is on")]
    [InlineData("0x0011", "PGD 1a01063 P4D 1a01063 PUD 1a02063 PMD 1a03063 PTE 1234067", "the rights of the mapping forbid it")]
    [InlineData("0x0011", "PGD 1a01067 P4D 1a01067 PUD 1a02067 PMD 8000000001a03067 PTE 1234067", "the page is not executable (NX)")]
    [InlineData("0x0003", "PGD 1a01067 P4D 1a01067 PUD 1a02067 PMD 1a03067 PTE 1234067", "a user's page, and SMAP is on")]
    [InlineData("0x0003", "PGD 1a01063 P4D 1a01063 PUD 1a02061 PMD 1a03063 PTE 1234067", "the page is read-only")]
    public void Rights_are_those_of_all_levels(string code, string walk, string why)
    {
        LogStory story = Assert.Single(Read($"{Bug}#PF: error_code({code}) - permissions violation\n{walk}\n").Stories());
        Assert.EndsWith(why, story.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_kernel_itself_says_of_a_fetch_is_believed()
    {
        const string Log = "unable to execute userspace code (SMEP?) (uid: 0)\n"
            + "BUG: unable to handle page fault for address: 00007f0012345000\n#PF: supervisor instruction fetch in kernel mode\n"
            + "#PF: error_code(0x0011) - permissions violation\n";
        Assert.EndsWith("a user's page, and SMEP is on", Assert.Single(Read(Log).Stories()).Title, StringComparison.Ordinal);
    }

    [Fact]
    public void Ordinary_faults_of_one_kind_at_one_place_are_one_story_with_its_lines()
    {
        StringBuilder log = new();
        for (int i = 0; i < 30; i++)
        {
            log.Append(CultureInfo.InvariantCulture, $"BUG: unable to handle page fault for address: ffffc900000{i:x2}000\n");
            log.Append("#PF: supervisor read access in kernel mode\n#PF: error_code(0x0000) - not-present page\n");
            log.Append("PGD 1a01067 P4D 1a01067 PUD 0\nOops: Oops: 0000 [#1] SMP NOPTI\nRIP: 0010:broken_read+0x10/0x20 [mod]\n");
            log.Append("---[ end trace 0000000000000000 ]---\n");
        }

        LogStory story = Assert.Single(Read(log.ToString()).Stories());
        Assert.Equal((30, 1L, 210L), (story.Count, story.First.Place.Line, story.LastLine));
        Assert.EndsWith("in broken_read, the page is not present, 30 times", story.Title, StringComparison.Ordinal);
        Assert.Equal(8, story.Details.Count(detail => detail.Name == "another"));
        Assert.Contains(story.Details, detail => detail.Value == "21 more like these");
    }

    private static LogReport Read(string text)
    {
        using LogReader reader = LogReader.FromStream(new MemoryStream(Encoding.Latin1.GetBytes(text)), "log");
        return reader.ReadAll();
    }

    private static string Facts(LogReport report)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream)) report.WriteFacts(writer);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
