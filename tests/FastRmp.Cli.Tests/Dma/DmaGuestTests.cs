using System;
using System.Linq;
using System.Text.Json;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Dma;

/// <summary>Listings of guest (v2) tables.</summary>
public sealed class DmaGuestTests
{
    [Fact]
    public void Each_PASID_is_listed_with_what_both_tables_allow()
    {
        using TemporaryFile image = new(GuestIoCore.Build());
        ToolResult result = Tool.Run("dma", image.Path, "--device-table", GuestIoCore.Table, "--device", "0", "--pasid", "all", "--tsv");
        Assert.Equal("devid\tdomain\tmode\tiova\tpa\tsize\tir\tiw\tpasid", result.OutputLines[0]);
        string[] rows =
        [
            "0x0000\t9\t0\t0x0\t0x40000\t4096\t1\t1", "0x0000\t9\t0\t0x1000\t0x40000\t4096\t1\t0",
            "0x0000\t9\t0\t0x2000\t0x40000\t4096\t0\t0",
            "0x0000\t9\t0\t0x3000\t0x41000\t4096\t1\t1", "0x0000\t9\t0\t0x200000\t0x200000\t2097152\t1\t1",
        ];
        Assert.Equal([.. rows.Select(static row => row + "\t0"), .. rows.Select(static row => row + "\t5")], result.OutputLines[1..]);
        result.IsBadInput("a table is not in the image, whole or in part; the first missing entry is at physical address 0x777000");
        Assert.Contains("4 entries are malformed and map nothing", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Host_tables_below_cut_and_move_the_pages()
    {
        using TemporaryFile image = new(GuestIoCore.Build());
        ToolResult result = Tool.Run("dma", image.Path, "--device-table", GuestIoCore.Table, "--device", "1", "--pasid", "5", "--tsv");
        Assert.Equal(
            ["0x0001\t9\t1\t0x0\t0x70000\t4096\t1\t1\t5", "0x0001\t9\t1\t0x1000\t0x70000\t4096\t1\t0\t5",
                "0x0001\t9\t1\t0x2000\t0x70000\t4096\t0\t0\t5"],
            result.OutputLines[1..]);
    }

    [Fact]
    public void Tab_separated_rows_without_a_choice_are_requests_without_PASID()
    {
        using TemporaryFile image = new(GuestIoCore.Build());
        ToolResult host = Tool.Run("dma", image.Path, "--device-table", GuestIoCore.Table, "--device", "1", "--tsv");
        Assert.Equal("devid\tdomain\tmode\tiova\tpa\tsize\tir\tiw", host.OutputLines[0]);
        Assert.Equal("0x0001\t9\t1\t0x40000\t0x70000\t4096\t1\t1", host.OutputLines[^1]);
        Assert.Contains("1 device has guest (v2) tables of PASIDs, which --pasid all lists", host.Error, StringComparison.Ordinal);
        string[] guest = Tool.Run("dma", image.Path, "--device-table", GuestIoCore.Table, "--device", "4", "--tsv").OutputLines;
        Assert.Equal("0x0004\t9\t0\t0x0\t0x40000\t4096\t1\t1", guest[1]);
        Assert.Equal(6, guest.Length);
    }

    [Fact]
    public void Text_and_json_report_the_PASID()
    {
        using TemporaryFile image = new(GuestIoCore.Build());
        string[] text = Tool.Run("dma", image.Path, "--device-table", GuestIoCore.Table, "--device", "1").OutputLines;
        Assert.Equal("device   domain  mode    pasid  device address    physical address  size   rights", text[0]);
        Assert.Equal("00:00.1       9     1        -  0000000000040000  0000000000070000  4K     rw", text[6]);
        Assert.Equal("00:00.1       9     1        0  0000000000000000  0000000000070000  4K     rw", text[7]);
        using JsonDocument json = JsonDocument.Parse(
            Tool.Run("dma", image.Path, "--device-table", GuestIoCore.Table, "--device", "1", "--json").Output);
        JsonElement[] pages = [.. json.RootElement.GetProperty("mappings").EnumerateArray()];
        Assert.Equal(JsonValueKind.Null, pages[0].GetProperty("pasid").ValueKind);
        Assert.Equal(5, pages[^1].GetProperty("pasid").GetInt32());
    }

    [Fact]
    public void One_address_of_a_large_page_may_be_chosen()
    {
        using TemporaryFile image = new(GuestIoCore.Build());
        Assert.Equal(
            ["0x0000\t9\t0\t0x200000\t0x200000\t2097152\t1\t1\t5"],
            Tool.Run(
                "dma", image.Path, "--device-table", GuestIoCore.Table, "--device", "0", "--pasid", "5", "--iova", "345678",
                "--tsv").OutputLines[1..]);
    }

    [Fact]
    public void Illegal_entries_are_counted_and_wrong_PASIDs_refused()
    {
        using TemporaryFile image = new(GuestIoCore.Build());
        ToolResult result = Tool.Run(
            "dma", image.Path, "--device-table", GuestIoCore.Table, "--device", "1", "--pasid", "all", "--control", "0", "--tsv");
        Assert.Contains(
            "1 device table entry is illegal, the IOMMU refuses all requests there; the first is of device 00:00.1", result.Error,
            StringComparison.Ordinal);
        Assert.Single(
            Tool.Run("dma", image.Path, "--device-table", GuestIoCore.Table, "--device", "3", "--pasid", "all", "--tsv").OutputLines);
        Tool.Run("dma", "x", "--device-table", "1000", "--pasid", "1048576").IsUsageError("--pasid: 1048576 has more than 20 bits");
        Tool.Run("dma", "x", "--device-table", "1000", "--c-bit", "31").IsUsageError("--c-bit: 31 is not 32 to 51");
    }
}
