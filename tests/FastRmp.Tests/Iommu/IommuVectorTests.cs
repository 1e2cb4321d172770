using FastRmp.Iommu;
using Xunit;

namespace FastRmp.Tests.Iommu;

/// <summary>Raw values worked out by hand from the bit tables.</summary>
public sealed class IommuVectorTests
{
    private const ulong Coherent = 1UL << 60;

    [Theory]
    [InlineData(0x10000, 12, 1, 1, 0x7000_0000_0001_0001)]
    [InlineData(0x10000, 13, 1, 2, 0x7000_0000_0001_0E01)]
    [InlineData(0x10000, 14, 1, 4, 0x7000_0000_0001_1E01)]
    [InlineData(0x40000, 16, 1, 16, 0x7000_0000_0004_7E01)]
    [InlineData(0x100_0000, 20, 1, 256, 0x7000_0000_0107_FE01)]
    [InlineData(0x20_0000, 21, 2, 1, 0x7000_0000_0020_0001)]
    [InlineData(0x40_0000, 22, 2, 2, 0x7000_0000_005F_FE01)]
    [InlineData(0x4000_0000, 29, 2, 256, 0x7000_0000_4FFF_FE01)]
    [InlineData(0x8000_0000, 31, 3, 2, 0x7000_0000_BFFF_FE01)]
    public void A_page_of_any_size_is_encoded_and_decoded(ulong start, int shift, int level, int slots, ulong raw)
    {
        IoPageTableEntry entry = IoPageSize.Encode(PhysicalAddress.Create(start), shift, DmaRights.Read | DmaRights.Write) with
        {
            ForceCoherent = true,
        };
        Assert.Equal(raw, entry.Value);
        Assert.Equal(Coherent, IoPageTableEntry.ForceCoherentMask);
        Assert.Equal(level, IoPageSize.LevelOf(shift));
        Assert.Equal(slots, IoPageSize.SlotsOf(shift));
        Assert.True(IoPageSize.TryDecode(entry, level, out int decoded));
        Assert.Equal(shift, decoded);
        Assert.Equal(start, IoPageSize.DecodeBase(entry, shift).Value);
    }

    [Fact]
    public void The_example_of_a_device_table_entry_has_the_value_of_the_reference()
    {
        DeviceTableEntry entry = new DeviceTableEntry
        {
            Valid = true,
            TranslationValid = true,
            Mode = 3,
            Root = PhysicalAddress.Create(0x1_0123_4000),
            Readable = true,
            Writable = true,
        };
        Assert.Equal(0x6000_0001_0123_4603UL, entry.Word0);
        Assert.False(entry.HasReservedBits);
    }

    [Fact]
    public void The_guest_root_is_put_together_from_its_three_ranges()
    {
        DeviceTableEntry entry = new DeviceTableEntry { GuestCr3Page = 0xA_BCDE_F123UL };
        Assert.Equal(0xA_BCDE_F123_000UL, entry.GuestCr3Table.Value);
        Assert.Equal(3UL << 58, entry.Word0); // address bits [14:12] are 3
    }

    [Fact]
    public void A_device_table_base_reports_its_length()
    {
        IommuState iommu = new(0x0000_0000_0100_0001UL);
        Assert.Equal(0x100_0000UL, iommu.TableAddress.Value);
        Assert.Equal(256, iommu.Entries);
        Assert.Equal(65536, new IommuState(0x0000_0000_0100_01FFUL).Entries);
        Assert.Equal(
            new IommuState(0x0000_0000_0100_01FFUL, IsSnpEnabled: true),
            IommuState.TableAt(PhysicalAddress.Create(0x100_0FFF), isSnpEnabled: true));
        Assert.True(iommu.TryLocate(new DeviceId(255), out PhysicalAddress last));
        Assert.Equal(0x100_1FE0UL, last.Value);
        Assert.False(iommu.TryLocate(new DeviceId(256), out _));
    }

    [Fact]
    public void Rights_stand_in_the_same_bits_of_device_and_page_table_entries()
    {
        Assert.Equal(IoPageTableEntry.ReadableMask, DeviceTableEntry.ReadableMask);
        Assert.Equal(IoPageTableEntry.WritableMask, DeviceTableEntry.WritableMask);
    }

    [Fact]
    public void A_logged_fault_of_a_real_machine_is_printed_as_its_kernel_printed_it()
    {
        IommuEvent logged = IommuEvent.CreateRmpFault(DeviceId.Create(0xC1, 0, 0), new DeviceAddress(0x740B_8784), IommuEventBits.Write);
        Assert.Equal([0x0000_C100U, 0xD020_0000U, 0x740B_8784U, 0U], [logged.Word(0), logged.Word(1), logged.Word(2), logged.Word(3)]);
        Assert.Equal(new IommuEvent(0x0000_C100U, 0xD020_0000U, 0x740B_8784U, 0U), logged);
        Assert.Equal("AMD-Vi: Event logged [RMP_PAGE_FAULT vmg_tag=0x0000, gpa=0x740b8784, flags_rmp=0x0000, flags=0x0020]", $"{logged:K}");
        Assert.Equal(
            "AMD-Vi: Event logged [RMP_PAGE_FAULT device=0000:c1:00.0, vmg_tag=0x0000, gpa=0x740b8784, flags_rmp=0x0000, flags=0x0020]",
            logged.ToString());
    }
}
