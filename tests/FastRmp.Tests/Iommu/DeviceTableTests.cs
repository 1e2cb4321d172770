using FastRmp.Iommu;
using FastRmp.Tests.Paging;
using Xunit;

namespace FastRmp.Tests.Iommu;

/// <summary>What a device table entry makes of a request, before any page table.</summary>
public sealed class DeviceTableTests
{
    [Fact]
    public void Every_kind_of_entry_is_judged_as_the_reference_judges_it()
    {
        foreach (bool snp in new[] { false, true })
        {
            for (uint kind = 0; kind < 8 * 8 * 4; kind++)
            {
                ulong flags = (kind & 3UL) | ((kind >> 2 & 1UL) << 55) | ((kind >> 3 & 3UL) << 61);
                IoTables tables = new IoTables().Device(3, (int)(kind >> 5), flags).Set(0, 0, IoTables.Leaf(0x7000, 12));
                tables.Iommu = tables.Iommu with { IsSnpEnabled = snp };
                WalkView view = tables.View;
                foreach (ulong iova in new[]
                {
                    0x123UL, 0x1000UL, 0xFEE0_0000UL, 0xFEEF_FFFFUL, 0xFEF0_0000UL, 0xFEDF_FFFFUL, 0x000F_FFFF_FFFF_FFFFUL,
                })
                {
                    _ = IommuComparison.Translate(ref view, tables.Memory.Read, tables.Iommu, 3, iova, isWrite: false);
                    _ = IommuComparison.Translate(ref view, tables.Memory.Read, tables.Iommu, 3, iova, isWrite: true);
                }
            }
        }
    }

    [Fact]
    public void Mode_0_is_legal_without_SNP_only()
    {
        IoTables tables = new IoTables().Device(0, 0);
        Assert.Equal(0x1234UL, tables.Translate(0x1234).Address.Value);
        Assert.Equal(4096UL, tables.Translate(0x1234).Size);
        tables.Iommu = tables.Iommu with { IsSnpEnabled = true };
        Assert.Equal(IommuStatus.IllegalDeviceTableEntry, tables.Translate(0x1234).Status);
    }

    [Fact]
    public void A_device_without_entry_passes_untranslated_and_one_without_tables_is_aborted()
    {
        IoTables tables = new IoTables().Device(1, 3, flags: 1);
        Assert.True(tables.Translate(0x5678, isWrite: true, device: 2).IsMapped);
        Assert.Equal(IommuStatus.NoTranslation, tables.Translate(0x5678, isWrite: true, device: 1).Status);
    }

    [Fact]
    public void An_untranslated_address_beyond_52_bits_is_outside_memory() =>
        Assert.Equal(IommuStatus.OutOfReach, new IoTables().Translate(1UL << 52).Status);

    [Fact]
    public void A_device_beyond_the_table_and_a_table_beyond_memory_are_distinguished()
    {
        IoTables tables = new(pages: 1);
        tables.Iommu = new IommuState(IoTables.Start | 1);
        WalkView view = tables.View;
        Assert.Equal(
            IommuStatus.BeyondDeviceTable,
            IommuComparison.Translate(ref view, tables.Memory.Read, tables.Iommu, 256, 0x1000, isWrite: true));
        Assert.Equal(
            IommuStatus.DeviceTableOutsideMemory,
            IommuComparison.Translate(ref view, tables.Memory.Read, tables.Iommu, 255, 0x1000, isWrite: true));
        Assert.Equal(IoTables.Start + (128 * 32), tables.Translate(0, device: 128).Address.Value);
    }

    [Fact]
    public void A_table_at_the_end_of_physical_memory_does_not_go_on_at_its_beginning()
    {
        const ulong LastPage = PhysicalAddress.ValidMask & ~0xFFFUL;
        IommuState iommu = new(LastPage | 1);
        Assert.True(iommu.TryLocate(new DeviceId(127), out PhysicalAddress last));
        Assert.Equal(PhysicalAddress.ValidMask - 31, last.Value);
        Assert.False(iommu.TryLocate(new DeviceId(128), out _));
    }

    [Fact]
    public void Suppressed_faults_leave_no_event()
    {
        DeviceTableEntry entry = new DeviceTableEntry { DomainId = 9 };
        IommuWalkResult fault = new(default, IommuStatus.NotPresent, 1, 0, DmaRights.None);
        Assert.True(IommuEvent.TryCreate(fault, default, entry, new DeviceAddress(0x1000), true, out IommuEvent logged));
        Assert.Equal("AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0009 address=0x1000 flags=0x0020]", logged.ToString("K", null));
        Assert.False(IommuEvent.TryCreate(fault, default, entry with { SuppressAllFaults = true }, new DeviceAddress(0x1000), true, out _));
        IommuWalkResult rmp = new(default, IommuStatus.RmpViolation, 1, 12, DmaRights.None);
        Assert.True(IommuEvent.TryCreate(rmp, default, entry with { SuppressAllFaults = true }, new DeviceAddress(0x1000), true, out _));
    }
}
