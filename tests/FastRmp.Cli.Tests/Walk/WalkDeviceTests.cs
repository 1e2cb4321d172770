using System;
using System.Globalization;
using System.IO;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Walk;

public sealed class WalkDeviceTests
{
    private const string Logged = "event: AMD-Vi: Event logged ";
    private const string ReadRefused = "flags: 0x0000  -: read; the RMP forbids it: the page is not the hypervisor's";
    private const string WriteRefused = "flags: 0x0020  RW: write; the RMP forbids it: the page is not the hypervisor's";
    private const string Denied = "Guest-Valid, 4K, ASID 5, gPA 0x5000, 7 sub-pages of its region assigned";

    private static readonly string Core = Fixture.PathOf("amd-vi/core.elf");

    [Fact]
    public void Every_level_stands_in_a_line_and_the_page_at_the_end()
    {
        ToolResult result = Tool.Run("walk", Core, "0xfffc1234", "1000", "--write", "--device", "00:03.0", "--device-table", "1000000");
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        Assert.Equal(
            """
            0xfffc1234: write of device 00:03.0, device table 0x1000000
              DTE     at 0x1000300: 60000001029ab603 0000000000000003 2000000103bae013 0000000000000000 rw  tables of 3 levels at 0x1029ab000, domain 3
              level 3 at 0x1029ab018: 6000000125125401 rw  points to a table of level 2; the table is at 0x125125000
              level 2 at 0x125125ff8: 6000000125126201 rw  points to a table of level 1; the table is at 0x125126000
              level 1 at 0x125126e08: 7000000103bf7e01 rw  maps a page of 64K, in 16 entries of the same value; the page is at 0x103bf0000
            page: 0x103bf1234, 64K, readable, writable

            0x1000: write of device 00:03.0, device table 0x1000000
              DTE     at 0x1000300: 60000001029ab603 0000000000000003 2000000103bae013 0000000000000000 rw  tables of 3 levels at 0x1029ab000, domain 3
              level 3 at 0x1029ab000: 0000000000000000 --  not present: all other bits are ignored
            fault: the entry of level 3 at 0x1029ab000 is not present
            flags: 0x0020  RW: write; the page is not mapped
            event: AMD-Vi: Event logged [IO_PAGE_FAULT device=0000:00:03.0 domain=0x0003 address=0x1000 flags=0x0020]

            """.ReplaceLineEndings("\n"),
            result.Output);
    }

    [Fact]
    public void Every_mapping_of_a_real_kernel_is_reached_with_its_rights()
    {
        foreach (string row in File.ReadAllLines(Fixture.PathOf("amd-vi/mappings.tsv"))[1..])
        {
            string[] cells = row.Split('\t');
            ulong last = ulong.Parse(cells[5], CultureInfo.InvariantCulture) - 1;
            ulong iova = Convert.ToUInt64(cells[3], 16) + last;
            ulong page = Convert.ToUInt64(cells[4], 16) + last;
            Walk(iova, page, cells, cells[6], "0x0050");
            Walk(iova, page, cells, cells[7], "0x0070", "--write");
        }
    }

    [Theory]
    [InlineData("end: an interrupt, no access to memory: 0xfee00000 to 0xfeefffff is not walked", "fee01000", "0")]
    [InlineData(Logged + "[IO_PAGE_FAULT device=0000:00:00.0 domain=0x0009 address=0x3000 flags=0x0000]", "3000", "0")]
    [InlineData(Logged + "[IO_PAGE_FAULT device=0000:00:00.0 domain=0x0009 address=0x2000 flags=0x0030]", "2000", "0", "--write")]
    [InlineData(Logged + "[IO_PAGE_FAULT device=0000:00:00.0 domain=0x0009 address=0x200000 flags=0x0010]", "200000", "0")]
    [InlineData(Logged + "[IO_PAGE_FAULT device=0000:00:00.3 domain=0x0000 address=0x0 flags=0x0000]", "0", "3")]
    [InlineData("page: 0x123, not translated, readable, writable", "123", "2")]
    [InlineData("page: 0x0, not translated, readable, writable", "0", "6")]
    [InlineData("page: 0x30000, 4K, readable, writable", "0", "1")]
    public void A_request_ends_in_a_page_or_in_what_the_IOMMU_logs(string end, string address, string device, params string[] args)
    {
        using TemporaryFile image = new(GuestCore.WithoutRmp());
        ToolResult result = Tool.Run(["walk", image.Path, address, "--device", device, "--device-table", "20000", .. args]);
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        Assert.Equal(end, result.OutputLines[^1]);
    }

    [Theory]
    [InlineData(
        "0", "0", false, "  RMP     at 0x1004150: 4028000000005001 000000000000001f  " + Denied,
        "fault: the RMP forbids it for the page at 0x15000, 4K", ReadRefused,
        Logged + "[RMP_PAGE_FAULT device=0000:00:00.0, vmg_tag=0x0000, gpa=0x0, flags_rmp=0x0000, flags=0x0000]")]
    [InlineData(
        "10", "0", true, "  RMP     at 0x1004150: 4028000000005001 000000000000001f  " + Denied,
        "fault: the RMP forbids it for the page at 0x15010, 4K", WriteRefused,
        Logged + "[RMP_PAGE_FAULT device=0000:00:00.0, vmg_tag=0x0000, gpa=0x10, flags_rmp=0x0000, flags=0x0020]")]
    [InlineData(
        "0", "1", false, "fault: the RMP forbids the IOMMU to mark the entry of level 1 at 0x17000", ReadRefused,
        Logged + "[RMP_PAGE_FAULT device=0000:00:00.1, vmg_tag=0x0000, gpa=0x0, flags_rmp=0x0000, flags=0x0000]")]
    [InlineData(
        "0", "2", false,
        "fault: the device table entry is illegal: Mode 0 while SNP is enabled; ILLEGAL_DEV_TABLE_ENTRY, RZ clear, "
            + "flags=0x0000 for a read, 0x0020 for a write",
        "flags: 0x0000  -: read; the device table entry is not a possible encoding: Mode 0 while SNP is enabled, Mode 7, "
            + "or invalid levels",
        Logged + "[ILLEGAL_DEV_TABLE_ENTRY device=0000:00:00.2 pasid=0x00000 address=0x0 flags=0x0000]")]
    [InlineData(
        "15000", "6", false, "fault: the RMP forbids it for the page at 0x15000, not translated", ReadRefused,
        Logged + "[RMP_PAGE_FAULT device=0000:00:00.6, vmg_tag=0x0000, gpa=0x15000, flags_rmp=0x0000, flags=0x0000]")]
    [InlineData(
        "1fff", "0", false, "  RMP     at 0x1004300: 0000000000000000 0000000000000000  Hypervisor, 4K, 7 sub-pages of its region assigned",
        "page: 0x30fff, 4K, readable, writable")]
    [InlineData(
        "2000000", "6", false, "  RMP     covers no page at 0x2000000: it is the hypervisor's",
        "page: 0x2000000, not translated, readable, writable")]
    public void The_RMP_of_the_image_judges_a_devices_requests(string address, string device, bool isWrite, params string[] end)
    {
        using TemporaryFile image = new(GuestCore.Build());
        string[] write = isWrite ? ["--write"] : [];
        ToolResult result = Tool.Run(
            ["walk", image.Path, address, "--device", device, "--device-table", "20000", "--rmp", GuestCore.Rmp, .. write]);
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        Assert.EndsWith("\n" + string.Join('\n', end) + "\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_image_does_not_hold_is_named_and_no_failure()
    {
        using TemporaryFile image = new(GuestCore.Build());
        foreach ((
            string device,
            string missing) in new[] { ("5", "entry of level 1 at 0x777000"), ("ff:00.0", "device table entry at 0x3fe000") })
        {
            ToolResult result = Tool.Run("walk", image.Path, "0", "--device", device, "--device-table", device == "5" ? "20000" : "200000")
                .SpeaksProperly();
            Assert.Equal((0, $"end: the {missing} is not in the image"), (result.Code, result.OutputLines[^1]));
            Assert.Equal($"fastrmp: {image.Path}: the {missing} is not in the image\n", result.Error);
        }
    }

    [Fact]
    public void Damaged_cores_end_in_a_walk_or_a_message()
    {
        byte[] core = GuestCore.Build();
        Mutator mutator = new(9);
        for (int round = 0; round < 300; round++)
        {
            string[] rmp = round % 2 == 0 ? ["--rmp", GuestCore.Rmp] : [];
            string device = (round % 7).ToString(CultureInfo.InvariantCulture);
            ToolResult result = Tool.RunWith(
                mutator.Mutate(core, core.Length),
                ["walk", "-", "0", "2000", "ffffffffffffffff", "--device", device, "--device-table", "20000", .. rmp])
                .SpeaksProperly();
            Assert.True(result.Code is 0 or 3, $"round {round}: {result.Code}");
        }
    }

    private static void Walk(ulong iova, ulong page, string[] cells, string isAllowed, string flags, params string[] args)
    {
        string address = iova.ToString("x", CultureInfo.InvariantCulture);
        ToolResult result = Tool.Run(["walk", Core, address, "--device", cells[0], "--device-table", "1000000", .. args]);
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        string end = result.OutputLines[^1];
        if (isAllowed == "1")
        {
            Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"page: 0x{page:x}, "), end, StringComparison.Ordinal);
        }
        else
        {
            Assert.EndsWith($" address=0x{address} flags={flags}]", end, StringComparison.Ordinal);
        }
    }
}
