using System;
using FastRmp.Cli.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Decode;

public class DecodeRmpTests
{
    [Theory]
    [InlineData("0", "Hypervisor")]
    [InlineData("0x18", "Hypervisor")]
    [InlineData("4", "HV_Fixed")]
    [InlineData("0x8000000000000005", "Firmware")]
    [InlineData("80000000000007FD", "Firmware")]
    [InlineData("0x8002000000001005", "Firmware-IOMMU")]
    [InlineData("0xA000000000000005", "Context")]
    [InlineData("0x8001000123456005", "Metadata")]
    [InlineData("0x0000000000000001", "Reclaim")]
    [InlineData("0x0028000012345001", "Guest-Invalid")]
    [InlineData("0x4028000012345001", "Guest-Valid")]
    [InlineData("0x0028000012345005", "Pre-Guest")]
    [InlineData("0x8028000012345005", "Pre-Guest")]
    [InlineData("0x4028000012345005", "Pre-Swap")]
    [InlineData("0x4028000040000003", "Guest-Valid")]
    [InlineData("0x4028000040000FF9", "Guest-Valid")]
    [InlineData("0x6010FFFFFFFFF001", "Guest-Valid")]
    [InlineData("0x600FFFFFFFFFF001", "Guest-Valid")]
    [InlineData("0x4000000000000000", "Invalid")]
    public void The_first_line_is_the_state(string low, string state)
    {
        ToolResult result = Tool.Run("decode", "rmp", low).SpeaksProperly();
        Assert.Equal(0, result.Code);
        Assert.Equal($"state: {state}", result.OutputLines[0]);
    }

    [Fact]
    public void Every_field_is_printed() => Assert.Equal(
        [
            "state: Guest-Valid", "meaning: assigned to a guest that has validated it", "assigned: 1", "page_size: 4K", "immutable: 0",
            "subpage_count: 0",
            "gpa: 0xfffffffff000", "asid: 2", "vmsa: 1", "validated: 1", "lock: 0", "vmpl0: 0x1f R W Xu Xs SSS", "vmpl1: 0x00",
            "vmpl2: 0x02 W (write without read: no data access passes)", "vmpl3: 0x21 R (reserved bits set)", "implicit_key_select: 1",
            "root_port_id: 3",
            "pcie_ide_stream_id: 129", "page_migration: 2", "note: reserved bits are set in the high quadword",
        ],
        Tool.Run("decode", "rmp", "0x6010FFFFFFFFF001", "A04600032102001F").OutputLines);

    [Theory]
    [InlineData("1")]
    [InlineData("0x0000000000201001")] // what PAGE_UNSMASH leaves behind
    public void What_may_be_a_piece_of_a_large_page_is_ambiguous_without_its_base_entry(string low)
    {
        Assert.Contains("ambiguous: without its base entry", Tool.Run("decode", "rmp", low).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("ambiguous", Tool.Run("decode", "rmp", low, "--base", "8").Output, StringComparison.Ordinal);
        Assert.DoesNotContain("ambiguous", Tool.Run("decode", "rmp", low, "--base", "4028000040000003").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("0x8000000000000005")]
    [InlineData("0x4028000012345001")]
    public void What_can_only_be_a_page_of_its_own_is_not_ambiguous(string low) =>
        Assert.DoesNotContain("ambiguous", Tool.Run("decode", "rmp", low).Output, StringComparison.Ordinal);

    [Fact]
    public void A_piece_of_a_large_page_has_the_attributes_of_the_base_entry()
    {
        string[] lines = Tool.Run("decode", "rmp", "1", "0", "--base", "4028000040000003").OutputLines;
        Assert.Equal("state: Guest-Valid", lines[0]);
        Assert.Contains("own_high: 0x0", lines);
        Assert.Contains("part_of: 2M page; the fields below are those of its base entry, but Assigned is the page's own", lines);
        Assert.Contains("asid: 5", lines);
        Assert.Contains("page_size: 2M", lines);
        Assert.Contains("own_low: 0x1", lines);
    }

    [Fact]
    public void A_page_below_a_small_base_entry_is_itself()
    {
        string[] lines = Tool.Run("decode", "rmp", "1", "--base", "4028000040000FF9").OutputLines;
        Assert.Equal("state: Reclaim", lines[0]);
        Assert.Contains(
            "note: the region is not a 2M page: each entry describes its own page; Subpage_Count says that 511 of its 511 "
                + "sub-pages are assigned",
            lines);
    }

    [Theory]
    [InlineData("0 --base 4028000040000003", "lost sub-page")]
    [InlineData("0x201001 --base 4028000040000003", "is to be ignored")]
    [InlineData(
        "1FF0000000000001", "ASID 0x3fe marks a VMSA page in use, with Assigned and Lock and without Immutable; it is not an owner")]
    [InlineData("9FF0000000144001", "RMPUPDATE returns 3 FAIL_INUSE; but the page is not a VMSA")]
    [InlineData(
        "4028000012345001 f", "vmpl0: 0x0f is everything on a processor without supervisor shadow stacks (Milan); with them it is 0x1f")]
    [InlineData("18", "base entry: 3 of the other 511 pages of the region are assigned")]
    [InlineData("1FF8000000000001", "in transition: ASID 0x3ff is a lock")]
    [InlineData("8028000012345001", "in transition: locked by a processor")]
    [InlineData("8002000000001005", "carries firmware's tag 2 (Firmware-IOMMU) and value 0x1")]
    [InlineData("8001000123456005", "carries firmware's tag 1 (Metadata) and the guest's context page 0x123456000")]
    [InlineData("8004000000001005", "carries firmware's tag 4 (unknown)")]
    [InlineData("4", "RMPUPDATE returns 2 FAIL_PERMISSION")]
    [InlineData("2", "a 2M page that is not assigned")]
    [InlineData("402800004000000B", "inconsistent: the count of a 2M page is 0")]
    public void Notes_explain(string arguments, string note)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        Assert.Contains(
            Tool.Run(["decode", "rmp", .. arguments.Split(' ')]).OutputLines,
            line => line.StartsWith("note: ", StringComparison.Ordinal) && line.Contains(note, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("fff0000000144001", "0f")]
    [InlineData("[0xfff0000000144001 - 0x000000000000000f]", null)]
    [InlineData("RMPEntry paddr 0x144000: [high=0x000000000000000f low=0xfff0000000144001]", null)]
    [InlineData("SEV-SNP: PFN 0x144, RMP entry: [0xfff0000000144001 - 0x000000000000000f]", null)]
    public void A_save_area_in_use_is_reported_and_has_no_owner(string low, string? high)
    {
        ToolResult result = (high is null ? Tool.Run("decode", "rmp", low) : Tool.Run("decode", "rmp", low, high)).SpeaksProperly();
        Assert.Equal(
            ["state: Guest-Valid", "meaning: VMSA page in use by a running VCPU; its owner is not in the entry"], result.OutputLines[..2]);
        Assert.Contains("gpa: 0x144000", result.OutputLines);
        Assert.Contains("asid: 1022  0x3fe: a mark, no guest", result.OutputLines);
        Assert.Contains("vmpl0: 0x0f R W Xu Xs", result.OutputLines);
        Assert.DoesNotContain("in transition", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("6b6b6b6b6b6b6b6b", "looks_like: poison 0x6b")]
    [InlineData("736c6f6f74206e69", "looks_like: ASCII text \"in tools\"")]
    [InlineData("ffffffffffffffff", "looks_like: all ones")]
    [InlineData("0 5a5a5a5a5a5a5a5a", "looks_like: the high quadword: poison 0x5a")]
    [InlineData("6b6b6b6b6b6b6b6b --base 4028000040000003", "looks_like: poison 0x6b")]
    public void Values_that_are_no_entry_are_called_what_they_are(string arguments, string line)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        Assert.Contains(
            Tool.Run(["decode", "rmp", .. arguments.Split(' ')]).OutputLines, answer => answer.StartsWith(line, StringComparison.Ordinal));
    }

    [Fact]
    public void A_lost_piece_of_a_large_page_is_not_said_to_be_assigned()
    {
        string[] lines = Tool.Run("decode", "rmp", "0", "--base", "4028000040000003").OutputLines;
        Assert.Equal("state: Invalid", lines[0]);
        Assert.Contains("assigned: 0", lines);
    }

    [Fact]
    public void Values_that_are_no_numbers_are_refused()
    {
        Tool.Run("decode", "rmp").IsUsageError("Required argument 'LOW HIGH' missing for command: 'rmp'.");
        Tool.Run("decode", "rmp", "zz")
            .IsUsageError("LOW: 'zz' is not a hexadecimal number of at most 64 bits, and not an RMP entry as a kernel prints it");
        Tool.Run("decode", "rmp", "1", "10000000000000000")
            .IsUsageError("HIGH: '10000000000000000' is not a hexadecimal number of at most 64 bits");
        Tool.Run("decode", "rmp", "1", "--base", "x").IsUsageError("--base: 'x' is not a hexadecimal number of at most 64 bits");
        Tool.Run("decode", "rmp", "[1 - 2]", "3")
            .IsUsageError("LOW: '[1 - 2] 3' is not a hexadecimal number of at most 64 bits, and not an RMP entry as a kernel prints it");
        Tool.Run("decode", "rmp", "[1 - 2 - 3]")
            .IsUsageError("LOW: '[1 - 2 - 3]' is not a hexadecimal number of at most 64 bits, and not an RMP entry as a kernel prints it");
        Tool.Run("decode", "rmp", "1", "2", "3").IsUsageError("there are more than two numbers: LOW and HIGH are needed");
        Assert.EndsWith("fastrmp: try 'fastrmp decode rmp --help'\n", Tool.Run("decode", "rmp", "zz").Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("8000000000000ffd f", "8000000000000ffd", "f")]
    [InlineData("0x8000000000000FFD 0XF", "8000000000000ffd", "f")]
    [InlineData("[0x8000000000000ffd - 0x000000000000000f]", "8000000000000ffd", "f")]
    [InlineData("8000000000000ffd - f", "8000000000000ffd", "f")]
    [InlineData("0x8000000000000ffd,0xf", "8000000000000ffd", "f")]
    [InlineData("SEV-SNP: PFN 0x20cee00, RMP entry: [0x8000000000000ffd - 0x000000000000000f]", "8000000000000ffd", "f")]
    [InlineData("[  123.456789] SEV-SNP: PFN: 0x20cee00, [0x8000000000000ffd - 0x000000000000000f]\r", "8000000000000ffd", "f")]
    [InlineData("SEV-SNP: RMP entry for PFN 0x20cee00: [high=0x000000000000000f low=0x8000000000000ffd]", "8000000000000ffd", "f")]
    [InlineData("RMPEntry paddr 0x20cee00000: [high=0x000000000000000f low=0x8000000000000ffd]", "8000000000000ffd", "f")]
    [InlineData("low: 0x8000000000000ffd, high: 0xf", "8000000000000ffd", "f")]
    [InlineData("hi 000000000000000f lo 8000000000000ffd", "8000000000000ffd", "f")]
    [InlineData("RMPEntry paddr 0x20cee00000 000000000000000f 8000000000000ffd", "8000000000000ffd", "f")] // the high one first
    [InlineData("low=0x8000000000000ffd", "8000000000000ffd", null)]
    public void A_raw_entry_is_taken_as_it_is_printed(string printed, string low, string? high)
    {
        ArgumentNullException.ThrowIfNull(printed);
        string[] plain = high is null ? ["decode", "rmp", low] : ["decode", "rmp", low, high];
        string expected = Tool.Run(plain).Output;
        Assert.Equal(expected, Tool.Run("decode", "rmp", printed).SpeaksProperly().Output);
        Assert.Equal(expected, Tool.Run(["decode", "rmp", .. printed.Split(' ')]).Output);
    }

    [Theory]
    // Milan
    [InlineData(
        "SEV-SNP: RMPEntry paddr 0x145ba4000 [assigned=1 immutable=0 pagesize=0 gpa=0xfffffffff asid=1 vmsa=1 validated=1]",
        "6008fffffffff001", "a page number")]
    // Genoa
    [InlineData(
        "SEV-SNP: RMPEntry paddr 0x1c9f36000 [assigned=1 immutable=0 pagesize=0 gpa=0x7fffffffff asid=1 vmsa=1 validated=1]",
        "600ffffffffff001", "a page number")]
    [InlineData(
        "SEV-SNP: RMPEntry paddr 0x1001ea000 [assigned=1 immutable=1 pagesize=0 gpa=0x2000000001 asid=0 vmsa=0 validated=0]",
        "0002000000001005", "a page number")]
    [InlineData(
        "SEV-SNP: RMPEntry [KP][dump_rmpentry] paddr 0x1f52b8000 [assigned=0 immutable=0 pagesize=0 gpa=0x0 asid=0 vmsa=0 validated=0]",
        "0", null)]
    [InlineData(
        "RMPEntry paddr 0x40000000 [assigned=1 immutable=0 pagesize=1 gpa=0x40000 asid=5 vmsa=0 validated=1]", "4028000040000003",
        "a page number")]
    // never an address there
    [InlineData(
        "RMPEntry paddr 0x40000000 [assigned=1 immutable=0 pagesize=1 gpa=0x40000000 asid=5 vmsa=0 validated=1]", "4028040000000003",
        "a page number")]
    [InlineData("validated=1 vmsa=0 asid=0x5 gpa=0x40000000 pagesize=1 assigned=1", "4028000040000003", "an address")]
    [InlineData(
        "assigned: 1, immutable: 0, page_size: 2M, gpa: 0x40000000, asid: 5, vmsa: 0, validated: 1, lock: 0", "4028000040000003",
        "an address")]
    [InlineData("Assigned: True PageSize: 4K Immutable: false ASID: 10 GPA: 40000000 Validated: no", "0050000040000001", "an address")]
    [InlineData("assigned=1 immutable=1 lock=1 pagesize=0 subpage_count=255", "80000000000007fd", null)]
    [InlineData("assigned=1 immutable=0 lock=1 asid=1022 vmsa=1 validated=1 gpa=0x144", "fff0000000144001", "a page number")]
    public void A_list_of_fields_is_an_entry(string printed, string low, string? gpa)
    {
        string[] expected = Tool.Run("decode", "rmp", low).OutputLines;
        string[] lines = Tool.Run("decode", "rmp", printed).SpeaksProperly().OutputLines;
        Assert.Equal(expected, lines[..^1]);
        Assert.StartsWith("note: printed as fields; fields that the line lacks count as 0: ", lines[^1], StringComparison.Ordinal);
        Assert.EndsWith(
            gpa is null
                ? "the high quadword"
                : gpa == "an address" ? "taken for an address" : "is taken for a page number, as the entry's field is",
            lines[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("assigned=1 immutable=2", "immutable: '2' is neither 0 nor 1")]
    [InlineData("assigned=1 pagesize=2", "page_size: '2' is neither 0 (4K) nor 1 (2M)")]
    [InlineData("assigned=1 asid=1024", "asid: '1024' is not a number from 0 to 1023")]
    [InlineData("assigned=1 subpage_count=512", "subpage_count: '512' is not a number from 0 to 511")]
    [InlineData("assigned=1 gpa=zz", "gpa: 'zz' is not a hexadecimal number of at most 64 bits")]
    [InlineData("RMPEntry [assigned=1 gpa=0x8000000000]", "gpa: 0x8000000000 is more than the field holds")]
    [InlineData("assigned=1 gpa=0x8000000000000", "gpa: 0x8000000000000 is more than the field holds")]
    public void A_field_that_cannot_be_is_refused(string printed, string message) =>
        Tool.Run("decode", "rmp", printed).IsUsageError(message);

    [Fact]
    public void The_heading_of_a_region_is_no_entry_and_the_lines_below_it_are()
    {
        const string Heading = "SEV-SNP: PFN 0x56700 unassigned, dumping non-zero entries in 2M PFN region: [0x56600 - 0x56800]";
        ToolResult alone = Tool.Run("decode", "rmp", Heading);
        alone.IsUsageError(
            $"LOW: the line has no entry, its range is one of page frames; the entries are in the lines below it: '{Heading}'");
        ToolResult whole = Tool.Run(
            "decode", "rmp",
            $"SEV-SNP: RMPUPDATE failed for PFN 56700, pg_level: 1, ret: 2\n{Heading}\n"
                + $"SEV-SNP: PFN: 0x56600, [0x80000000000007fd - 0x0000000000000000]\n"
                + $"SEV-SNP: PFN: 0x56601, [0x8000000000000005 - 0x0000000000000000]\n")
            .SpeaksProperly();
        Assert.Equal(
            Tool.Run("decode", "rmp", "80000000000007fd", "0").Output + "\n" + Tool.Run("decode", "rmp", "8000000000000005", "0").Output,
            whole.Output);
    }

    [Fact]
    public void Without_a_kind_the_command_line_is_wrong() => Tool.Run("decode").IsUsageError("Required command was not provided.");
}
