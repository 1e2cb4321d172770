using System;
using FastRmp.Firmware;
using FastRmp.Tests.Rmp;
using FastRmp.Tests.Support;
using Xunit;
using static FastRmp.Tests.Firmware.FirmwareRig;

namespace FastRmp.Tests.Firmware;

/// <summary>No command on pages allocates, whatever its outcome.</summary>
public sealed class FirmwareAllocationTests : IDisposable
{
    private static readonly PageRangeEntry[] Block = [new(Q, 512)];

    private readonly FirmwareRig _rig = new();

    public FirmwareAllocationTests() => _rig.MakeContext();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Commands_on_a_page() => Allocations.RequireNoneOf(() =>
    {
        int sum = 0;
        foreach (string command in PageCommand.Names)
        {
            _rig.Poke(S, command is "decommission" ? 0xA000_0000_0000_0005UL : 0x8028_0000_1234_5005, 0x1F);
            _rig.Poke(Q, 0x0028_0000_7777_7005, 0x1F);
            sum += (ushort)PageCommand.Run(_rig, command, S, PageSize.Size4K);
            sum += (ushort)PageCommand.Run(_rig, command, S + 0x800, PageSize.Size4K);
            sum += (ushort)PageCommand.Run(_rig, command, Covered, PageSize.Size2M);
        }

        sum += (ushort)_rig.Firmware.Activate(ContextPage, 5) + (ushort)1;
        return sum;
    });

    [Fact]
    public void Commands_on_a_region() => Allocations.RequireNoneOf(() =>
    {
        for (ulong page = 0; page < ModelPair.RegionBytes; page += 0x1000)
        {
            _rig.Poke(R + page, 0x0028_0000_4000_0005 + page + (page == 0 ? 0xFF8UL : 0), 0x1F);
            _rig.Poke(Q + page, 0x8000_0000_0000_0005 + (page == 0 ? 0xFF8UL : 0));
        }

        return _rig.Firmware.PageUnsmash(R) == FirmwareStatus.Success
            && _rig.Firmware.PageSetState(
                new PlatformParameters { ListAddress = 0x200_0000, Ranges = Block }) == FirmwareStatus.Success
            ? 1
            : 0;
    });
}
