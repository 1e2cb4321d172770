using System;
using System.Globalization;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Walk;

/// <summary>Requests with and without PASID through guest (v2) tables.</summary>
public sealed class WalkGuestDeviceTests
{
    private const string Logged = "event: AMD-Vi: Event logged ";

    [Fact]
    public void Guest_tables_alone_are_reported_level_by_level()
    {
        using TemporaryFile image = new(GuestIoCore.Build());
        ToolResult result = Tool.Run(
            "walk", image.Path, "3123", "--write", "--device", "0", "--device-table", GuestIoCore.Table, "--pasid", "5");
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        Assert.Equal(
            """
            0x3123: write of device 00:00.0, PASID 5, device table 0x20000
              DTE     at 0x20000: 6080000000000003 0000000000060009 0000000000000000 0000000000000000 rw  guest (v2) tables of 4 levels, GCR3 table of 1 level; requests without PASID pass untranslated; the GCR3 table is at 0x30000, domain 9
              GCR3 1  at 0x30028: 0000000000031001  the root of the guest tables is at 0x31000
              PML4E   at 0x31000: 0000000000032007 -------UW  points to a table of PDPEs at 0x32000
              PDPE    at 0x32000: 0000000000033007 -------UW  points to a table of PDEs at 0x33000
              PDE     at 0x33000: 0000000000034007 -------UW  points to a table of PTEs at 0x34000
              PTE     at 0x34018: 0000000000041007 -------UW  maps a page of 4K at 0x41000
            page: 0x41123, 4K, readable, writable, executable

            """.ReplaceLineEndings("\n"),
            result.Output);
    }

    [Fact]
    public void Below_each_entry_of_the_guest_stand_the_host_entries_that_led_there()
    {
        using TemporaryFile image = new(GuestIoCore.Build());
        ToolResult result = Tool.Run("walk", image.Path, "123", "--device", "1", "--device-table", GuestIoCore.Table, "--pasid", "5");
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        Assert.Contains(
            "  PTE     at gPA 0x34000, sPA 0x34000: 8000000000040007 X------UW  maps a page of 4K at gPA 0x40000\n"
                + "    level 1 at 0x381a0: 6000000000034001 rw",
            result.Output, StringComparison.Ordinal);
        Assert.Contains("  page    at gPA 0x40123\n    level 1 at 0x38200: 6000000000070001 rw", result.Output, StringComparison.Ordinal);
        Assert.Equal("page: 0x70123, 4K, readable, writable; gPA 0x40123", result.OutputLines[^1]);
    }

    [Theory]
    [InlineData("0", "0", "5", "[IO_PAGE_FAULT device=0000:00:00.0 domain=0x0005 address=0x0 flags=0x0053]", "--exec")]
    [InlineData("1000", "0", "5", "[IO_PAGE_FAULT device=0000:00:00.0 domain=0x0005 address=0x1000 flags=0x0071]", "--write")]
    [InlineData("2000", "0", "5", "[IO_PAGE_FAULT device=0000:00:00.0 domain=0x0005 address=0x2000 flags=0x0055]")]
    [InlineData("4000", "0", "5", "[IO_PAGE_FAULT device=0000:00:00.0 domain=0x0005 address=0x4000 flags=0x0001]")]
    [InlineData("400000", "0", "5", "[IO_PAGE_FAULT device=0000:00:00.0 domain=0x0005 address=0x400000 flags=0x0091]")]
    [InlineData("8000000000", "0", "5", "[IO_PAGE_FAULT device=0000:00:00.0 domain=0x0005 address=0x8000000000 flags=0x0091]")]
    [InlineData("10000000000", "0", "5", "[IO_PAGE_FAULT device=0000:00:00.0 domain=0x0005 address=0x10000000000 flags=0x0001]")]
    [InlineData("800000000000", "0", "5", "[IO_PAGE_FAULT device=0000:00:00.0 domain=0x0005 address=0x800000000000 flags=0x0001]")]
    [InlineData("0", "0", "7", "[IO_PAGE_FAULT device=0000:00:00.0 domain=0x0007 address=0x0 flags=0x0021]", "--write")]
    [InlineData("0", "0", "512", "[IO_PAGE_FAULT device=0000:00:00.0 domain=0x0200 address=0x0 flags=0x0001]")]
    [InlineData("3000", "1", "5", "[IO_PAGE_FAULT device=0000:00:00.1 domain=0x0009 address=0x41000 flags=0x0020]", "--write")]
    [InlineData("200000", "1", "5", "[IO_PAGE_FAULT device=0000:00:00.1 domain=0x0009 address=0x200000 flags=0x0010]")]
    [InlineData("0", "3", "5", "[ILLEGAL_DEV_TABLE_ENTRY device=0000:00:00.3 pasid=0x00005 address=0x0 flags=0x0000]")]
    [InlineData("0", "0", "5", "[ILLEGAL_DEV_TABLE_ENTRY device=0000:00:00.0 pasid=0x00005 address=0x0 flags=0x0080]", "--control", "0")]
    [InlineData(
        "0", "0", "5", "[ILLEGAL_DEV_TABLE_ENTRY device=0000:00:00.0 pasid=0x00005 address=0x0 flags=0x0020]", "--control", "10000",
        "--snp", "--write")]
    public void What_guest_tables_refuse_is_logged(string address, string device, string pasid, string end, params string[] args)
    {
        using TemporaryFile image = new(GuestIoCore.Build());
        ToolResult result = Tool.Run(
            ["walk", image.Path, address, "--device", device, "--device-table", GuestIoCore.Table, "--pasid", pasid, .. args]);
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        Assert.Equal(Logged + end, result.OutputLines[^1]);
        Assert.StartsWith("flags: " + end[^7..^1], result.OutputLines[^2], StringComparison.Ordinal);
    }

    [Fact]
    public void A_supervisors_page_is_open_to_a_privileged_request()
    {
        using TemporaryFile image = new(GuestIoCore.Build());
        Assert.StartsWith(
            "page: 0x40000, 4K",
            Tool.Run(
                "walk", image.Path, "2000", "--device", "0", "--device-table", GuestIoCore.Table, "--pasid", "5",
                "--privileged").OutputLines[^1],
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_of_all_levels_that_points_at_itself_ends_in_a_page_or_in_an_event()
    {
        using TemporaryFile image = new(GuestIoCore.Build());
        ToolResult result = Tool.Run(
            "walk", image.Path, "0", "ffffffffffffffff", "--device", "2", "--device-table", GuestIoCore.Table, "--pasid", "262143");
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        Assert.Equal(2, result.Output.Split("page: 0x35").Length - 1);
    }

    [Fact]
    public void Options_of_devices_need_a_device()
    {
        Tool.Run("walk", "x", "0", "--pasid", "5").IsUsageError("--pasid needs --device");
        Tool.Run("walk", "x", "0", "--control", "5").IsUsageError("--control needs --device");
        Tool.Run("walk", "x", "0", "--device", "0", "--device-table", "0", "--pasid", "1048576")
            .IsUsageError("--pasid: 1048576 has more than 20 bits");
    }

    [Fact]
    public void Damaged_cores_end_in_a_walk_or_a_message()
    {
        byte[] core = GuestIoCore.Build();
        Mutator mutator = new(10);
        for (int round = 0; round < 200; round++)
        {
            string device = (round % 5).ToString(CultureInfo.InvariantCulture);
            byte[] damaged = mutator.Mutate(core, core.Length);
            ToolResult result = Tool.RunWith(
                damaged,
                ["walk", "-", "0", "3000", "ffffffffffffffff", "--device", device, "--device-table", GuestIoCore.Table, "--pasid", "5"])
                .SpeaksProperly();
            Assert.True(result.Code is 0 or 3, $"round {round}: {result.Code}");
            result = Tool.RunWith(damaged, ["dma", "-", "--device-table", GuestIoCore.Table, "--entries", "2", "--pasid", "all", "--tsv"])
                .SpeaksProperly();
            Assert.True(result.Code is 0 or 3, $"round {round}: {result.Code}");
        }
    }
}
