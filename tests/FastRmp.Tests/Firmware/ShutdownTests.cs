using FastRmp.Firmware;
using FastRmp.Tests.Rmp;
using Xunit;
using static FastRmp.Tests.Firmware.FirmwareRig;

namespace FastRmp.Tests.Firmware;

public sealed class ShutdownTests
{
    [Fact]
    public void IOMMU_pages_are_given_back_when_asked_to()
    {
        using FirmwareRig rig = new();
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.SnpInit(new SnpInitParameters { Iommu = [Range(R, R + 0x1FFF), Range(Q + 0x1F_F000, Q + 0x1F_FFFF)] }));
        rig.Assign(S, 0, 0);
        rig.RequireRefusal(FirmwareStatus.Success, () => rig.Firmware.Shutdown(releasesIommuPages: false));
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.Shutdown(releasesIommuPages: true));
        rig.RequireRaw(R, 0x11);
        rig.RequireRaw(R + 0x1000, 0x1);
        rig.RequireRaw(Q, 0x8);
        rig.RequireRaw(Q + 0x1F_F000, 0x1);
        rig.RequireRaw(S, 0x5, 0x1F);
        rig.RequireRaw(OwnStart, 0x8000_0000_0000_07FD);
        Assert.True(rig.Update(R, Operands.Release()).IsSuccess);
        Assert.True(rig.Update(Q + 0x1F_F000, Operands.Release()).IsSuccess);
        rig.RequireRaw(Q, 0);
    }

    [Fact]
    public void A_page_of_2_MiB_that_looks_like_one_is_one()
    {
        using FirmwareRig rig = new();
        rig.PokeRegion(R, 0x0002_0000_0000_1007, subLow: 0x0002_0000_0000_1005);
        Assert.Equal(FirmwareStatus.Success, rig.Firmware.Shutdown(releasesIommuPages: true));
        rig.RequireRaw(R, 0x3);
        rig.RequireRaw(S, 0x0002_0000_0000_1005); // of a sub-entry only Assigned says anything
    }

    [Fact]
    public void It_needs_SNP()
    {
        using FirmwareRig rig = new();
        rig.Poke(S, 0x8002_0000_0000_1005);
        rig.Poke(R, 0x8);
        rig.Firmware.IsSnpEnabled = false;
        rig.RequireRefusal(FirmwareStatus.InvalidConfig, () => rig.Firmware.Shutdown(releasesIommuPages: true));
    }
}
