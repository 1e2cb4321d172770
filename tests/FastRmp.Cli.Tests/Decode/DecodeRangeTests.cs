using System;
using System.Globalization;
using System.Linq;
using FastRmp.Cli.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Decode;

public class DecodeRangeTests
{
    private const ulong Gib = 1UL << 30;

    [Theory]
    [InlineData("100000", "1103fff", "0x100000000 (4.000 GiB)")]
    [InlineData("35500000", "75afffff", "0x405fc00000 (257.496 GiB)")]
    [InlineData("64000000", "747fffff", "0x107fc00000 (65.996 GiB)")]
    [InlineData("280d4800000", "28357efffff", "0x2836fc00000 (2573.746 GiB)")]
    [InlineData("0x100000", "0x107fff", "0x400000 (0.004 GiB)")]
    public void A_table_covers_what_its_size_says(string first, string last, string covered)
    {
        ArgumentNullException.ThrowIfNull(covered);
        string[] lines = Tool.Run("decode", "rmp-range", first, last).SpeaksProperly().OutputLines;
        Assert.Equal("rmp: usable", lines[0]);
        Assert.Contains($"covered: {covered}", lines);
        Assert.Contains($"first_uncovered: {covered.Split(' ')[0]}", lines);
    }

    [Fact]
    public void Everything_about_a_table_is_reported() => Assert.Equal(
        [
            "rmp: usable", "table: 0x97f00000 - 0xa84fffff", "size: 0x10600000 (0.256 GiB)", "covered: 0x105fc00000 (65.496 GiB)",
            "first_uncovered: 0x105fc00000",
            "hardware: aligned: both ends are multiples of 8K", "firmware: aligned: both ends are multiples of 1M", "covers_itself: yes",
            "start: inside the 2M region at 0x97e00000: the rest of it, 0x97e00000 - 0x97efffff, cannot be part of a 2M RMPUPDATE or of a "
                + "2M host mapping; Linux reserves it",
            "end: inside the 2M region at 0xa8400000: the rest of it, 0xa8500000 - 0xa85fffff, cannot be part of a 2M RMPUPDATE or of a 2M "
                + "host mapping; Linux reserves it",
            "ram: 0x2000000000 (128.000 GiB)", "uncovered: 0xfa0400000 (62.504 GiB)",
            "needed: 0x20100000 (0.501 GiB)  the size of a table, in whole MiB, that covers it",
            "uncovered_range: 0x105fc00000 - 0x1fffffffff  always the hypervisor's, never a guest's: RMPUPDATE returns 1 FAIL_INPUT; "
                + "Linux does without SNP",
        ],
        Tool.Run("decode", "rmp-range", "97f00000", "a84fffff", "--ram", "128G").OutputLines);

    [Theory]
    [InlineData("0 1fff", "rmp: no RMP: ")]
    [InlineData("0 0", "rmp: no RMP: ")]
    [InlineData("75afffff 35500000", "rmp: unusable: RMP_END is below RMP_BASE.")]
    [InlineData("100000 103fff", "rmp: unusable: The table 0x100000-0x103fff has no room for an entry")]
    [InlineData("35500010 75afffff", "rmp: not aligned: RMP_BASE 0x35500010 is not a multiple of 8 KiB.")]
    [InlineData("35500000 75b00000", "rmp: not aligned: RMP_END 0x75b00000 is not the last byte of an 8 KiB unit.")]
    [InlineData("8000000000000001 ffff", "rmp: unusable: RMP_BASE 0x8000000000000001 has reserved bits set")]
    [InlineData("ffffffffffffffff ffffffffffffffff", "rmp: unusable: ")]
    public void A_pair_that_makes_no_table_is_an_answer_too(string pair, string line)
    {
        ArgumentNullException.ThrowIfNull(pair);
        ArgumentNullException.ThrowIfNull(line);
        ToolResult result = Tool.Run(["decode", "rmp-range", .. pair.Split(' '), "--ram", "1G"]).SpeaksProperly();
        Assert.Equal(0, result.Code);
        Assert.StartsWith(line, result.OutputLines[0], StringComparison.Ordinal);
        if (!line.StartsWith("rmp: not aligned", StringComparison.Ordinal))
        {
            Assert.Contains("uncovered: 0x40000000 (1.000 GiB)", result.OutputLines);
        }
        else
        {
            Assert.Contains("covered: 0x405fc00000 (257.496 GiB)", result.OutputLines);
        }
    }

    [Theory]
    [InlineData("35502000 75afffff", "firmware: refuses it: RMP_BASE is not a multiple of 1M")]
    [InlineData("35500000 75afdfff", "firmware: refuses it: the size is not a multiple of 1M")]
    [InlineData("8000035500000 8000075afffff", "firmware: refuses it: bit 51, the C-bit, is set")]
    [InlineData("280d4800000 280d48fffff", "covers_itself: no: firmware refuses it, the table's own pages need entries")]
    [InlineData("35400000 753fffff", "start: on a 2M boundary")]
    [InlineData("35400000 753fffff", "end: on a 2M boundary")]
    [InlineData("35500000 75afffff --ram 0x405fc00000", "uncovered: none: all of it is covered")]
    [InlineData("35500000 75afffff --ram 0x405fc00001", "uncovered: 0x1 (0.000 GiB)")]
    [InlineData("35500000 75afffff --ram 276484325376", "uncovered: none: all of it is covered")]
    [InlineData("35500000 75afffff --ram 258g", "uncovered: 0x20400000 (0.504 GiB)")]
    [InlineData("35500000 75afffff --ram 264192M", "uncovered: 0x20400000 (0.504 GiB)")]
    [InlineData("35500000 75afffff --ram 270532608k", "uncovered: 0x20400000 (0.504 GiB)")]
    [InlineData("35500000 75afffff --ram 2T", "ram: 0x20000000000 (2048.000 GiB)")]
    [InlineData("35500000 75afffff --ram 0", "uncovered: none: all of it is covered")]
    [InlineData("35500000 75afffff --ram 18446744073709551615", "ram: 0xffffffffffffffff (17179869184.000 GiB)")]
    public void Who_would_refuse_it_and_what_it_leaves_out_is_reported(string arguments, string line)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        Assert.Contains(line, Tool.Run(["decode", "rmp-range", .. arguments.Split(' ')]).SpeaksProperly().OutputLines);
    }

    [Theory]
    [InlineData("[0x35500000 - 0x75afffff]")]
    [InlineData("0x35500000-0x75afffff")]
    [InlineData("35500000-75afffff")]
    [InlineData("35500000 75afffff")]
    [InlineData("0x35500000 75afffff")]
    [InlineData("[mem 0x0000000035500000-0x0000000075afffff]")]
    [InlineData("[    3.141592] SEV-SNP: RMP table physical range [0x0000000035500000 - 0x0000000075afffff]")]
    [InlineData("RMP_BASE=0x35500000, RMP_END=0x75afffff")]
    [InlineData("RMP_BASE: 35500000 RMP_END: 75AFFFFF")]
    [InlineData("RMP_END=75afffff RMP_BASE=35500000")]
    [InlineData("0xc0010132: 0x35500000 0xc0010133: 0x75afffff")]
    [InlineData("MSR C001_0133 = 75afffff MSR C001_0132 = 35500000")]
    [InlineData("0x35500000..0x75afffff")]
    [InlineData("SEV-SNP: RMP table physical address 0x0000000035500000 - 0x0000000075afffff")]
    [InlineData("SEV-SNP: RMP table physical range [0x0000000035500000 - 0x0000000075AFFFFF]")]
    public void A_range_is_taken_as_it_is_printed(string printed)
    {
        ArgumentNullException.ThrowIfNull(printed);
        string expected = Tool.Run("decode", "rmp-range", "35500000", "75afffff").Output;
        Assert.Equal(expected, Tool.Run("decode", "rmp-range", printed).SpeaksProperly().Output);
        Assert.Equal(expected, Tool.Run(["decode", "rmp-range", .. printed.Split(' ', StringSplitOptions.RemoveEmptyEntries)]).Output);
    }

    [Fact]
    public void What_is_no_range_and_no_size_is_refused()
    {
        Tool.Run("decode", "rmp-range").IsUsageError("Required argument 'BASE END' missing for command: 'rmp-range'.");
        Tool.Run("decode", "rmp-range", "35500000").IsUsageError("END is missing: RMP_END, the address of the table's last byte");
        Tool.Run("decode", "rmp-range", "1", "2", "3").IsUsageError("there are more than two numbers: BASE and END are needed");
        Tool.Run("decode", "rmp-range", "Segmented RMP base table physical range [0x0000000088000000 - 0x0000000088004fff]")
            .IsUsageError("the line is of a segmented RMP: its covered memory is in the segment table, not in BASE and END");
        Tool.Run("decode", "rmp-range", "unchecked MSR access error: WRMSR to 0xc0010010 (tried to write 0x0000000003fc0000)")
            .IsUsageError("the line reports an access to a register, not the place of the RMP");
        Tool.Run("decode", "rmp-range", "1", "zz").IsUsageError("BASE END: 'zz' is not a hexadecimal number of at most 64 bits");
        foreach (string size in new[] { "G", "1.5T", "-1", "1P", "0x", "1_0", "16777216T", "256GB", "18446744073709551616", "" })
        {
            Tool.Run("decode", "rmp-range", "1", "2", $"--ram={size}").SpeaksProperly();
            ToolResult result = Tool.Run("decode", "rmp-range", "1", "2", "--ram", size);
            Assert.Equal(2, result.Code);
            Assert.Empty(result.Output);
        }

        Tool.Run("decode", "rmp-range", "1", "2", "--ram", "1.5T")
            .IsUsageError(
                "--ram: '1.5T' is not a size of at most 64 bits: bytes, decimal or hexadecimal with 0x, or a number of K, M, G or T");
    }

    [Fact]
    public void Whatever_the_registers_hold_the_lines_agree_with_each_other()
    {
        Random random = new(17);
        for (int i = 0; i < Tool.Share(3000); i++)
        {
            ulong first = (ulong)random.NextInt64() >> random.Next(64);
            ulong last = random.Next(3) == 0
                ? (ulong)random.NextInt64() >> random.Next(64)
                : first + ((ulong)random.NextInt64() >> random.Next(20, 64));
            if (random.Next(2) == 0) (first, last) = (first & ~0xF_FFFFUL, last | 0xF_FFFFUL);
            ulong ram = (ulong)random.NextInt64() >> random.Next(64);
            ToolResult result = Tool.Run(
                "decode", "rmp-range", $"{first:x}", $"{last:x}", "--ram", ram.ToString(CultureInfo.InvariantCulture))
                .SpeaksProperly();
            Assert.Equal(0, result.Code);
            bool isAligned = first % 0x2000 == 0 && last % 0x2000 == 0x1FFF;
            bool isTable = isAligned && last < 1UL << 52 && last > first && last - first >= 0x4000
                && (last - first + 1 - 0x4000) / 16 <= 1UL << 40;
            Assert.Equal(isTable, result.OutputLines[0] == "rmp: usable");
            ulong covered = Number(result, "covered");
            if (isTable) Assert.Equal((last - first + 1 - 0x4000) / 16 * 4096, covered);
            Assert.Equal(covered, Number(result, "first_uncovered"));
            string left = Value(result, "uncovered");
            if (ram <= covered) Assert.Equal("none: all of it is covered", left);
            else Assert.Equal(ram - covered, Number(result, "uncovered"));
            double gib = double.Parse(Value(result, "covered").Split('(')[1].Split(' ')[0], CultureInfo.InvariantCulture);
            Assert.True(Math.Abs(((double)covered / Gib) - gib) <= 0.0005 + (gib * 1e-12));
        }
    }

    private static string Value(ToolResult result, string name) =>
        Assert.Single(result.OutputLines, line => line.StartsWith(name + ": ", StringComparison.Ordinal))[(name.Length + 2)..];

    private static ulong Number(ToolResult result, string name) =>
        ulong.Parse(Value(result, name).Split(' ').First()[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
