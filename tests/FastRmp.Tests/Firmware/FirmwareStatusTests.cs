using System;
using FastRmp.Firmware;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Tests.Firmware;

public sealed class FirmwareStatusTests
{
    [Theory]
    [InlineData(0x00, "SUCCESS")]
    [InlineData(0x01, "INVALID_PLATFORM_STATE")]
    [InlineData(0x02, "INVALID_GUEST_STATE")]
    [InlineData(0x03, "INVALID_CONFIG")]
    [InlineData(0x04, "INVALID_LENGTH")]
    [InlineData(0x07, "POLICY_FAILURE")]
    [InlineData(0x08, "INACTIVE")]
    [InlineData(0x09, "INVALID_ADDRESS")]
    [InlineData(0x0C, "ASID_OWNED")]
    [InlineData(0x0D, "INVALID_ASID")]
    [InlineData(0x0E, "WBINVD_REQUIRED")]
    [InlineData(0x0F, "DFFLUSH_REQUIRED")]
    [InlineData(0x10, "INVALID_GUEST")]
    [InlineData(0x12, "ACTIVE")]
    [InlineData(0x13, "HWERROR_PLATFORM")]
    [InlineData(0x16, "INVALID_PARAM")]
    [InlineData(0x19, "INVALID_PAGE_SIZE")]
    [InlineData(0x1A, "INVALID_PAGE_STATE")]
    [InlineData(0x1B, "INVALID_MDATA_ENTRY")]
    [InlineData(0x1C, "INVALID_PAGE_OWNER")]
    [InlineData(0x1D, "AEAD_OFLOW")]
    [InlineData(0x20, "RMP_INIT_REQUIRED")]
    [InlineData(0x26, "RMP_INITIALIZATION_FAILED")]
    [InlineData(0x28, "SHUTDOWN_INCOMPLETE")]
    [InlineData(0x27, "?")]
    public void A_number_has_its_name(ushort number, string name) => Assert.Equal(name, ((FirmwareStatus)number).Name());

    [Fact]
    public void Every_member_has_a_name()
    {
        foreach (FirmwareStatus status in Enum.GetValues<FirmwareStatus>())
        {
            Assert.NotEqual("?", status.Name());
        }
    }

    [Fact]
    public void The_references_statuses_have_the_same_names_and_numbers()
    {
        foreach (ReferenceFirmwareStatus status in Enum.GetValues<ReferenceFirmwareStatus>())
        {
            Assert.Equal(ReferenceFirmwareStatuses.NameOf(status), ((FirmwareStatus)(ushort)status).Name());
        }
    }

    [Fact]
    public void Firmware_needs_a_table() => Assert.Throws<ArgumentNullException>(() => new SevFirmware<ContiguousGeometry>(null!));
}
