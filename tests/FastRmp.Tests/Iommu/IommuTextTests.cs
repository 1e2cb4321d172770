using FastRmp.Iommu;
using Xunit;

namespace FastRmp.Tests.Iommu;

/// <summary>What a request's result says in one line.</summary>
public sealed class IommuTextTests
{
    [Theory]
    [InlineData(null, 0UL, "0x1000 to 0x5000, 2^12 bytes, Read, Write")]
    [InlineData(5U, 0x7000UL, "pasid 5: 0x1000 to 0x5000, gpa 0x7000, 2^12 bytes, Read, Write")]
    public void A_mapping_tells_what_is_mapped_where(uint? pasid, ulong gpa, string text)
    {
        IoMapping mapping = new(
            new DeviceAddress(0x1000), PhysicalAddress.Create(0x5000), 12, DmaRights.Read | DmaRights.Write, 0x5067, 1, pasid,
            GuestPhysicalAddress.Create(gpa));
        Assert.Equal(text, mapping.ToString());
        Assert.Equal((0x5067UL, 0x5067UL), (mapping.Entry.Value, mapping.GuestEntry.Value));
    }

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
