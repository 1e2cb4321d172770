using System;
using FastRmp.Cli.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Decode;

/// <summary>A text that shows what kind of value it has needs no name of the kind.</summary>
public class PrintedKindTests
{
    private const string RmpFault =
        "vfio-pci 0000:c1:00.0: AMD-Vi: Event logged [RMP_PAGE_FAULT vmg_tag=0x0000, gpa=0x740b8784, flags_rmp=0x0000, flags=0x0020]";

    [Theory]
    [InlineData("pf", "error_code(0x0011)")]
    [InlineData("pf", "#PF: error_code(0x80000003) - RMP violation")]
    [InlineData("pf", "Oops: 0003 [#1] SMP")]
    [InlineData("npf", "kvm_page_fault: vcpu 219 rip 0x0 address 0x18cbc00000 error_code 0x500000004")]
    [InlineData("flags", "flags=0x0030")]
    [InlineData("event", "AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0021 address=0x7ff00000000 flags=0x0030]")]
    [InlineData("event", "AMD-Vi: event[0]: 0x0000c100 event[1]: 0xd0200000 event[2]: 0x740b8784 event[3]: 0x00000000")]
    [InlineData("pte", "PTE 800fffff9edcb062")]
    [InlineData("pte", "PGD 2c01067 P4D 2c01067 PUD 107267063 PMD 10382b063 PTE 800fffff9edcb062")]
    [InlineData("rmp", "[0xfff0000000144001 - 0x000000000000000f]")]
    [InlineData("rmp", "SEV-SNP: PFN 0x12, RMP entry: [0x6010fffffffff001 - 0x000000000000001f]")]
    [InlineData("rmp", "RMPEntry paddr 0x1c9f36000 [assigned=1 immutable=0 pagesize=0 gpa=0x7fffffffff asid=1 vmsa=1 validated=1]")]
    [InlineData("rmp-range", "SEV-SNP: RMP table physical range [0x000000005bc00000 - 0x000000006c9fffff]")]
    [InlineData("dte", "DTE[0]: 6190000000000003 DTE[1]: 105345400022 DTE[2]: 2008000000000000 DTE[3]: 0")]
    public void The_kind_may_be_missing_before_a_printed_text(string kind, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ToolResult result = Tool.Run("decode", text).SpeaksProperly();
        Assert.Equal(0, result.Code);
        Assert.NotEmpty(result.Output);
        Assert.Equal(Tool.Run("decode", kind, text), result);
        Assert.Equal(result, Tool.Run(["decode", .. text.Split(' ')]));
    }

    [Theory]
    [InlineData("0x1234")]
    [InlineData("zz")]
    [InlineData("map")]
    [InlineData("")]
    public void A_text_that_shows_no_kind_needs_one(string text) => Assert.Equal(2, Tool.Run("decode", text).Code);

    [Fact]
    public void The_line_of_an_event_is_printed_field_by_field()
    {
        string[] lines = Tool.Run("decode", "event", RmpFault).SpeaksProperly().OutputLines;
        Assert.Equal(
            [
                "code: 0xd  RMP_PAGE_FAULT", "device: 0000:c1:00.0", "vmg_tag: 0x0000",
                "flags_rmp: 0x0000  no public source says what its bits mean", "address: 0x740b8784  the device's", "flags: 0x0020",
            ],
            lines[..6]);
        Assert.Equal(Tool.Run("decode", "flags", RmpFault).OutputLines, lines[5..]);
    }

    [Fact]
    public void A_name_of_an_event_alone_is_no_line() =>
        Tool.Run("decode", "event", "IO_PAGE_FAULT")
            .IsUsageError("the line names an event, and is not as a kernel prints one: 'IO_PAGE_FAULT'");
}
