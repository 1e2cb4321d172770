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
            "state: Guest-Valid", "meaning: assigned to a guest that has validated it", "assigned: 1", "page_size: 4K", "immutable: 0", "subpage_count: 0",
            "gpa: 0xfffffffff000", "asid: 2", "vmsa: 1", "validated: 1", "lock: 0", "vmpl0: 0x1f R W Xu Xs SSS", "vmpl1: 0x00",
            "vmpl2: 0x02 W (write without read: no data access passes)", "vmpl3: 0x21 R (reserved bits set)", "implicit_key_select: 1", "root_port_id: 3",
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
        Assert.Contains("note: the region is no 2M page: each entry stands for itself; Subpage_Count says that 511 of its 511 sub-pages are assigned", lines);
    }

    [Theory]
    [InlineData("0 --base 4028000040000003", "lost sub-page")]
    [InlineData("0x201001 --base 4028000040000003", "is to be ignored")]
    [InlineData("1FF0000000000001", "ASID 0x3fe marks a VMSA page in use, with Assigned and Lock and without Immutable; it is no owner")]
    [InlineData("9FF0000000144001", "RMPUPDATE answers 3 FAIL_INUSE; but the page is no VMSA")]
    [InlineData("4028000012345001 f", "vmpl0: 0x0f is everything on a processor without supervisor shadow stacks (Milan); with them it is 0x1f")]
    [InlineData("18", "base entry: 3 of the other 511 pages of the region are assigned")]
    [InlineData("1FF8000000000001", "in transition: ASID 0x3ff is a lock")]
    [InlineData("8028000012345001", "in transition: locked by a processor")]
    [InlineData("8002000000001005", "carries firmware's tag 2 (Firmware-IOMMU) and value 0x1")]
    [InlineData("8001000123456005", "carries firmware's tag 1 (Metadata) and the guest's context page 0x123456000")]
    [InlineData("8004000000001005", "carries firmware's tag 4 (unknown)")]
    [InlineData("4", "RMPUPDATE answers 2 FAIL_PERMISSION")]
    [InlineData("2", "a 2M page that is not assigned")]
    [InlineData("402800004000000B", "inconsistent: the count of a 2M page is 0")]
    public void Notes_explain(string arguments, string note)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        Assert.Contains(Tool.Run(["decode", "rmp", .. arguments.Split(' ')]).OutputLines, line => line.StartsWith("note: ", StringComparison.Ordinal) && line.Contains(note, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("fff0000000144001", "0f")]
    [InlineData("[0xfff0000000144001 - 0x000000000000000f]", null)]
    [InlineData("RMPEntry paddr 0x144000: [high=0x000000000000000f low=0xfff0000000144001]", null)]
    [InlineData("SEV-SNP: PFN 0x144, RMP entry: [0xfff0000000144001 - 0x000000000000000f]", null)]
    public void A_save_area_in_use_is_told_and_has_no_owner(string low, string? high)
    {
        ToolResult result = (high is null ? Tool.Run("decode", "rmp", low) : Tool.Run("decode", "rmp", low, high)).SpeaksProperly();
        Assert.Equal(["state: Guest-Valid", "meaning: VMSA page in use by a running VCPU; its owner is not in the entry"], result.OutputLines[..2]);
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
        Assert.Contains(Tool.Run(["decode", "rmp", .. arguments.Split(' ')]).OutputLines, answer => answer.StartsWith(line, StringComparison.Ordinal));
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
        Tool.Run("decode", "rmp").IsUsageError("Required argument 'LOW' missing for command: 'rmp'.");
        Tool.Run("decode", "rmp", "zz").IsUsageError("LOW: 'zz' is no hexadecimal number of at most 64 bits");
        Tool.Run("decode", "rmp", "1", "10000000000000000").IsUsageError("HIGH: '10000000000000000' is no hexadecimal number of at most 64 bits");
        Tool.Run("decode", "rmp", "1", "--base", "x").IsUsageError("--base: 'x' is no hexadecimal number of at most 64 bits");
        Tool.Run("decode", "rmp", "[1 - 2]", "3").IsUsageError("HIGH: LOW is a pair already");
        Tool.Run("decode", "rmp", "[1 - 2 - 3]").IsUsageError("LOW: '[1 - 2 - 3]' is no hexadecimal number of at most 64 bits");
        Tool.Run("decode", "rmp", "1", "2", "3").IsUsageError("Unrecognized command or argument '3'.");
        Assert.EndsWith("fastrmp: try 'fastrmp decode rmp --help'\n", Tool.Run("decode", "rmp", "zz").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_kind_the_command_line_is_wrong() => Tool.Run("decode").IsUsageError("Required command was not provided.");
}
