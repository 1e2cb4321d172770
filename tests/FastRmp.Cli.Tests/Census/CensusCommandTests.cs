using System;
using System.Buffers.Binary;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Census;

public class CensusCommandTests
{
    private const ulong Base = 0x10_0000;
    private const int Regions = 4;

    private static readonly string[] Range = ["--base", "100000", "--end", "0x10bfff"];

    [Fact]
    public void A_sound_table_is_counted_and_the_exit_code_is_0()
    {
        ToolResult result = Run(Sound());
        Assert.Equal(
            "RMP 0x100000-0x10bfff: entries of 2048 pages\n" +
            "Hypervisor                  1022\n" +
            "Firmware                     512\n" +
            "Guest-Invalid                  1\n" +
            "Guest-Valid                  513\n" +
            "assigned                    1026  by the counts of the base entries\n" +
            "2M pages                       1\n" +
            "VMSA pages                     1\n" +
            "consistent\n",
            result.Output);
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
    }

    [Fact]
    public void Owners_are_listed_with_their_counters()
    {
        string[] lines = Run(Sound(), "--owners", "--scan").OutputLines;
        Assert.Contains("assigned                    1026  by looking at every entry", lines);
        Assert.Contains("owner                      pages       counter", lines);
        Assert.Contains("firmware                     512", lines);
        Assert.Contains("ASID 5                       512           512", lines);
        Assert.Contains("ASID 7                         2             2", lines);
    }

    [Fact]
    public void Rows_for_programs_have_three_columns()
    {
        string[] lines = Run(Sound(), "--tsv", "--owners").OutputLines;
        Assert.All(lines, line => Assert.Equal(3, line.Split('\t').Length));
        foreach (string line in (string[])["pages\tcovered\t2048", "pages\tabsent\t0", "pages\tassigned_by_count\t1026", "pages\tlarge\t1",
            "pages\tvmsa\t1",
            "state\tHypervisor\t1022", "state\tFirmware-IOMMU\t0", "state\tGuest-Valid\t513", "owner\t0\t512", "owner\t5\t512",
            "owner\t7\t2", "finding\tlost_subpage\t0"])
        {
            Assert.Contains(line, lines);
        }

        Assert.DoesNotContain(Run(Sound(), "--tsv").OutputLines, line => line.StartsWith("owner", StringComparison.Ordinal));
        Assert.Contains("pages\tassigned_by_scan\t1026", Run(Sound(), "--tsv", "--scan").OutputLines);
    }

    [Fact]
    public void What_contradicts_itself_is_reported_and_the_exit_code_is_1()
    {
        byte[] table = Sound();
        Put(table, 512, 0x8000_0000_0000_0FF5);
        Put(table, 7, 0);
        Put(table, 1024 + 20, 0x4000_0000_0000_0000);
        Put(table, 1024 + 21, 0x8038_0000_0000_0001);
        BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(9 * 8), 3);
        ToolResult result = Run(table);
        Assert.Equal(1, result.SpeaksProperly().Code);
        Assert.DoesNotContain("\nconsistent\n", result.Output, StringComparison.Ordinal);
        foreach (string line in (string[])[
            "count_too_low                  2  inconsistent", "lost_subpage                   1  inconsistent",
            "invalid_state                  1  inconsistent",
            "in_transition                  1  inconsistent", "asid_counter                   3  inconsistent",
            "  page 0x7000: lost to a 2M page of ASID 5: not assigned",
            "  page 0x200000: Subpage_Count is 510, and 511 sub-pages are assigned",
            "  page 0x414000: in none of firmware's states", "  page 0x415000: locked while it was being changed",
            "  ASID 5: the counter is 512, and 511 pages are assigned", "  ASID 9: the counter is 3, and 0 pages are assigned"])
        {
            Assert.Contains(line, result.OutputLines);
        }

        ToolResult rows = Run(table, "--tsv");
        Assert.Equal(1, rows.Code);
        Assert.Contains("finding\tcount_too_low\t2", rows.OutputLines);
    }

    [Fact]
    public void Trusting_the_counts_and_looking_at_every_entry_differ_where_a_count_is_wrong()
    {
        byte[] table = Sound();
        Put(table, 512, 0x8000_0000_0000_0005);
        Assert.Contains("pages\tassigned_by_count\t515", Run(table, "--tsv").OutputLines);
        Assert.Contains("pages\tassigned_by_scan\t1026", Run(table, "--tsv", "--scan").OutputLines);
    }

    [Fact]
    public void A_core_that_holds_the_table_is_accepted()
    {
        byte[] core = new CoreBuilder().Load(0x1000, new byte[0x1000]).Load(Base, Sound()).Build();
        Assert.Equal(Run(Sound()).Output, Run(core).Output);
    }

    [Fact]
    public void Entries_that_are_not_in_the_image_are_reported_and_the_rest_is_counted()
    {
        byte[] core = new CoreBuilder().Load(Base + 0x4000, Sound().AsSpan(0x4000, 0x2000).ToArray()).Build();
        using TemporaryFile image = new(core);
        ToolResult result = Tool.Run(["rmp", image.Path, .. Range, "--owners"]);
        result.IsBadInput($"{image.Path}: the entries of 1536 pages are not in the image; the first is that of page 0x200000");
        Assert.Contains("Guest-Valid                  512", result.OutputLines);
        Assert.Contains("not in the image            1536", result.OutputLines);
        Assert.Contains("ASID 5                       512", result.OutputLines);
        Assert.Contains("the counters by ASID are not in the image", result.OutputLines);
    }

    [Fact]
    public void Gzip_and_standard_input_are_read()
    {
        Assert.Equal(Run(Sound()).Output, Run(Fixture.Gzipped(Sound())).Output);
        Assert.Equal(Run(Sound()).Output, Tool.RunWith(Sound(), ["rmp", "-", .. Range]).Output);
    }

    [Fact]
    public void A_file_that_is_too_large_is_refused()
    {
        ToolResult result = Run(new byte[0xE000]);
        result.IsBadInput(
            "is not a memory image of a known format, and as a raw RMP it would have 0xc000 bytes (0x100000 to 0x10bfff), not 0xe000");
        Assert.Empty(result.Output);
    }

    [Fact]
    public void What_does_not_look_like_a_table_is_told_to_be_taken_for_one()
    {
        Assert.Empty(Run(Sound()).Error);
        byte[] memory = new byte[0xC000];
        new Random(5).NextBytes(memory.AsSpan(0x4800, 0x2000));
        ToolResult result = Run(memory);
        Assert.Equal(1, result.Code);
        Assert.EndsWith(
            "is no memory image of a known format, and is taken for the RMP itself, its first byte for the one at 0x100000; but of 512 entries that are not zero, 512 have bits that no entry has: raw memory of the machine needs a layout (--ram)\n",
            result.Error, StringComparison.Ordinal);
        new Random(5).NextBytes(memory.AsSpan(0x4000, 0x100));
        memory.AsSpan(0x4800).Clear();
        Assert.Empty(Run(memory).Error); // too little to tell
    }

    [Fact]
    public void What_a_cut_file_still_holds_is_counted_before_the_message()
    {
        // The second region lacks half an entry, so that of its pages none is counted.
        ToolResult result = Run(Sound()[..0x7FF8], "--owners");
        result.IsBadInput(
            "at offset 0x7ff8: is not a memory image of a known format, and as a raw RMP it would have 0xc000 bytes (0x100000 to 0x10bfff), not 0x7ff8");
        result.IsBadInput("the entries of 1536 pages are not in the image; the first is that of page 0x200000");
        Assert.Contains("Guest-Valid                  512", result.OutputLines);
        Assert.Contains("assigned                     512  by the counts of the base entries", result.OutputLines);
        Assert.Contains("not in the image            1536", result.OutputLines);
        Assert.Contains("ASID 5                       512           512", result.OutputLines);
        Assert.Contains("the counters by ASID were not compared: entries are missing", result.OutputLines);
        string[] rows = Run(Sound()[..0x8000], "--tsv").OutputLines;
        Assert.Contains("pages\tcounted\t1024", rows);
        Assert.Contains("pages\tabsent\t1024", rows);
        Assert.Contains("state\tFirmware\t512", rows);
    }

    [Fact]
    public void A_missing_or_empty_file_is_reported()
    {
        Tool.Run(["rmp", "/no/such/table", .. Range]).IsBadInput("/no/such/table: there is no such file");
        Run([]).IsBadInput("empty");
    }

    [Fact]
    public void Every_cut_of_a_core_ends_in_a_message()
    {
        byte[] core = new CoreBuilder().Load(Base, Sound()).Build();
        for (int length = 0; length < core.Length; length += 997)
        {
            Run(core[..length]).IsBadInput();
        }
    }

    [Fact]
    public void Random_tables_end_in_a_census()
    {
        Random random = new(5);
        for (int round = 0; round < 20; round++)
        {
            byte[] table = new byte[0x4000 + (Regions * 0x2000)];
            random.NextBytes(table);
            table[0] = 0; // no ELF file
            Assert.Equal(1, Run(table, "--owners", "--scan").SpeaksProperly().Code);
        }
    }

    [Theory]
    [InlineData("--base needs --end", "--base", "100000")]
    [InlineData("--end needs --base", "--end", "10bfff")]
    [InlineData("--base: 'x' is not a hexadecimal number of at most 64 bits", "--base", "x", "--end", "10bfff")]
    [InlineData(
        "--base: 0x10000000000000 is not a physical address, which ends at 0xfffffffffffff", "--base", "10000000000000", "--end", "10bfff")]
    [InlineData(
        "--end: 0x10000000000000 is not a physical address, which ends at 0xfffffffffffff", "--base", "100000", "--end", "10000000000000")]
    [InlineData("RMP_BASE 0x100001 is not a multiple of 8 KiB.", "--base", "100001", "--end", "10bfff")]
    [InlineData("RMP_END 0x10c000 is not the last byte of an 8 KiB unit.", "--base", "100000", "--end", "10c000")]
    [InlineData(
        "--end: 0x100000 lies below RMP_BASE, 0x10bfff: it is the address of the table's last byte", "--base", "10bfff", "--end", "100000")]
    [InlineData(
        "--rmp: RMP_END: 0x100000 lies below RMP_BASE, 0x10bfff: it is the address of the table's last byte", "--rmp", "10bfff:100000")]
    [InlineData(
        "--rmp: RMP_END: 0xffffffffffffffff is not a physical address, which ends at 0xfffffffffffff", "--rmp", "100000:ffffffffffffffff")]
    [InlineData("--symbols: - is the image's or the log's: give a file", "--symbols", "-")]
    public void Wrong_ranges_are_refused(string message, params string[] range) =>
        Tool.Run(["rmp", "image", .. range]).IsUsageError(message);

    private static ToolResult Run(byte[] image, params string[] options)
    {
        using TemporaryFile file = new(image);
        return Tool.Run(["rmp", file.Path, .. Range, .. options]);
    }

    /// <summary>A 2M page of ASID 5, a region of firmware's pages, one with two pages of ASID 7, a free one.</summary>
    private static byte[] Sound()
    {
        byte[] table = new byte[0x4000 + (Regions * 0x2000)];
        BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(5 * 8), 512);
        BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(7 * 8), 2);
        for (int i = 0; i < 512; i++)
        {
            Put(table, i, i == 0 ? 0x4028_0000_4000_0003UL : 1);
            Put(table, 512 + i, i == 0 ? 0x8000_0000_0000_0FFD : 0x8000_0000_0000_0005);
        }

        Put(table, 1024, 0x10);
        Put(table, 1024 + 3, 0x0038_0000_1234_5001);
        Put(table, 1024 + 4, 0x6038_FFFF_FFFF_F001);
        return table;
    }

    private static void Put(byte[] table, int page, ulong low) =>
        BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(0x4000 + (16 * page)), low);
}
