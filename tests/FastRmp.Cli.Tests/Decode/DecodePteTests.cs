using System;
using System.Linq;
using FastRmp.Cli.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Decode;

public class DecodePteTests
{
    [Theory]
    [InlineData("800fffff9edcb062", "1", "frame: 0x61234000  inverted")] // direct map, P taken away
    [InlineData("000ffffe12345120", "1", "frame: 0x1edcba000  inverted")] // PROT_NONE
    [InlineData("800ffffffffff160", "1", "frame: 0x0  inverted")]
    [InlineData("800fffff9fe001e2", "2", "frame: 0x60000000  inverted")] // 2M
    [InlineData("800fffffbfe001e2", "3", "frame: 0x40000000  inverted")] // 1G: bits 29:12 are not address bits
    [InlineData("800000007d6a5060", "1", "frame: 0x7d6a5000  as stored, not inverted")] // before 2018
    [InlineData("8007ffff9edcb062", "1", "frame: 0x61234000  inverted")] // bit 51 the C-bit and clear
    [InlineData("8008000061234062", "1", "frame: 0x61234000  as stored, not inverted")] // bit 51 the C-bit and set
    public void The_frame_of_a_mapping_without_P_is_the_one_that_Linux_means(string value, string level, string frame)
    {
        string[] lines = Tool.Run("decode", "pte", value, "--level", level).SpeaksProperly().OutputLines;
        Assert.Equal("kind: not present: all other bits are ignored", lines[1]);
        Assert.Contains(lines, line => line.StartsWith(frame, StringComparison.Ordinal));
        Assert.DoesNotContain(
            lines, static line => line.StartsWith("page: ", StringComparison.Ordinal) || line.StartsWith("swap", StringComparison.Ordinal));
        Assert.Contains("reserved: none  not present: all bits are ignored", lines);
    }

    [Fact]
    public void The_C_bit_is_no_part_of_a_frame()
    {
        Assert.Contains(
            Tool.Run("decode", "pte", "800fffff9edcb062", "--c-bit", "51").OutputLines,
            static line => line.StartsWith("frame: 0x61234000  inverted", StringComparison.Ordinal));
        Assert.Contains(
            Tool.Run("decode", "pte", "800f7fff9edcb062", "--c-bit", "47").OutputLines,
            static line => line.StartsWith("frame: 0x61234000  inverted", StringComparison.Ordinal));
        string[] present = Tool.Run("decode", "pte", "8008000061234063", "--c-bit", "51").OutputLines;
        Assert.Contains("page: 0x61234000", present);
        Assert.Contains("c_bit: 1", present);
    }

    [Theory]
    [InlineData("0", "linux: none: nothing is mapped here")]
    [InlineData("000ffffe12345120", "linux: PROT_NONE or NUMA hinting")]
    [InlineData("07ffffffff7b2a00", "linux: swap entry: the page is in swap file 0")]
    [InlineData("1ffffffffffb7202", "linux: swap entry: the page is in swap file 3")]
    [InlineData("bfffff3db97ffe00", "linux: special swap entry of type 23: hwpoison")]
    [InlineData("0000000012345a00", "linux: a swap entry of a kernel before 2018, or a mapping whose P was taken away")]
    public void What_else_Linux_keeps_in_an_entry_is_reported(string value, string linux) =>
        Assert.Contains(Tool.Run("decode", "pte", value).OutputLines, line => line.StartsWith(linux, StringComparison.Ordinal));

    [Fact]
    public void A_swap_entry_has_its_fields()
    {
        // Type 3, offset 0x1246d, soft-dirty: the offset stands inverted in bits 58:9.
        ulong value = (3UL << 59) | ((~0x1246dUL << 14) >> 5) | 2;
        string[] lines = Tool.Run("decode", "pte", $"{value:x}").OutputLines;
        Assert.Contains("swap_type: 3", lines);
        Assert.Contains("swap_offset: 0x1246d  stored inverted (L1TF)", lines);
        Assert.Contains("soft_dirty: 1", lines);
        Assert.DoesNotContain(lines, static line => line.StartsWith("frame", StringComparison.Ordinal));
        ulong young = (25UL << 59) | ((~0x4_0006_1234UL << 14) >> 5);
        Assert.Contains(
            Tool.Run("decode", "pte", $"{young:x}").OutputLines,
            static line => line.StartsWith("frame: 0x61234000  the inverted offset", StringComparison.Ordinal));
        ulong poisoned = (23UL << 59) | ((~0x61234UL << 14) >> 5);
        Assert.Contains(
            Tool.Run("decode", "pte", $"{poisoned:x}").OutputLines,
            static line => line.StartsWith("frame: 0x61234000  the inverted offset", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("6b6b6b6b6b6b6b6b", "poison 0x6b: ")]
    [InlineData("6b6b6b6b6b6b6b6a", "poison 0x6b in 7 of 8 bytes: ")]
    [InlineData("a56b6b6b6b6b6b6b", "poison 0x6b in 7 of 8 bytes: ")]
    [InlineData("5a5a5a5a5a5a5a5a", "poison 0x5a: ")]
    [InlineData("a5a5a5a5a5a5a5a5", "poison 0xa5: ")]
    [InlineData("cccccccccccccccc", "poison 0xcc: ")]
    [InlineData("bbbbbbbbbbbbbbbb", "poison 0xbb: ")]
    [InlineData("aaaaaaaaaaaaaaaa", "poison 0xaa: ")]
    [InlineData("dead000000000100", "poison pointer (0xdead…)")]
    [InlineData("dead000000000122", "poison pointer (0xdead…)")]
    [InlineData("dead4ead00000000", "poison pointer (0xdead…)")]
    [InlineData("deadbeef", "poison 0xdeadbeef: ")]
    [InlineData("deadbeefdeadbeef", "poison ")]
    [InlineData("ffffffffffffffff", "all ones: ")]
    [InlineData("2f6e69622f727375", "ASCII text \"usr/bin/\", lowest byte first")]
    [InlineData("00656c69662f2e2e", "ASCII text \"../file\\0\", lowest byte first")]
    [InlineData("6d756f6f00646e65", "ASCII text \"end\\0ooum\", lowest byte first")]
    [InlineData("e5e5e5e5e5e5e5e5", "poison 0xe5: one byte eight times")]
    [InlineData("6b6b6b6b00000003", "poison 0x6b in the upper half: ")]
    [InlineData("0a225c09206f6c6c", "ASCII text \"llo \\t\\\\\\\"\\n\", lowest byte first")]
    [InlineData("0064006f006f0067", "ASCII text \"good\" in UTF-16, lowest byte first")]
    [InlineData("ffff888061234000", "a kernel pointer of Linux")]
    [InlineData("ffffea0004000000", "a kernel pointer of Linux")]
    [InlineData("ffffffff81000000", "a kernel pointer of Linux (text, data or a module)")]
    [InlineData("ffffffffc0a01000", "a kernel pointer of Linux (text, data or a module)")]
    [InlineData("ffffffffffffffea", "an error pointer of Linux: -22")]
    [InlineData("6800650079002000", "ASCII text \"hey \" in UTF-16, highest byte first")]
    [InlineData("0000006f00670068", "ASCII text \"hgo\\0\" in UTF-16, lowest byte first")]
    [InlineData("48656c6c6f20776f", "ASCII text \"ow olleH\", lowest byte first")]
    [InlineData("feeefeeefeeefeee", "poison 0xfeeefeee: ")]
    [InlineData("57ac6e9d57ac6e9d", "poison 0x57ac6e9d: ")]
    [InlineData("0000000057ac6e9d", "poison 0x57ac6e9d: ")]
    [InlineData("00ff00ff00ff00ff", "poison 0x00ff00ff: the same four bytes twice")]
    [InlineData("1234567812345678", "poison 0x12345678: the same four bytes twice")]
    [InlineData("0123456789abcdef", "a test pattern: its bytes count up or down")]
    [InlineData("fedcba9876543210", "a test pattern: its bytes count up or down")]
    [InlineData("0706050403020100", "a test pattern: its bytes count up or down")]
    [InlineData("00010102464c457f", "the head of an ELF file")]
    [InlineData("c2c2c2c2c2c2c2c2", "poison 0xc2: a page that Xen scrubbed")]
    [InlineData("fdfdfdfdfdfdfdfd", "poison 0xfd: ")]
    [InlineData("deadc0dedeadc0de", "poison ")]
    public void Values_that_are_no_entry_are_called_what_they_are(string value, string looks)
    {
        foreach (string level in new[] { "1", "2", "3", "4", "5" })
        {
            Assert.StartsWith(
                $"looks_like: {looks}", Tool.Run("decode", "pte", value, "--level", level).SpeaksProperly().OutputLines[2],
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("0")]
    [InlineData("8000000012345067")]
    [InlineData("0000000065343067")] // four characters, and a page of 4K
    [InlineData("800fffff9edcb062")]
    [InlineData("07ffffffff7b2a00")]
    [InlineData("80080000fffff163")]
    [InlineData("0000000100000001")]
    [InlineData("8000006380000063")]
    [InlineData("ffffffffffffe000")] // a marker of Linux
    [InlineData("fffffffffffffc00")]
    public void Entries_look_like_nothing_else(string value) =>
        Assert.DoesNotContain("looks_like", Tool.Run("decode", "pte", value).Output, StringComparison.Ordinal);

    [Theory]
    [InlineData("800000fffffff073 --maxphyaddr 39", "reserved: 0x8000000000  bit 39: MAXPHYADDR is 39: #PF with RSVD")]
    [InlineData("800000fffffff073 --maxphyaddr 40", "reserved: none  bit 36, bit 37, bit 38, bit 39: not reserved, MAXPHYADDR is 40")]
    [InlineData("8001000012345063 --processor milan", "reserved: 0x1000000000000  bit 48: MAXPHYADDR is 48, milan's: #PF with RSVD")]
    [InlineData(
        "8000800012345063 --processor milan",
        "reserved: 0x800000000000  bit 47: only if memory encryption is on, which leaves 43 address bits (--c-bit 51)")]
    [InlineData(
        "8000080012345063 --processor milan --c-bit 51",
        "reserved: 0x80000000000  bit 43: MAXPHYADDR is 43, milan's with memory encryption: #PF with RSVD")]
    [InlineData(
        "8008040012345063 --processor milan --c-bit 51",
        "reserved: none  bit 42: not reserved, MAXPHYADDR is 43, milan's with memory encryption")]
    [InlineData(
        "8000400012345063 --processor genoa --c-bit 51",
        "reserved: 0x400000000000  bit 46: MAXPHYADDR is 46, genoa's with memory encryption: #PF with RSVD")]
    [InlineData("8008000012345063", "reserved: 0x8000000000000  bit 51 is reserved if MAXPHYADDR is 51 or less, unless it is the C-bit")]
    [InlineData(
        "8008000012345063 --processor milan",
        "reserved: 0x8000000000000  bit 51: MAXPHYADDR is 48, milan's: #PF with RSVD; bit 51 is the C-bit if memory encryption is "
            + "on (--c-bit 51)")]
    [InlineData("8008000012345063 --processor intel", "reserved: none  bit 51: not reserved, MAXPHYADDR is 52, intel's")]
    [InlineData("167 --level 4", "reserved: 0x100  bit 8 is reserved on AMD processors; on Intel's it is ignored")]
    [InlineData(
        "167 --level 5 --processor turin", "reserved: 0x100  bit 8: AMD processors want zero here, Intel's ignore it: #PF with RSVD")]
    [InlineData("167 --level 4 --processor intel", "ignored: bit 8 is ignored on this processor, not reserved")]
    [InlineData("167 --level 3 --processor genoa", "ignored: bit 8 is ignored in an entry that points to a table, not reserved")]
    [InlineData("167 --level 2", "ignored: bit 8 is ignored in an entry that points to a table, not reserved")]
    [InlineData("10e7 --level 4 --processor intel", "reserved: 0x80  bit 7 must be zero in a PML4E: #PF with RSVD")]
    [InlineData("a0e7 --level 2", "reserved: 0xa000  bit 13, bit 15 must be zero in a PDE of a page of 2M: #PF with RSVD")]
    [InlineData("402000e7 --level 3", "reserved: 0x200000  bit 21 must be zero in a PDPE of a page of 1G: #PF with RSVD")]
    [InlineData("400000e7 --level 3", "note: bit 7 is reserved where the processor has no 1G pages")]
    [InlineData("400000e7 --level 3 --processor genoa", "page_size: 1")]
    [InlineData("8000000012345067", "note: bit 63 (NX) is reserved if EFER.NXE is 0")]
    [InlineData("12345067", "reserved: none  every bit that is set is one of the entry's form, not reserved")]
    public void Reserved_bits_are_named_with_what_makes_them_so(string arguments, string line)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        Assert.Contains(line, Tool.Run(["decode", "pte", .. arguments.Split(' ')]).SpeaksProperly().OutputLines);
    }

    [Theory]
    [InlineData("PGD 2c01067 P4D 2c01067 PUD 107267063 PMD 10382b063 PTE 8000000061234063", "PML4E PDPE PDE PTE")]
    [InlineData("PGD 2c01067 P4D 2c02067 PUD 107267063 PMD 800000001000e3", "PML5E PML4E PDPE PDE")]
    [InlineData("PGD 2c01067 PUD 107267063 PMD 0", "PML4E PDPE PDE")] // kernels of before 2017
    [InlineData("PGD 0 P4D 0", "PML4E")]
    [InlineData("BUG: Bad page map in process a.out  pte:6b6b6b6b6b6b6b6b pmd:12345067", "PTE PDE")]
    [InlineData("mm/pgtable-generic.c:50: bad pmd ffff888012345678(800000010a5fb8e3)", "PDE")]
    [InlineData("pte=0x8000000061234063", "PTE")]
    [InlineData("PML4E 2c01067 PDPTE 107267063 PDE 1e3", "PML4E PDPE PDE")]
    public void Entries_are_taken_with_their_names_as_kernels_print_them(string printed, string entries)
    {
        ArgumentNullException.ThrowIfNull(printed);
        ToolResult result = Tool.Run("decode", "pte", printed).SpeaksProperly();
        Assert.Equal(0, result.Code);
        Assert.Equal(
            entries,
            string.Join(
                ' ',
                result.OutputLines.Where(static line => line.StartsWith("entry: ", StringComparison.Ordinal))
                    .Select(static line => line[7..])));
        Assert.Equal(result.Output, Tool.Run(["decode", "pte", .. printed.Split(' ')]).Output);
    }

    [Fact]
    public void What_is_no_entry_is_refused()
    {
        Tool.Run("decode", "pte").IsUsageError("Required argument 'HEX' missing for command: 'pte'.");
        Tool.Run("decode", "pte", "1", "zz").IsUsageError("HEX: 'zz' is not a hexadecimal number of at most 64 bits");
        Tool.Run("decode", "pte", "PGD 2c01067 PTE 8000zz").IsUsageError("HEX: '8000zz' is not a hexadecimal number of at most 64 bits");
        Tool.Run("decode", "pte", "PTE BAD").IsUsageError("HEX: 'PTE BAD' is not a hexadecimal number of at most 64 bits");
        Assert.Equal(
            Tool.Run("decode", "pte", "PGD 2c01067 P4D 2c01067").Output,
            Tool.Run("decode", "pte", "PGD 2c01067 P4D 2c01067 PUD BAD").Output);
        Tool.Run("decode", "pte", "PTE").IsUsageError("HEX: 'PTE' is not a hexadecimal number of at most 64 bits");
        Tool.Run("decode", "pte", "").IsUsageError("HEX: '' is not a hexadecimal number of at most 64 bits");
        Tool.Run("decode", "pte", "1_0").IsUsageError("HEX: '1_0' is not a hexadecimal number of at most 64 bits");
        Tool.Run("decode", "pte", "PTE 1", "--level", "1").IsUsageError("--level: the entries have names, which give their levels");
        Tool.Run("decode", "pte", "1", "--processor", "rome")
            .IsUsageError("--processor: 'rome' is not one of milan, genoa, turin, venice, intel");
        Tool.Run("decode", "pte", "1", "--maxphyaddr", "31").IsUsageError("--maxphyaddr: 31 is not 32 to 52");
        Tool.Run("decode", "pte", "1", "--maxphyaddr", "53").IsUsageError("--maxphyaddr: 53 is not 32 to 52");
        Tool.Run("decode", "pte", "1", "--c-bit", "52").IsUsageError("--c-bit: 52 is not 32 to 51");
    }
}
