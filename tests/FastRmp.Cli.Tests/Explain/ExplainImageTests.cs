using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Explain;

/// <summary>A log with an image of the same machine: the walk of the address, and the RMP's entries beside the printed ones.</summary>
public sealed partial class ExplainImageTests
{
    private const string Table = "[    0.1] SEV-SNP: RMP table physical range [0x0000000001000000 - 0x000000000100bfff]\n";
    private const string Fault =
        """
        [  100.0] BUG: unable to handle page fault for address: 0000000000005010
        [  100.0] #PF: supervisor write access in kernel mode
        [  100.0] #PF: error_code(0x80000003) - RMP violation
        [  100.0] PGD a027 P4D a027 PUD b027 PMD c027 PTE 15067

        """;

    private const string Oops = "BUG: unable to handle page fault for address: ffff888000206000\n";
    private const string Entry = "[  100.0] SEV-SNP: PFN 0x15, RMP entry: [0x4028000000005001 - 0x000000000000001f]\n";
    private const string OtherEntry = "[  100.0] SEV-SNP: PFN 0x15, RMP entry: [0x4030000000005001 - 0x000000000000001f]\n";

    [Fact]
    public void The_walk_and_the_entry_are_those_of_the_image()
    {
        string[] said = Said(Table + Fault + Entry, GuestCore.Build(), out ToolResult result);
        Assert.Equal((1, string.Empty), (result.Code, result.Error));
        Assert.Equal(
            [
                "0x5010: 4K page at 0x15010, user, writable, executable: such an access is allowed by the tables; "
                    + "the entry is the logged one",
                "RMP of PFN 0x15 at 0x1004150: 4028000000005001 000000000000001f  Guest-Valid, 4K, ASID 5, gPA 0x5000, "
                    + "7 sub-pages of its region assigned",
                "PFN 0x15 has the entry that the log printed",
            ],
            said);
    }

    /// <summary>A processor in user mode under page-table isolation: its CR3 is the second page of the pair.</summary>
    [Theory]
    [InlineData("supervisor", 2, "0xffff888000206000: 2M page at 0x206000")]
    [InlineData("user", 6, "0xffff888000206000: #PF 0x6 at the PML4E")]
    public void What_the_kernel_accessed_is_walked_in_the_kernels_half_of_the_tables(string who, int code, string said)
    {
        byte[] core = new CoreBuilder().Processor(cr3: 0xB000)
            .Load(0xA000, Cores.Table((273, 0xC067))).Load(0xB000, Cores.Table()).Load(0xC000, Cores.Table((0, 0xD067)))
            .Load(0xD000, Cores.Table((0, 0x8000_0000_0000_01E3), (1, 0x8000_0000_0020_01E3))).Build();
        string mode = who == "user" ? who : "kernel";
        string log = $"{Oops}#PF: {who} write access in {mode} mode\n#PF: error_code(0x000{code}) - not-present page\n";
        Assert.StartsWith(said, Said(log, core, out _)[0], StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_changed_since_is_said()
    {
        string[] said = Said(Table + Fault.Replace("15067", "99067", StringComparison.Ordinal) + OtherEntry, GuestCore.Build(), out _);
        Assert.EndsWith("; its PTE is 0x15067, and was 0x99067 in the log", said[0], StringComparison.Ordinal);
        Assert.Equal("PFN 0x15 has another entry than the log printed (4030000000005001 000000000000001f)", said[^1]);
    }

    [Fact]
    public void A_refused_update_is_shown_with_the_entry_of_its_page()
    {
        string[] said = Said(Table + "SEV-SNP: RMPUPDATE failed for PFN 17, pg_level: 1, ret: 2\n", GuestCore.Build(), out _);
        Assert.StartsWith(
            "RMP of PFN 0x17 at 0x1004170: 0000000000000005 0000000000000000  ", Assert.Single(said), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_range_of_the_RMP_or_its_bytes_the_tables_alone_are_looked_at()
    {
        string[] said = Said(Fault + Entry, GuestCore.Build(), out ToolResult result);
        Assert.StartsWith("0x5010: 4K page at 0x15010", Assert.Single(said), StringComparison.Ordinal);
        Assert.Contains(
            "no log says where the RMP is ('RMP table physical range'): no entry of the RMP is looked at in the image", result.Error,
            StringComparison.Ordinal);
        said = Said(Table + Fault, GuestCore.WithoutRmp(), out result);
        Assert.StartsWith("0x5010: 4K page at 0x15010", Assert.Single(said), StringComparison.Ordinal);
        Assert.Contains("nothing of the RMP's entries", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_has_it_too()
    {
        using TemporaryFile log = new(Tool.Utf8(Table + Fault + Entry));
        using TemporaryFile image = new(GuestCore.Build());
        ToolResult result = Tool.Run("explain", log.Path, "--image", image.Path, "--json");
        using JsonDocument json = JsonDocument.Parse(result.Output);
        Assert.Contains("PFN 0x15 has the entry that the log printed", result.Output, StringComparison.Ordinal);
        Assert.Equal((1, string.Empty), (result.Code, result.Error));
    }

    [Fact]
    public void The_entries_of_a_region_and_of_leaked_pages_are_read()
    {
        const string Region =
            """
            SEV-SNP: PFN 0x10 unassigned, dumping non-zero entries in 2M PFN region: [0x0 - 0x200]
            SEV-SNP: PFN: 0x15, [0x4028000000005001 - 0x000000000000001f]
            SEV-SNP: Leaking PFN range 0x16-0x17

            """;
        string[] said = Said(Table + Region, GuestCore.Build(), out _);
        Assert.Contains("PFN 0x15 has the entry that the log printed", said);
        Assert.Contains(said, static line => line.StartsWith("RMP of PFN 0x10 at ", StringComparison.Ordinal));
        Assert.Contains(said, static line => line.StartsWith("RMP of PFN 0x16 at ", StringComparison.Ordinal));
    }

    [Fact]
    public void An_image_that_is_bad_or_damaged_takes_no_story_away_and_ends_with_3()
    {
        using TemporaryFile log = new(Tool.Utf8(Table + Fault));
        byte[] core = GuestCore.Build();
        foreach (byte[] content in (byte[][])[[], Tool.Utf8("no image at all"), core[..(core.Length - 0x2000)]])
        {
            using TemporaryFile image = new(content);
            ToolResult result = Tool.Run("explain", log.Path, "--image", image.Path);
            Assert.Equal(3, result.Code);
            Assert.NotEmpty(result.Error);
            Assert.Contains("RMP violation: kernel write", result.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Segments_that_are_not_in_the_image_are_said_to()
    {
        using TemporaryFile image = new(GuestCore.Build());
        ToolResult result = Tool.Run(
            "explain", Fixture.PathOf("rmp-logs/012-segmented-rmp-three-segments-one-partial.txt"), "--image", image.Path);
        Assert.Contains(
            "nothing of the RMP's entries of 3 segments, the first at 0x8800000, is in the image", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_entry_is_read_where_the_logs_segments_the_images_log_or_the_user_have_it()
    {
        const string Update = "SEV-SNP: RMPUPDATE failed for PFN 403ff, pg_level: 1, ret: 2\n";
        const string Said1 = "RMP of PFN 0x403ff at 0x3803ff0: 8000000000000005 0000000000000000  ";
        byte[] core = new HostKernel().Build();
        string segments = string.Join('\n', HostKernel.SegmentedLog) + "\n";
        Assert.StartsWith(Said1, Assert.Single(Said(segments + Update, core, out ToolResult result)), StringComparison.Ordinal);
        Assert.Contains("what Zen 5 has in memory is not public", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        string header = $"{HostKernel.BaseLog}\n{HostKernel.SizeLog}\n";
        Assert.StartsWith(Said1, Assert.Single(Said(header + Update, core, out _)), StringComparison.Ordinal);
        core = new HostKernel().Log(HostKernel.SegmentedLog).Build();
        Assert.StartsWith(Said1, Assert.Single(Said(Update, core, out result)), StringComparison.Ordinal);
        Assert.Contains(
            "RMP at 0x2000000, 2 segments of 1G, found by the kernel's log in the image", result.Error, StringComparison.Ordinal);
        using TemporaryFile log = new(Tool.Utf8(Update));
        using TemporaryFile image = new(core);
        result = Tool.Run("explain", log.Path, "--image", image.Path, "--rmp", HostKernel.Contiguous);
        Assert.Contains("RMP of PFN 0x403ff at 0x1407ff0: ", result.Output, StringComparison.Ordinal);
        Tool.Run("explain", log.Path, "--rmp", HostKernel.Contiguous).IsUsageError("where the RMP is needs --image");
    }

    [Theory]
    [InlineData("the kernel is 6.8.0-31 in the log, 7.3.4 in the image", "Linux version 6.8.0-31 (build@host) #1\n")]
    [InlineData("the kernel is 6.18.0-8-generic in the log, 7.3.4 in the image",
        Oops + "#PF: error_code(0x0002) - not-present page\nCPU: 3 PID: 7 Comm: qemu Not tainted 6.18.0-8-generic #8\n")]
    [InlineData("the kernel was moved by 0x2e000000 in the log, by 0x0 in the image",
        "Kernel Offset: 0x2e000000 from 0xffffffff81000000\n")]
    [InlineData("the paging tables have 5 levels in the log, 4 in the image",
        Oops + "#PF: error_code(0x80000003) - RMP violation\nPGD 9067 P4D 2067 PUD 3067 PMD 80000000002001e3\n")]
    [InlineData("the RMP is 0x5000000-0x540bfff in the log, 0x1000000-0x140bfff in the log of the image's kernel",
        "SEV-SNP: RMP table physical range [0x0000000005000000 - 0x000000000540bfff]\n")]
    public void A_log_of_another_machine_or_boot_is_not_checked_against_the_image(string difference, string lines)
    {
        const string Update = "SEV-SNP: RMPUPDATE failed for PFN 205, pg_level: 1, ret: 2\n";
        byte[] core = new HostKernel { IsWhole = true }.Log(HostKernel.ContiguousLog).Build();
        Assert.Empty(Said(lines + Update, core, out ToolResult result));
        Assert.Equal(1, result.Code);
        Assert.Contains(
            $": not the machine of the log, or not the same boot: {difference}: the stories are not checked",
            Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        const string Same = "Linux version 7.3.4 (b) #1\nKernel Offset: disabled\n";
        Assert.NotEmpty(Said($"{Same}{HostKernel.ContiguousLog}\n{Update}", core, out _));
        Assert.NotEmpty(Said("Linux version 6.1.0 (b) #1\nLinux version 7.3.4 (b) #1\n" + Update, core, out _)); // one of two boots
    }

    [Theory]
    [InlineData(0x3FFF_FFFFUL, 0x2_0000_0000UL, 4096, "memory ends at 0x3fffffff in the log, at 0x200000fff in the image")]
    [InlineData(0x80_7F1F_EFFFUL, 0x400_0000UL, 48 << 20, "memory ends at 0x807f1fefff in the log, at 0x6ffffff in the image")]
    [InlineData(0x80_7F1F_EFFFUL, 0x2000_0000UL, 4096, null)] // an image of parts
    [InlineData(0x7FFD_FFFFUL, 0xFFFC_0000UL, 4096, null)] // with an emulator's firmware
    public void Where_memory_ends_tells_machines_apart(ulong logged, ulong start, int length, string? difference)
    {
        string log = $"BIOS-e820: [mem 0x0000000000100000-0x{logged:x16}] usable\n"
            + "SEV-SNP: RMPUPDATE failed for PFN 205, pg_level: 1, ret: 2\n";
        byte[] core = new HostKernel { IsWhole = true }.Log(HostKernel.ContiguousLog).Extra(start, new byte[length]).Build();
        string[] said = Said(log, core, out ToolResult result);
        if (difference is null) Assert.NotEmpty(said);
        else Assert.Contains(difference, Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void Auto_takes_the_place_in_the_log_first()
    {
        const string Update = "SEV-SNP: RMPUPDATE failed for PFN 403ff, pg_level: 1, ret: 2\n";
        string[] log = [.. HostKernel.SegmentedLog, HostKernel.ContiguousLog, Update];
        using TemporaryFile text = new(Tool.Utf8(string.Join('\n', log)));
        using TemporaryFile image = new(new HostKernel().Log(HostKernel.SegmentedLog).Build());
        ToolResult result = Tool.Run("explain", text.Path, "--image", image.Path, "--rmp", "auto");
        Assert.Contains("RMP of PFN 0x403ff at 0x1407ff0: ", result.Output, StringComparison.Ordinal);
        Assert.Contains("the same log has it at 0x2000000, 2 segments of 1G, too", result.Error, StringComparison.Ordinal);
        Assert.Contains("but the kernel's log in the image has it at 0x2000000", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shadow_stack_fault_is_walked_as_one()
    {
        const string ShadowOops = "BUG: unable to handle page fault for address: 0000000000005010\n#PF: error_code(0x47)\n";
        string[] said = Said(ShadowOops, GuestCore.Build(cr4: 0x80_0020), out _);
        Assert.StartsWith("0x5010: #PF 0x47", said[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, "/nonexistent", "log", "--image", "/nonexistent")]
    [InlineData(2, "a file name is empty", "")]
    [InlineData(2, "--ram: needs --image", "log", "--ram", "0-fff")]
    [InlineData(2, "--image and --follow exclude each other: an image is of one moment", "log", "--image", "core", "--follow")]
    [InlineData(2, "LOG and --image cannot both be standard input", "-", "--image", "-")]
    public void Misuse_is_refused(int code, string message, params string[] args)
    {
        using TemporaryFile log = new(Tool.Utf8(Fault));
        ToolResult result = Tool.Run(["explain", .. args.Select(word => word == "log" ? log.Path : word)]);
        Assert.Equal(code, result.Code);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_logs_and_images_end_with_a_documented_code()
    {
        Random random = new(11);
        byte[] text = Tool.Utf8(Table + Fault + Entry);
        byte[] core = GuestCore.Build();
        for (int round = 0; round < 200; round++)
        {
            using TemporaryFile log = new(Damaged(text, random));
            using TemporaryFile image = new(Damaged(core, random));
            ToolResult result = Tool.Run("explain", log.Path, "--image", image.Path);
            Assert.Contains(result.Code, (IEnumerable<int>)[0, 1, 3]);
            Assert.DoesNotContain("unexpected", result.Error, StringComparison.Ordinal);
        }
    }

    private static byte[] Damaged(byte[] content, Random random)
    {
        byte[] copy = [.. content];
        for (int change = random.Next(6); change > 0; change--)
        {
            copy[random.Next(random.Next(2) == 0 ? copy.Length : Math.Min(copy.Length, 1024))] = (byte)random.Next(256);
        }

        return random.Next(8) == 0 ? copy[..random.Next(copy.Length)] : copy;
    }

    /// <summary>What is said of the image, each in one line.</summary>
    private static string[] Said(string text, byte[] core, out ToolResult result)
    {
        using TemporaryFile log = new(Tool.Utf8(text));
        using TemporaryFile image = new(core);
        result = Tool.Run("explain", log.Path, "--image", image.Path);
        return [.. Details().Matches(result.Output).Select(static match => Wrap().Replace(match.Groups[1].Value, " ").Trim())];
    }

    [GeneratedRegex(@"^    in the image     (.*\n(?:                     .*\n)*)", RegexOptions.Multiline)]
    private static partial Regex Details();

    [GeneratedRegex(@"\n +")]
    private static partial Regex Wrap();
}
