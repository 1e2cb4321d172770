using FastRmp.Iommu;
using Xunit;

namespace FastRmp.Tests.Iommu;

/// <summary>What a request's result says in one line.</summary>
public sealed class IommuTextTests
{
    [Fact]
    public void A_result_reports_the_page_or_where_it_ended()
    {
        PhysicalAddress address = PhysicalAddress.Create(0x5123);
        GuestPhysicalAddress gpa = GuestPhysicalAddress.Create(0x7000);
        Assert.Equal(
            "mapped 0x5123, 2^21 bytes, Read, Write",
            new IommuWalkResult(address, IommuStatus.Mapped, 2, 21, DmaRights.Read | DmaRights.Write).ToString());
        Assert.Equal(
            "mapped 0x5123, 2^12 bytes, Read, gpa 0x7000",
            new IommuWalkResult(address, IommuStatus.Mapped, 1, 12, DmaRights.Read, WalkStage.Guest, gpa).ToString());
        Assert.Equal(
            "NotPresent at 0x5123, Host level 2", new IommuWalkResult(address, IommuStatus.NotPresent, 2, 0, DmaRights.Read).ToString());
        Assert.Equal(
            "RmpViolation at 0x5123, 2^12 bytes, Read, Write, Host level 1",
            new IommuWalkResult(address, IommuStatus.RmpViolation, 1, 12, DmaRights.Read | DmaRights.Write).ToString());
        Assert.Equal(
            "RightsViolation at 0x5123, Guest level 3, gpa 0x7000, by User",
            new IommuWalkResult(
                address, IommuStatus.RightsViolation, 3, 0, DmaRights.None, WalkStage.Guest, gpa, IommuEventBits.User).ToString());
    }
}
