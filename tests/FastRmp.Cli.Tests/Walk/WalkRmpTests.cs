using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Walk;

public sealed class WalkRmpTests
{
    private const string Assigned =
        "  RMP   at 0x1004150: 4028000000005001 000000000000001f  Guest-Valid, 4K, ASID 5, gPA 0x5000, 7 sub-pages of its region assigned";

    [Theory]
    [InlineData("5010", Assigned, "fault: #PF 0x80000003 (P W/R RMP): the RMP forbids it for the page at 0x15010, 4K", "--write")]
    [InlineData(
        "5010", Assigned, "fault: #PF 0x80000007 (P W/R U/S RMP): the RMP forbids it for the page at 0x15010, 4K", "--write", "--user")]
    [InlineData("5010", Assigned, "page: 0x15010, 4K, user, writable, executable")]
    [InlineData(
        "8000", "  RMP   at 0x1004180: 0000000000000000 0000000000000000  Hypervisor, 4K, 7 sub-pages of its region assigned",
        "page: 0x18000, 4K, user, writable, executable", "--write")]
    [InlineData(
        "418000", "  RMP   at 0x1004180: 0000000000000000 0000000000000000  Hypervisor, 4K, 7 sub-pages of its region assigned",
        "fault: #PF 0x80000003 (P W/R RMP): the RMP forbids it for the page at 0x18000, 2M", "--write")]
    [InlineData(
        "201000", "  RMP   at 0x1008010: 0000000000000000 0000000000000000  Hypervisor, 4K",
        "page: 0x401000, 2M, user, writable, executable", "--write")]
    public void The_hosts_writes_are_checked_and_its_reads_are_not(string address, string entry, string end, params string[] args)
    {
        using TemporaryFile image = new(GuestCore.Build());
        ToolResult result = Tool.Run(["walk", image.Path, address, "--rmp", GuestCore.Rmp, .. args]);
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        Assert.Equal([entry, end], result.OutputLines[^2..]);
        Assert.InRange(result.OutputLines.Length, 1 + 3 + 2, 1 + 4 + 2);
    }

    [Fact]
    public void A_table_that_is_not_the_hypervisors_cannot_be_marked()
    {
        using TemporaryFile image = new(GuestCore.Build());
        ToolResult result = Tool.Run("walk", image.Path, "0", "--cr3", "11000", "--rmp", GuestCore.Rmp);
        Assert.Equal(
            [
                "  PML4E at 0x11000: 0000000000002007 -------UW  points to a table of PDPEs at 0x2000",
                "  RMP   at 0x1004110: 4028000000001001 000000000000031f  Guest-Valid, 4K, ASID 5, gPA 0x1000, "
                    + "7 sub-pages of its region assigned",
                "fault: #PF 0x80000001 (P RMP): the RMP forbids the walker to mark the PML4E at 0x11000",
            ],
            result.OutputLines[1..]);
    }

    [Fact]
    public void An_RMP_entry_that_is_needed_and_missing_is_named()
    {
        using TemporaryFile image = new(GuestCore.Build(rmpEntries: 512));
        ToolResult result = Tool.Run("walk", image.Path, "200000", "5000", "--write", "--rmp", GuestCore.Rmp).SpeaksProperly();
        Assert.Equal(3, result.Code);
        Assert.Contains(
            "  RMP   at 0x1008000: not in the image\nend: the RMP entry at 0x1008000 is not in the image\n\n", result.Output,
            System.StringComparison.Ordinal);
        Assert.StartsWith("fault: #PF 0x80000003", result.OutputLines[^1], System.StringComparison.Ordinal);
        Assert.Equal($"fastrmp: {image.Path}: the RMP entry at 0x1008000 is not in the image\n", result.Error);
        Assert.StartsWith(
            "page: ", Tool.Run("walk", image.Path, "200000", "--rmp", GuestCore.Rmp).OutputLines[^1], System.StringComparison.Ordinal);
        ToolResult device = Tool.Run("walk", image.Path, "400000", "--device", "6", "--device-table", "20000", "--rmp", GuestCore.Rmp);
        Assert.Equal((3, "end: the RMP entry at 0x1008000 is not in the image"), (device.Code, device.OutputLines[^1]));
        Assert.StartsWith(
            "event: if the IOMMU cannot read the RMP entry either, AMD-Vi: Event logged [RMP_HW_ERROR ", device.OutputLines[^2],
            System.StringComparison.Ordinal);
        Assert.EndsWith("vmg_tag=0x0000, spa=0x1008000, flags=0x0000]", device.OutputLines[^2], System.StringComparison.Ordinal);
        ToolResult guest = Tool.Run(
            "walk", image.Path, "4000", "--cr3", "1000", "--nested", "9000", "--rmp", GuestCore.Rmp, "--asid", "5", "--write");
        Assert.Equal((3, "end: the RMP entry at 0x1008000 is not in the image"), (guest.Code, guest.OutputLines[^1]));
    }

    [Fact]
    public void An_image_without_any_of_the_RMP_is_refused()
    {
        using TemporaryFile image = new(GuestCore.WithoutRmp());
        Tool.Run("walk", image.Path, "0", "--rmp", GuestCore.Rmp)
            .IsBadInput(image.Path, "nothing of the RMP's entries at physical addresses 0x1004000 to 0x100bfff is in the image");
    }

    [Theory]
    [InlineData("--rmp: '1000000' is neither auto nor BASE:END, two physical addresses in hexadecimal", "--rmp", "1000000")]
    [InlineData("--rmp: '10:g' is neither auto nor BASE:END, two physical addresses in hexadecimal", "--rmp", "10:g")]
    [InlineData(
        "--rmp: RMP_END: 0x10000000000000 is not a physical address, which ends at 0xfffffffffffff", "--rmp", "0:10000000000000")]
    [InlineData("--rmp: the processor intel has no RMP", "--rmp", GuestCore.Rmp, "--processor", "intel")]
    [InlineData("--device and --nested exclude each other", "--device", "3", "--device-table", "0", "--nested", "0")]
    [InlineData("--device and --cr3 exclude each other", "--device", "3", "--device-table", "0", "--cr3", "0")]
    [InlineData("--device and --fetch exclude each other", "--device", "3", "--device-table", "0", "--fetch")]
    [InlineData("--device and --asid exclude each other", "--device", "3", "--device-table", "0", "--asid", "1")]
    [InlineData("--device needs --device-table", "--device", "3")]
    [InlineData("--device-table needs --device", "--device-table", "0")]
    [InlineData("--device: '3.4' is not a device: bb:dd.f, or at most 16 bits in hexadecimal", "--device", "3.4", "--device-table", "0")]
    [InlineData(
        "--device-table: 0x1001 is not a physical address of a 4K page, which ends at 0xfffffffffffff", "--device", "3", "--device-table",
        "1001")]
    [InlineData("--asid needs --nested", "--asid", "1", "--rmp", GuestCore.Rmp)]
    [InlineData("--nested-la57 needs --nested", "--nested-la57")]
    [InlineData("--nested needs --cr3, the guest's root", "--nested", "0")]
    [InlineData(
        "--nested: 0x10000000000000 is not a physical address, which ends at 0xfffffffffffff", "--nested", "10000000000000", "--cr3", "0")]
    [InlineData("--asid needs --rmp", "--nested", "0", "--cr3", "0", "--asid", "1")]
    [InlineData("--vmpl needs --asid", "--nested", "0", "--cr3", "0", "--vmpl", "1")]
    [InlineData("--vtom needs --asid or --c-bit", "--nested", "0", "--cr3", "0", "--vtom", "1000")]
    [InlineData("--user is --cpl 3", "--nested", "0", "--cr3", "0", "--user", "--cpl", "0")]
    [InlineData("--cpl: 4 is not 0 to 3", "--nested", "0", "--cr3", "0", "--cpl", "4")]
    [InlineData("--vmpl: 4 is not 0 to 3", "--nested", "0", "--cr3", "0", "--rmp", GuestCore.Rmp, "--asid", "1", "--vmpl", "4")]
    [InlineData("--asid: 0 is not 1 to 1006, the ASIDs of genoa", "--nested", "0", "--cr3", "0", "--rmp", GuestCore.Rmp, "--asid", "0")]
    [InlineData(
        "--asid: 510 is not 1 to 509, the ASIDs of milan", "--nested", "0", "--cr3", "0", "--rmp", GuestCore.Rmp, "--asid", "510",
        "--processor", "milan")]
    [InlineData(
        "--vtom: 0x10000000000000 is not a guest physical address, which ends at 0xfffffffffffff", "--nested", "0", "--cr3", "0", "--c-bit",
        "51", "--vtom", "10000000000000")]
    public void Wrong_command_lines_are_refused(string problem, params string[] args) =>
        Tool.Run(["walk", "image", "0", .. args]).IsUsageError(problem);

    [Fact]
    public void A_range_that_is_no_RMP_is_refused_with_the_reason()
    {
        ToolResult result = Tool.Run("walk", "image", "0", "--rmp", "1000:2fff").SpeaksProperly();
        Assert.Equal(2, result.Code);
        Assert.StartsWith("fastrmp: --rmp: ", result.Error, System.StringComparison.Ordinal);
    }
}
