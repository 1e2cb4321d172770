using System.Linq;
using FastRmp.Firmware;
using FastRmp.Tests.Rmp;
using Xunit;
using static FastRmp.Tests.Firmware.FirmwareRig;

namespace FastRmp.Tests.Firmware;

public sealed class PageSetStateTests
{
    private const ulong FirmwareLow = 0x8000_0000_0000_0005;
    private const ulong FullBlock = 0x8000_0000_0000_0FFD;
    private const ulong List = 0x200_0000;

    [Fact]
    public void A_full_block_of_firmware_pages_becomes_fixed_and_nothing_is_counted_any_more()
    {
        using FirmwareRig rig = new();
        AssignRegion(rig, R);
        rig.RequireRaw(R, FullBlock, 0x1F); // as RMPUPDATE writes it
        Assert.Equal(FirmwareStatus.Success, Set(rig, new PageRangeEntry(R, 512)));
        RequireFixed(rig, R, 512, count: 0);
        Assert.Equal(PageState.HvFixed, rig.State(S));
        Assert.Equal(RmpStatus.FailPermission, rig.Update(S, Operands.Release()).Status);
        Assert.Equal(RmpStatus.FailPermission, rig.Update(R, Operands.Assign(0, 5, PageSize.Size2M)).Status);
        Assert.True(rig.Table.IsHypervisorOwned(At(R), PageSize.Size2M));
    }

    [Fact]
    public void Sixteen_pages_leave_the_others_counted()
    {
        using FirmwareRig rig = new();
        AssignRegion(rig, R);
        Assert.Equal(FirmwareStatus.Success, Set(rig, new PageRangeEntry(R, 16)));
        RequireFixed(rig, R, 16, count: 496);
        rig.RequireRaw(R, 0xF84);
        rig.RequireRaw(R + 0x1_0000, FirmwareLow, 0x1F);
    }

    [Theory]
    [InlineData(1U)]
    [InlineData(513U)]
    [InlineData(700U)]
    [InlineData(1024U)]
    public void Any_number_of_pages(uint pages)
    {
        using FirmwareRig rig = new();
        AssignRegion(rig, R);
        AssignRegion(rig, Q);
        Assert.Equal(FirmwareStatus.Success, Set(rig, new PageRangeEntry(R, pages)));
        uint first = uint.Min(pages, 512);
        RequireFixed(rig, R, first, count: 512 - first);
        if (pages > 512) RequireFixed(rig, Q, pages - 512, count: 1024 - pages);
    }

    [Fact]
    public void Ranges_in_any_order_and_the_C_bit_of_a_base_is_nothing()
    {
        using FirmwareRig rig = new();
        AssignRegion(rig, R);
        AssignRegion(rig, Q);
        Assert.Equal(
            FirmwareStatus.Success,
            Set(rig, new PageRangeEntry(Q | (1UL << 51), 512), new PageRangeEntry(R, 0), new PageRangeEntry(R, 512)));
        RequireFixed(rig, R, 512, count: 0);
        RequireFixed(rig, Q, 512, count: 0);
    }

    [Theory]
    [InlineData(0x1UL)]
    [InlineData(0x5UL)] // not locked
    [InlineData(0xA000_0000_0000_0005UL)]
    [InlineData(0x8000_0000_0000_0007UL)]
    public void A_page_that_is_not_quite_firmwares_refuses_all_of_it(ulong low)
    {
        using FirmwareRig rig = new();
        AssignRegion(rig, R);
        AssignRegion(rig, Q);
        rig.Poke(Q + 0x1F_F000, low, 0x1F);
        rig.RequireRefusal(FirmwareStatus.InvalidPageState, () => Set(rig, new PageRangeEntry(R, 512), new PageRangeEntry(Q, 512)));
        Assert.Equal(FirmwareStatus.Success, Set(rig, new PageRangeEntry(R, 512), new PageRangeEntry(Q, 511)));
    }

    [Fact]
    public void A_large_firmware_page_is_no_block_of_pages()
    {
        using FirmwareRig rig = new();
        rig.PokeRegion(R, FirmwareLow | 2, subLow: 1);
        rig.RequireRefusal(FirmwareStatus.InvalidPageState, () => Set(rig, new PageRangeEntry(R, 512)));
    }

    [Fact]
    public void What_lies_beyond_coverage_is_dropped()
    {
        using FirmwareRig rig = new();
        const ulong LastRegion = Covered - ModelPair.RegionBytes;
        AssignRegion(rig, LastRegion);
        Assert.Equal(FirmwareStatus.Success, Set(rig, new PageRangeEntry(LastRegion, 5000), new PageRangeEntry(1UL << 40, 512)));
        RequireFixed(rig, LastRegion, 512, count: 0);
    }

    [Fact]
    public void The_RMP_itself_is_left_out_and_what_follows_it_is_no_region()
    {
        using FirmwareRig rig = new();
        rig.Table.ClaimOwnPages();
        Assert.Equal(FirmwareStatus.Success, Set(rig, new PageRangeEntry(OwnStart, 256)));
        rig.RequireRaw(OwnStart, 0x8000_0000_0000_07FD);
        for (ulong page = OwnEnd + 1; page < R; page += 0x1000)
        {
            rig.Assign(page, 0, 0);
        }

        AssignRegion(rig, 0x40_0000);
        Assert.Equal(FirmwareStatus.InvalidAddress, Set(rig, new PageRangeEntry(0x40_0000, 1024)));
        RequireFixed(rig, 0x40_0000, 512, count: 0); // what came before is done
        rig.RequireRaw(OwnEnd + 1, FirmwareLow, 0x1F);
    }

    [Fact]
    public void A_count_that_is_too_small_refuses_what_is_left()
    {
        using FirmwareRig rig = new();
        AssignRegion(rig, R);
        AssignRegion(rig, Q);
        rig.Poke(Q, FirmwareLow | (510 << 3));
        Assert.Equal(FirmwareStatus.InvalidAddress, Set(rig, new PageRangeEntry(R, 1024)));
        RequireFixed(rig, R, 512, count: 0);
        rig.RequireRaw(Q, FirmwareLow | (510 << 3));
    }

    [Fact]
    public void The_list_is_tested_before_its_pages()
    {
        using FirmwareRig rig = new();
        PageRangeEntry[] good = [new(R, 512)];
        Refused(FirmwareStatus.InvalidLength, good, length: 8, address: List + 8);
        Refused(FirmwareStatus.InvalidParam, good, address: List + 8);
        Refused(FirmwareStatus.InvalidParam, good, reserved: true);
        Refused(FirmwareStatus.InvalidAddress, good, address: OwnStart);
        Refused(FirmwareStatus.InvalidAddress, good, address: 0xA_0000);
        Refused(FirmwareStatus.InvalidAddress, good, address: List | (1UL << 46));
        Refused(FirmwareStatus.InvalidParam, [new(R + 0x1000, 512)]);
        Refused(FirmwareStatus.InvalidParam, [new(R, 512, 1)]);
        Refused(FirmwareStatus.InvalidParam, [.. Enumerable.Repeat(new PageRangeEntry(R, 0), 256)]);
        Refused(FirmwareStatus.InvalidPageState, good);
        rig.Firmware.Machine = rig.Firmware.Machine with { Dram = [Range(0, 0x1FF_FFFF)] };
        Refused(FirmwareStatus.InvalidAddress, good);
        rig.Firmware.Platform = rig.Firmware.Platform with { IsSnpInitialized = false };
        Refused(FirmwareStatus.InvalidPlatformState, good, address: OwnStart);
        Refused(FirmwareStatus.InvalidParam, good, address: List + 8);

        void Refused(FirmwareStatus status, PageRangeEntry[] ranges, uint length = 16, ulong address = List, bool reserved = false) =>
            rig.RequireRefusal(
                status,
                () =>
                    rig.Firmware.PageSetState(
                        new PlatformParameters
                        {
                            Length = length,
                            ListAddress = address,
                            Ranges = ranges,
                            HasReservedBits = reserved,
                        }));
    }

    [Fact]
    public void A_counter_of_ASID_0_falls_where_there_is_one()
    {
        using FirmwareRig rig = new(Locking with { CountAsidZero = true });
        AssignRegion(rig, R);
        Assert.Equal(512UL, rig.Table.AssignedPages(0));
        Assert.Equal(FirmwareStatus.Success, Set(rig, new PageRangeEntry(R, 512)));
        Assert.Equal(0UL, rig.Table.AssignedPages(0));
    }

    private static FirmwareStatus Set(FirmwareRig rig, params PageRangeEntry[] ranges) =>
        rig.Firmware.PageSetState(new PlatformParameters { ListAddress = List, Ranges = ranges });

    private static void AssignRegion(FirmwareRig rig, ulong region)
    {
        for (ulong page = region; page < region + ModelPair.RegionBytes; page += 0x1000)
        {
            rig.Assign(page, 0, 0);
        }
    }

    private static void RequireFixed(FirmwareRig rig, ulong region, uint pages, uint count)
    {
        for (ulong i = 0; i < pages; i++)
        {
            rig.RequireRaw(region + (i << 12), i == 0 ? 0x4 | ((ulong)count << 3) : 0x4);
        }
    }
}
