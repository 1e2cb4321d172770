using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Logs;

/// <summary>Lines of public bug reports, consoles of real kernels, and the older and rarer forms of messages.</summary>
public sealed class LogReportsTests
{
    [Fact]
    public void Flags_that_hardware_logged_are_told_in_words()
    {
        LogReport report = Report("reports/02-iommu-flags-measured/input.txt");
        Assert.Equal([0x00UL, 0x20, 0x50, 0x70], report.Findings.Cast<LoggedIommuEvent>().Select(logged => logged.Flags!.Value));
        Assert.Equal(
            [
                "The IOMMU logged: read; the page is not mapped.", "The IOMMU logged: write; the page is not mapped.",
                "The IOMMU logged: read; the page, or the device, may not be read.",
                "The IOMMU logged: write; the page, or the device, may not be written.",
            ],
            report.Stories().Select(story => story.What));
        Assert.Equal("{\"rmp_events\":0}", Facts(report));
    }

    [Fact]
    public void Addresses_beyond_the_tables_reach_are_told_from_absent_pages()
    {
        LogReport report = Report("reports/01-iommu-out-of-reach/input.txt");
        Assert.Equal(7, report.Findings.Count);
        Assert.All(report.Stories(), story => Assert.Contains(
            "beyond the levels of the domain's tables",
            story.Why, StringComparison.Ordinal));
        Assert.Equal("0000:0a:00.0", ((LoggedIommuEvent)report.Findings[0]).Device);
        Assert.Equal(0xFFFF_FFFF_0000_0000UL, ((LoggedIommuEvent)report.Findings[0]).Address);
    }

    [Fact]
    public void A_device_table_entry_behind_an_event_is_its()
    {
        LogReport report = Report("reports/07-dte-guest-tables-after-resume/input.txt");
        LoggedIommuEvent logged = Assert.IsType<LoggedIommuEvent>(Assert.Single(report.Findings));
        Assert.Equal([0x7D90_0000_0000_0003UL, 0x0000_1001_03FC_0009, 0x2000_0001_1784_0013, 0], logged.Words);
        Assert.Equal(IommuEventCode.IllegalDeviceTableEntry, logged.Code);
        LogStory story = Assert.Single(report.Stories());
        Assert.Contains(story.Details, detail => detail.Name == "dte without_snp"
            && detail.Value.Contains("EPHEn", StringComparison.Ordinal));
    }

    [Fact]
    public void An_inverted_entry_names_the_frame_that_was_taken_out()
    {
        LogStory story = Assert.Single(Report("reports/09-pte-inverted-hwpoison/input.txt").Stories());
        Assert.Contains(story.Details, detail => detail.Value.StartsWith("0x61234000  inverted", StringComparison.Ordinal));
        Assert.Equal("page_fault", story.Kind);
    }

    [Fact]
    public void A_reserved_bit_is_told_with_the_widths_that_make_it_so()
    {
        LogStory story = Assert.Single(Report("reports/12-rsvd-guest-width-nested/input.txt").Stories());
        Assert.Contains(story.Details, detail => detail.Value.Contains(
            "bit 39 is reserved if MAXPHYADDR is 39 or less",
            StringComparison.Ordinal));
        Assert.Contains("reserved bit", story.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void Four_tables_of_four_machines_are_four()
    {
        LogReport report = Report("reports/20-rmp-range-how-much/input.txt");
        Assert.Equal(4, report.Findings.OfType<LoggedRmpTable>().Count());
        Assert.Contains("\"covers_gib\":2049.496094", Facts(report), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("module-6.12", 1, 1, 2)]
    [InlineData("kvm-7.3", 1, 0, 0)]
    [InlineData("nativeaot-7.3", 1, 0, 1)]
    public void A_console_of_a_real_host_gives_its_story_out_of_hundreds_of_lines(string name, int tables, int updates, int leaks)
    {
        LogReport report = ReportOf(Fixture.Gunzipped($"real-kernel/{name}.serial.txt.gz"));
        Assert.Equal(tables, report.Findings.OfType<LoggedRmpTable>().Count());
        Assert.Equal(updates, report.Findings.OfType<LoggedRmpUpdate>().Count());
        Assert.Equal(leaks, report.Findings.OfType<LoggedLeak>().Count());
        Assert.True(report.LineCount > 400);
        Assert.Equal(Facts(report), Facts(ReportOf(Fixture.Bytes($"real-kernel/{name}.serial.txt.gz"))));
    }

    [Theory]
    [InlineData("SEV: Failed to look up RMP entry: GFN 100 PFN 1234 error -6", 0x1234UL, -6)]
    [InlineData("SEV: Failed to update RMP entry: GFN 100 PFN 1234 level 2 error -5", 0x1234UL, -5)]
    [InlineData(
        "SEV: Failed to retrieve RMP entry: PFN 0x1234 GFN start 0x100 GFN end 0x300 RMP level 1 error -6", 0x1234UL, -6)]
    [InlineData("SEV-SNP: failed to clear RMP entry error 3, leaking the page", null, 3)]
    [InlineData("SEV-SNP: write to guest private gfn 100", null, null)]
    public void What_KVM_could_not_do_with_an_entry_is_a_story(string line, ulong? pfn, int? code)
    {
        LogReport report = ReportOf(Encoding.ASCII.GetBytes(line + "\n"));
        LogNote note = Assert.IsType<LogNote>(Assert.Single(report.Findings));
        Assert.Equal((LogNoteKind.EntryNotChanged, pfn, code), (note.Kind, note.Pfn, note.Code));
        Assert.Equal("kvm_rmp_entry", Assert.Single(report.Stories()).Kind);
    }

    [Fact]
    public void A_silent_IOMMU_is_put_down_to_SNP_only_where_the_log_has_it()
    {
        const string Silent = "AMD-Vi: Completion-Wait loop timed out\n";
        LogStory alone = Assert.Single(ReportOf(Encoding.ASCII.GetBytes(Silent)).Stories());
        Assert.Equal("An IOMMU does not answer", alone.Title);
        Assert.NotEmpty(alone.Open);
        const string Table = "SEV-SNP: RMP table physical range [0x000000005bc00000 - 0x000000006c9fffff]\n";
        Assert.Contains(
            ReportOf(Encoding.ASCII.GetBytes(Table + Silent)).Stories(),
            static story => story.Title.EndsWith("on a host with SNP", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("PMD 80000001468001e3", "0000000000000000", "through a large mapping; whether")]
    [InlineData("PMD 80000001468001e3", "0000000000000020", "other pages of the 2M region are assigned")]
    [InlineData("PMD 10382b063 PTE 8000000146800163", "0000000000000000", "The mapping is of 4K and the page is not assigned")]
    public void An_entry_that_is_not_assigned_leaves_the_region_and_the_size_of_the_mapping(string walk, string low, string why)
    {
        string log = $"""
            BUG: unable to handle page fault for address: ffff888146800000
            #PF: supervisor write access in kernel mode
            #PF: error_code(0x80000003) - RMP violation
            PGD 2c01067 P4D 2c01067 PUD 107267063 {walk}
            SEV-SNP: PFN 0x146800, RMP entry: [0x{low} - 0x0000000000000000]

            """;
        LogStory story = Assert.Single(ReportOf(Encoding.ASCII.GetBytes(log)).Stories());
        Assert.Contains(why, story.Why, StringComparison.Ordinal);
    }

    /// <summary>The example of <see cref="LogReader"/>.</summary>
    [Fact]
    public void A_program_lists_the_pages_of_refused_updates()
    {
        List<string> lines = [];
        using TemporaryFile log = new("SEV-SNP: RMPUPDATE failed for PFN 146800, pg_level: 2, ret: 4\n"u8.ToArray());
        using LogReader reader = LogReader.Open(log.Path);
        foreach (LoggedRmpUpdate update in reader.ReadAll().Findings.OfType<LoggedRmpUpdate>())
        {
            lines.Add($"{update.Pfn:x} {update.Name}");
        }

        Assert.Equal(["146800 FAIL_OVERLAP"], lines);
    }

    [Theory]
    [InlineData("  <...>-1946910 [226] ...1. 324797.313982: kvm_page_fault: vcpu 219 rip 0x0 address 0x18cbc00000 error_code 0x500000004")]
    [InlineData("qemu 1 [003] 324797.313982: kvm:kvm_page_fault: vcpu 219 rip 0x0 address 0x18cbc00000 error_code 0x500000004")]
    public void The_time_of_a_trace_event_is_the_findings(string line) =>
        Assert.Equal("324797.313982", Assert.Single(ReportOf(Encoding.ASCII.GetBytes(line + "\n")).Findings).Place.Stamp);

    [Fact]
    public void A_region_of_511_entries_is_told_whole()
    {
        LogReport report = ReportOf(Fixture.Gunzipped("real-kernel/module-6.12.serial.txt.gz"));
        LoggedRegion region = report.Findings.OfType<LoggedRegion>().Last();
        Assert.Equal(511, region.Entries.Count);
        Assert.False(region.IsElided);
        Assert.All(region.Entries, entry => Assert.Equal(PageState.GuestInvalid, entry.State));
    }

    [Fact]
    public void The_direct_map_counters_of_a_run_are_told_first_and_last()
    {
        LogReport report = ReportOf(Fixture.Gunzipped("real-kernel/kvm-7.3.serial.txt.gz"));
        List<LoggedDirectMap> readings = [.. report.Findings.OfType<LoggedDirectMap>()];
        Assert.Equal((26492L, 0L), (readings[0].Kilobytes4K, readings[0].Splits2M));
        Assert.Equal((42876L, 8L), (readings[^1].Kilobytes4K, readings[^1].Splits2M));
    }

    /// <summary>Each line, and a fact that it gives.</summary>
    [Theory]
    [InlineData("SEV-SNP: rmpupdate failed, ret: 4, pfn: 37d4fe8, npages: 1, level: 1, retrying (max: 96)...",
        "\"pfn\":\"0x37d4fe8\",\"phys\":\"0x37d4fe8000\",\"pg_level\":1,\"page_size\":4096,\"ret\":4,\"name\":\"FAIL_OVERLAP\"")]
    [InlineData("SEV-SNP: RMPUPDATE failed for PFN 1a2b, ret: 3",
        "\"pfn\":\"0x1a2b\",\"phys\":\"0x1a2b000\",\"ret\":3,\"name\":\"FAIL_INUSE\"")]
    [InlineData("SEV-SNP: RMPUPDATE failed for PFN 1a2b, pg_level: 2, ret: 99", "\"page_size\":2097152,\"ret\":99,\"name\":null")]
    [InlineData("psmash failed, gpa 0x191560000 pfn 0x536cd60 rc 7",
        "\"offset_in_2m\":\"0x160\",\"gfn_and_pfn_same_offset_in_2m\":true,\"rc\":7,\"name\":\"FAIL_BADADDR\"")]
    [InlineData(
        "SEV: Unable to split RMP entry for GPA 0x191561000 PFN 0x536cd60 ret 4",
        "\"gfn_and_pfn_same_offset_in_2m\":false,\"rc\":4,\"name\":null")]
    [InlineData("SEV-SNP: Leaking PFN range 0x146800-0x146a00",
        "\"leaks\":[{\"start_pfn\":\"0x146800\",\"end_pfn_exclusive\":\"0x146a00\",\"pages\":512,\"bytes\":\"0x200000\"}]")]
    [InlineData("SEV-SNP: snp_leak_pages: leaking PFN range 0x10-0x11", "\"pages\":1,\"bytes\":\"0x1000\"")]
    [InlineData("RMPEntry paddr 0x20cee00000 000000000000000f 8000000000000ffd",
        "\"layout\":\"high low\",\"lo\":\"0x8000000000000ffd\",\"hi\":\"0x000000000000000f\"")]
    [InlineData("RMPEntry paddr 0x20cee00000: 000000000000000f 8000000000000ffd", "\"subpage_count\":511")]
    [InlineData("SEV-SNP: RMPEntry paddr 0x20cee00000: [high=0x000000000000001f low=0x6010fffffffff001]", "\"state\":\"GUEST_VALID\"")]
    [InlineData(
        "SEV-SNP: RMPEntry [KP][dump_rmpentry] paddr 0x1f52b8000 [assigned=0 immutable=0 pagesize=0 gpa=0x0 asid=0 vmsa=0 validated=0]",
        "\"pfn\":\"0x1f52b8\",\"layout\":\"symbolic\"")]
    [InlineData(
        "SEV-SNP: RMPEntry paddr 0x1001ea000 [assigned=1 immutable=1 pagesize=0 gpa=0x2000000001 asid=0 vmsa=0 validated=0]",
        "\"not_printed\":[\"subpage_count\",\"lock\",\"vmpl masks\"],\"state\":\"FIRMWARE_IOMMU\"")]
    [InlineData("SEV-SNP: RMP table physical range 0x35500000 - 0x75afffff", "\"printed_as\":\"physical range a - b\"")]
    [InlineData("SEV-SNP: Memory for the RMP table has not been reserved by BIOS", "\"rmp_not_reserved\":true")]
    [InlineData("SEV-SNP: RMP_BASE 0x35500000 RMP_END 0x75afffff", "\"rmp_base_msr\":\"0x35500000\",\"rmp_end_msr\":\"0x75afffff\"")]
    [InlineData("ccp 0000:47:00.1: sev command 0x2 timed out, disabling PSP", "\"psp\":{\"command\":\"0x2\",\"timed_out\":true}")]
    [InlineData(
        "ccp 0000:47:00.1: SEV: failed to SHUTDOWN error 0x0, rc -110",
        "\"psp\":{\"shutdown_rc\":-110,\"shutdown_fw_error\":\"0x0\"}")]
    [InlineData(
        "ccp 0000:47:00.1: SEV-SNP firmware shutdown failed, rc -16, error 0x0",
        "\"psp\":{\"snp_shutdown_rc\":-16,\"shutdown_fw_error\":\"0x0\"}")]
    [InlineData("ccp 0000:22:00.1: SEV: failed to INIT error 0x1, rc -5", "\"sev_init\":{\"ok\":false,\"rc\":-5,\"fw_error\":\"0x1\"}")]
    [InlineData("ccp 0000:22:00.1: SEV: failed to INIT error 0x13", "\"sev_init\":{\"ok\":false,\"fw_error\":\"0x13\"}")]
    [InlineData("ccp 0000:23:00.1: SEV-SNP: failed to INIT rc -5, error 0x3", "\"snp_init\":{\"ok\":false,\"rc\":-5,\"fw_error\":\"0x3\"}")]
    [InlineData("kvm_amd: SEV-SNP disabled (ASIDs 0 - 0)", "\"asids\":{\"sev_snp\":[0,0]}")]
    [InlineData("SEV supported: 410 ASIDs", "\"asid_counts\":{\"sev\":410}")]
    [InlineData(
        "  <...>-1946910 [226] ...1. 324797.313982: kvm_page_fault: vcpu 219 rip 0x0 address 0x00000018cbc00000 error_code 0x500000004",
        "\"error_code\":\"0x500000004\",\"set_bits\":[\"U\",\"FINAL\",\"ENC\"],\"rmp\":false,\"private\":true,\"size_mismatch\":false,\"address\":\"0x18cbc00000\",\"vcpu\":219")]
    [InlineData("qemu-1 [003] 100.000001: kvm_page_fault:       address 18cbc00000 error_code 500000004", "\"address\":\"0x18cbc00000\"")]
    [InlineData(
        "qemu 1 [003] 100.000001: kvm:kvm_rmp_fault: vcpu 4 gpa 000000007f790000 pfn 0x1f5d90 error_code 0xc80000005 rmp_level 2 psmash_ret 0",
        "\"rmp_level\":2")]
    [InlineData(
        "CPU 0/KVM-9 [001] d.... 1.5: kvm_exit: vcpu 0 reason EXIT_NPF rip 0x1 info1 0x0000000100000006 info2 0x00000000fee000f0 intr_info 0x00000000 error_code 0x00000000",
        "\"error_code\":\"0x100000006\"")]
    [InlineData("kvm-9 [001] 1.5: kvm_exit: reason npf rip 0x1 info 100000006 fee000f0", "\"address\":\"0xfee000f0\"")]
    [InlineData("PANIC: early exception 0x0e IP 10:ffffffff81000000 error 80000003 cr2 0xffff888000001000",
        "\"error_code\":\"0x80000003\",\"set_bits\":[\"P\",\"W\",\"RMP\"],\"rmp\":true,\"present\":true,\"access\":\"write\",\"mode\":\"supervisor\",\"vector\":14")]
    [InlineData("BUG: unable to handle page fault for address: ffff888000001000 #PF error: [PROT] [WRITE]", "\"error_code\":\"0x3\"")]
    public void A_line_gives_its_fact(string line, string fact)
    {
        string facts = Facts(ReportOf(Encoding.UTF8.GetBytes(line + "\n")));
        Assert.Contains(fact, facts, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "AMD-Vi: Event logged [IO_PAGE_FAULT device=00:14.0 domain=0x0000 address=0x00000000d69e8000 flags=0x0010]",
        "00:14.0", 0xD69E_8000, 0x10)]
    [InlineData(
        "AMD-Vi: Event logged [\n[    2.000000] IO_PAGE_FAULT device=00:14.0 domain=0x0000 address=0x00000000d69e8000 flags=0x0010]",
        "00:14.0", 0xD69E_8000, 0x10)]
    [InlineData(
        "pci 0000:00:00.2: AMD-Vi: Event logged [INVALID_DEVICE_REQUEST device=0000:01:00.0 pasid=0x00000 address=0xfffffffdf8000000 flags=0x0a00]",
        "0000:01:00.0", 0xFFFF_FFFD_F800_0000, 0xA00)]
    [InlineData(
        "vfio-pci 0000:c1:00.0: AMD-Vi: Event logged [RMP_PAGE_FAULT vmg_tag=0x0000, gpa=0x740b8784, flags_rmp=0x0000, flags=0x0020]",
        "0000:c1:00.0", 0x740B_8784, 0x20)]
    [InlineData(
        "AMD-Vi: Event logged [RMP_HW_ERROR device=0000:c1:00.0, vmg_tag=0x0000, spa=0x740b8780, flags=0x0020]",
        "0000:c1:00.0", 0x740B_8780, 0x20)]
    [InlineData(
        "(XEN) AMD-Vi: IO_PAGE_FAULT: 0000:03:00.0 d0 addr fffffffdf8000000 flags 0x8 I",
        "0000:03:00.0", 0xFFFF_FFFD_F800_0000, 0x8)]
    public void An_iommu_event_is_read_in_this_form(string text, string device, ulong address, ulong flags)
    {
        LogReport report = ReportOf(Encoding.UTF8.GetBytes($"[    1.000000] {text}\n"));
        LoggedIommuEvent logged = Assert.IsType<LoggedIommuEvent>(Assert.Single(report.Findings));
        Assert.Equal((device, address, flags), (logged.Device, logged.Address, logged.Flags));
    }

    [Fact]
    public void A_fault_that_two_trace_events_tell_is_one()
    {
        const string Trace = """
             CPU 0/KVM-9 [001] d.... 1.500000: kvm_exit: vcpu 0 reason EXIT_NPF rip 0x1 info1 0x0000000500000004 info2 0x0000000012345000 intr_info 0x0 error_code 0x0
             CPU 0/KVM-9 [001] ..... 1.500002: kvm_page_fault: vcpu 0 rip 0x1 address 0x0000000012345000 error_code 0x500000004
             CPU 0/KVM-9 [001] ..... 1.600002: kvm_page_fault: vcpu 0 rip 0x1 address 0x0000000012346000 error_code 0x500000004
            """;
        Assert.Equal(2, ReportOf(Encoding.UTF8.GetBytes(Trace)).Findings.Count);
    }

    [Fact]
    public void A_story_has_the_fault_the_region_and_the_tables_edge()
    {
        const string Log = """
            SEV-SNP: RMP table physical range [0x000000004de00000 - 0x00000000566fffff]
            BUG: unable to handle page fault for address: ffff888056700000
            #PF: error_code(0x80000003) - RMP violation
            PGD 3a01067 P4D 3a01067 PUD 3a02067 PMD 80000000566001e3
            SEV-SNP: PFN 0x56700 unassigned, dumping non-zero entries in 2M PFN region: [0x56600 - 0x56800]
            SEV-SNP: PFN: 0x56600, [0x80000000000007fd - 0x0000000000000000]
            Oops: Oops: 0003 [#1] SMP NOPTI
            """;
        LogReport report = ReportOf(Encoding.UTF8.GetBytes(Log));
        LogStory story = report.Stories().Single(story => story.Kind == "rmp_fault");
        Assert.Equal(2, story.Findings.Count);
        Assert.Contains("mapping of 2M, and other pages of the 2M region are assigned", story.Why, StringComparison.Ordinal);
        Assert.Contains(story.Next, next => next.Contains(
            "shares the 2M block 0x56600000 with the end of the RMP",
            StringComparison.Ordinal));
        Assert.Equal(0x56700UL, ((LoggedPageFault)story.First).Frame);
    }

    [Fact]
    public void What_a_log_does_not_decide_is_said_with_the_line_that_would()
    {
        LogReport report = ReportOf("#PF: error_code(0x80000003) - RMP violation\n"u8.ToArray());
        LogStory story = Assert.Single(report.Stories());
        Assert.Contains(story.Open, open => open.Contains("RMP entry: […]", StringComparison.Ordinal));
        Assert.Contains(story.Open, open => open.Contains("PGD … PTE …", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_kind_of_story_says_what_why_and_by_which_rule()
    {
        LogReport report = new();
        foreach (string name in LogCase.Verbatim().ToNames()) Read(Encoding.UTF8.GetBytes(LogCase.Load(name).Text!), report);
        foreach (string line in (string[])[
            "ccp 0000:47:00.1: sev command 0x85 failed (0x00000003)", "SEV: Unexpected RMP fault for non-private GPA 0x1000",
            "SEV-SNP: Failed to split direct map for PFN 0x5605, ret: -12", "SEV: Unsupported exit-code 0x404 in #VC exception (IP: 0x7fe5404d3840)",
            "CPA  protect  rodata: 0xffffffff82000000 - 0xffffffff82000fff PFN 2000 req 8000000000000063 prevent 2",
            "AMD-Vi: Completion-Wait loop timed out", "SEV-SNP: Leaking PFN range 0x10-0x11", "psmash failed, gpa 0x191560000 pfn 0x536cd60 rc 7",
            "SEV-SNP: RMP optimizations enabled on physical address range @1GB alignment [0x0000000000000000 - 0x0000008080000000]",
            "SEV-SNP: PFN 0x10, RMP entry: [0x0000000000000001 - 0x000000000000001f]", "AMD-Vi: SNP: IOMMU is configured with V2 page table mode, SNP cannot be supported."])
        {
            Read(Encoding.UTF8.GetBytes(line + "\n"), report);
        }

        IReadOnlyList<LogStory> stories = report.Stories();
        Assert.True(stories.Select(story => story.Kind).Distinct().Count() >= 12, string.Join(' ',
            stories.Select(story => story.Kind).Distinct()));
        Assert.All(stories, story =>
        {
            Assert.NotEmpty(story.Title);
            Assert.NotEmpty(story.What);
            Assert.NotEmpty(story.Why);
            Assert.NotEmpty(story.Rule);
            Assert.NotEmpty(story.Details);
        });
    }

    private static LogReport Report(string fixture) => ReportOf(Fixture.Bytes(fixture));

    private static LogReport ReportOf(byte[] bytes)
    {
        LogReport report = new();
        Read(bytes, report);
        return report;
    }

    private static void Read(byte[] bytes, LogReport report)
    {
        using LogReader reader = LogReader.FromStream(new MemoryStream(bytes), "log", report);
        reader.ReadAll();
    }

    private static string Facts(LogReport report)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream)) report.WriteFacts(writer);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
