using System;
using FastRmp.Cli.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Decode;

public class DecodeCodeTests
{
    [Fact]
    public void Every_bit_of_a_page_fault_is_printed() => Assert.Equal(
        [
            "code: 0x80000003", "set: P W/R RMP", "P: 1  the translation was present", "W/R: 1  write", "U/S: 0  in supervisor mode", "RSV: 0", "I/D: 0", "PK: 0",
            "SS: 0", "SGX: 0", "RMP: 1  the RMP forbade the access", "reserved: 0",
        ],
        Tool.Run("decode", "pf", "0x80000003").OutputLines[..^1]);

    [Fact]
    public void Every_bit_of_a_nested_fault_is_printed() => Assert.Equal(
        [
            "code: 0xc80000005", "set: P U RMP ENC SIZEM", "P: 1  the nested translation was present", "W: 0  read or fetch", "U: 1  user access, as every nested walk is",
            "RSV: 0", "I/D: 0", "RMP: 1  an RMP check failed", "final: 0", "table: 0", "ENC: 1  private access (C-bit 1)",
            "SIZEM: 1  size mismatch between PVALIDATE or RMPADJUST and the RMP", "VMPL: 0", "SSS: 0", "reserved: 0",
        ],
        Tool.Run("decode", "npf", "c80000005").OutputLines[..^1]);

    [Theory]
    [InlineData("pf", "80000003", "a kernel write to memory that is not the hypervisor's")]
    [InlineData("pf", "80000007", "a user write to memory that is not the hypervisor's")]
    [InlineData("pf", "80000001", "the walker's write to a page table")]
    [InlineData("pf", "2", "the RMP is not involved")]
    [InlineData("npf", "100000004", "the RMP is not involved")]
    [InlineData("npf", "c80000005", "the host has to PSMASH")]
    [InlineData("npf", "480000005", "PVALIDATE, RMPADJUST or RMPQUERY on a page that is not the guest's")]
    [InlineData("npf", "580000005", "a private access to a page that is not the guest's")]
    [InlineData("npf", "1580000005", "its VMPL lacks the permission")]
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
    }

    [Theory]
    [InlineData("pf")]
    [InlineData("npf")]
    public void Values_that_are_no_numbers_are_refused(string kind)
    {
        Tool.Run("decode", kind).IsUsageError($"Required argument 'HEX' missing for command: '{kind}'.");
        Tool.Run("decode", kind, "5", "zz").IsUsageError("HEX: 'zz' is no hexadecimal number of at most 64 bits");
    }
}
