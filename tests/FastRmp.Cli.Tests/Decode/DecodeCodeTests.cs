using System;
using FastRmp.Cli.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Decode;

public class DecodeCodeTests
{
    [Fact]
    public void Every_bit_of_a_page_fault_is_printed() => Assert.Equal(
        [
            "code: 0x80000003", "set: P W/R RMP", "P: 1  the translation was present", "W/R: 1  write", "U/S: 0  in supervisor mode",
            "RSV: 0", "I/D: 0", "PK: 0",
            "SS: 0", "SGX: 0", "RMP: 1  the RMP denied the access", "reserved: 0",
        ],
        Tool.Run("decode", "pf", "0x80000003").OutputLines[..^1]);

    [Fact]
    public void Every_bit_of_a_nested_fault_is_printed() => Assert.Equal(
        [
            "code: 0xc80000005", "set: P U RMP ENC SIZEM", "P: 1  the nested translation was present", "W: 0  read or fetch",
            "U: 1  user access, as every nested walk is",
            "RSV: 0", "I/D: 0", "RMP: 1  an RMP check failed", "final: 0", "table: 0", "ENC: 1  private access (C-bit 1)",
            "SIZEM: 1  size mismatch between PVALIDATE or RMPADJUST and the RMP", "VMPL: 0", "SSS: 0", "reserved: 0",
            "note: neither bit 32 (final) nor bit 33 (table) is set: no access of an ordinary walk, but the operand of an instruction "
                + "such as PVALIDATE",
            "kvm: private by ENC: memory fault exit with flags 8 if the page's attribute is shared, else the page is mapped; then the RMP: "
                + "PSMASH if the entry is of 2M, else spurious",
        ],
        Tool.Run("decode", "npf", "c80000005").OutputLines[..^1]);

    [Theory]
    [InlineData("pf", "80000003", "a kernel write to memory that is not the hypervisor's")]
    [InlineData("pf", "80000007", "a user write to memory that is not the hypervisor's")]
    [InlineData(
        "pf", "80000001",
        "an RMP violation of a kernel read: the RMP does not check such accesses of a host, so what it refused is the walker's marking of "
            + "Accessed or Dirty in a page table")]
    [InlineData("pf", "11", "a kernel fetch from a page that is no-execute")]
    [InlineData("pf", "15", "a user fetch from a page that is no-execute")]
    [InlineData("pf", "3", "a kernel write to a page that is read-only")]
    [InlineData("pf", "5", "a user read of a page that is the supervisor's")]
    [InlineData("pf", "1", "a kernel read of a page that is the user's (U/S = 1) with CR4.SMAP")]
    [InlineData("pf", "9", "a kernel read that met a reserved bit")]
    [InlineData("pf", "c", "a user read that met a reserved bit")]
    [InlineData("pf", "27", "a user write that the page's protection key forbids")]
    [InlineData("pf", "46", "a user shadow-stack write of an address that no present page maps")]
    [InlineData("pf", "47", "a user shadow-stack write of a page that is not a shadow stack")]
    [InlineData("pf", "8007", "a user write that Intel's SGX refused")]
    [InlineData("pf", "2", "the RMP is not involved")]
    [InlineData("npf", "100000004", "the RMP is not involved")]
    [InlineData("npf", "500000004", "a private read of a guest address that the nested tables do not map: the first touch of the page")]
    [InlineData("npf", "500000014", "a private fetch of a guest address that the nested tables do not map")]
    [InlineData("npf", "100000006", "a shared write of a guest address that the nested tables do not map")]
    [InlineData(
        "npf", "600000006",
        "a private access to a guest page table of a guest address that the nested tables do not map: the first touch of the table")]
    [InlineData("npf", "100000015", "meaning: a fetch that the nested tables forbid: NX")]
    [InlineData("npf", "200000006", "meaning: an access to a guest page table of a guest address that the nested tables do not map")]
    [InlineData("npf", "500000007", "a private write that the nested tables forbid: R/W = 0")]
    [InlineData("npf", "500000015", "a private fetch that the nested tables forbid: NX")]
    [InlineData("npf", "600000007", "a private access to a guest page table that the nested tables map without R/W")]
    [InlineData("npf", "50000000d", "a private read that met a reserved bit in a present nested entry")]
    [InlineData("npf", "60000000f", "a private access to a guest page table that met a reserved bit")]
    [InlineData("npf", "180000005", "a shared read: the RMP does not check such accesses")]
    [InlineData("npf", "c80000005", "the host has to PSMASH")]
    [InlineData("npf", "480000005", "PVALIDATE, RMPADJUST or RMPQUERY on a page that is not the guest's")]
    [InlineData("npf", "580000005", "a private access to a page that is not the guest's")]
    [InlineData("npf", "1580000005", "its VMPL lacks the permission for a private read")]
    [InlineData("npf", "280000007", "a shared write to a page that is not the hypervisor's by an access to a guest page table")]
    [InlineData("npf", "180000007", "a shared write to a page that is not the hypervisor's")]
    public void The_last_line_says_what_happened(string kind, string code, string meaning)
    {
        string[] lines = Tool.Run("decode", kind, code).OutputLines;
        Assert.StartsWith("meaning: ", lines[^1], StringComparison.Ordinal);
        Assert.Contains(meaning, lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Several_codes_are_printed_with_an_empty_line_between()
    {
        string output = Tool.Run("decode", "pf", "0", "4000").Output;
        Assert.StartsWith("code: 0x0\nset: -\n", output, StringComparison.Ordinal);
        Assert.Contains("\n\ncode: 0x4000\nset: reserved\n", output, StringComparison.Ordinal);
        Assert.Contains("\nreserved: 1  bit 14: hardware does not write such a code\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("error_code(0x0011)", "0x11")]
    [InlineData("#PF: error_code(0x0002) - not-present page", "0x2")]
    [InlineData("error_code:0x0011", "0x11")]
    [InlineData("error_code=11", "0x11")]
    [InlineData("vcpu 0 rip 0xffffffff810000ad address 0x0000000100bf4000 error_code 0x500000004", "0x500000004")]
    [InlineData("vcpu 3 gpa 00000000bf400000 pfn 0x11fa00 error_code 0xc80000005 rmp_level 2 psmash_ret 0", "0xc80000005")]
    [InlineData("kvm_exit: vcpu 0 reason npf rip 0x100 info1 0x0000000100000014 info2 0x00000000000bf000", "0x100000014")]
    [InlineData("exit_info1:       0000000500000004 exit_info2: 00000000bf400000", "0x500000004")]
    [InlineData("EXITINFO1=0x500000004", "0x500000004")]
    [InlineData("exitinfo1 0x500000004", "0x500000004")]
    [InlineData("EXITINFO1: 0x500000004, EXITINFO2: 0x1000", "0x500000004")]
    [InlineData("Oops: 0002 [#1] SMP", "0x2")]
    [InlineData("Oops: Oops: 0002 [#1] SMP NOPTI", "0x2")]
    [InlineData("Bad pagetable: 000d [#1] SMP", "0xd")]
    [InlineData("a.out[7]: segfault at 7ffe ip 000055d0 sp 00007ffe error 15 in a.out[55d0+1000]", "0x15")]
    [InlineData("#PF error: [PROT] [WRITE]", "0x3")] // Linux 5.0
    [InlineData("#PF error: [PROT] [USER] [INSTR]", "0x15")]
    [InlineData("[   12.345678] #PF error: [RSVD] [PROT]", "0x9")]
    [InlineData("#PF error: [normal kernel read fault]", "0x0")]
    // QEMU's -d int
    [InlineData(
        "check_exception old: 0xffffffff new 0xe\n  0: v=0e e=0011 i=0 cpl=0 IP=0010:ffffffff81000000 CR2=ffff888000000000", "0x11")]
    [InlineData("kvm_exit: reason EXIT_npf rip 0xfff info 500000004 bf400000", "0x500000004")]
    [InlineData("kvm_nested_vmexit: reason: npf ext_inf1: 0x0000000500000004 ext_inf2: 0x00000000bf400000", "0x500000004")]
    [InlineData("(0x11)", "0x11")]
    [InlineData("0x11,", "0x11")]
    [InlineData("0X11", "0x11")]
    [InlineData("0000000000000011", "0x11")]
    public void Codes_are_taken_as_kernels_and_traces_print_them(string printed, string code)
    {
        ArgumentNullException.ThrowIfNull(printed);
        foreach (string kind in new[] { "pf", "npf" })
        {
            ToolResult result = Tool.Run("decode", kind, printed).SpeaksProperly();
            Assert.Equal(0, result.Code);
            Assert.Equal($"code: {code}", result.OutputLines[0]);
        }

        string[] words = printed.Split(' ');
        if (words.Length != 2) return;
        Assert.Equal($"code: {code}", Tool.Run(["decode", "npf", .. words]).OutputLines[0]);
    }

    [Theory]
    [InlineData("#PF: error_code(0x0011) - permissions violation", "0x11")]
    [InlineData("#PF error: [PROT] [WRITE]", "0x3")]
    [InlineData("vcpu 0 rip 0xffffffff810000ad address 0x0000000100bf4000 error_code 0x500000004", "0x500000004")]
    [InlineData("segfault at 7ffe ip 000055d0 sp 00007ffe error 15 in a.out[55d0+1000]", "0x15")]
    public void A_line_may_come_without_quotes(string printed, string code)
    {
        ArgumentNullException.ThrowIfNull(printed);
        Assert.Equal($"code: {code}", Tool.Run(["decode", "npf", .. printed.Split(' ')]).SpeaksProperly().OutputLines[0]);
    }

    [Theory]
    [InlineData("#PF error: [PROT] [WHAT]")]
    [InlineData("#PF error: none")]
    [InlineData("error_code")]
    [InlineData("error_code(zz)")]
    [InlineData("error_code 0x1_1")]
    [InlineData("terror 11")]
    [InlineData("0x")]
    [InlineData("")]
    [InlineData("10000000000000000")]
    public void Printed_forms_without_a_code_are_refused(string printed) =>
        Tool.Run("decode", "npf", printed).IsUsageError($"HEX: '{printed}' is not a hexadecimal number of at most 64 bits");

    [Theory]
    [InlineData("pf")]
    [InlineData("npf")]
    public void Values_that_are_no_numbers_are_refused(string kind)
    {
        Tool.Run("decode", kind).IsUsageError($"Required argument 'HEX' missing for command: '{kind}'.");
        Tool.Run("decode", kind, "5", "zz").IsUsageError("HEX: 'zz' is not a hexadecimal number of at most 64 bits");
    }
}
