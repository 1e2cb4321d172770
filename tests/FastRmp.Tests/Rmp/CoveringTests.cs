using System;
using Xunit;

namespace FastRmp.Tests.Rmp;

public sealed class CoveringTests
{
    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL << 20)]
    [InlineData(4UL << 30)]
    [InlineData((4UL << 30) + 4096)]
    [InlineData(766UL << 30)]
    [InlineData(1UL << 44)]
    public void A_table_covers_the_memory_and_itself_as_firmware_wants_it(ulong bytes)
    {
        using ReverseMapTable<RmpGeometry> table = ReverseMapTable.Covering(bytes, ProcessorModel.Genoa);
        Assert.True(table.IsCovered(PhysicalAddress.Create(bytes - 1)));
        Assert.Null(table.Geometry.FirmwareRefusal([]));
        PhysicalRange own = table.Geometry.OwnRange(0);
        Assert.True(own.Start.Value >= bytes);
        Assert.Equal(PageState.Firmware, table.StateOf(own.Start));
        Assert.Equal(PageState.Firmware, table.StateOf(PhysicalAddress.Create(own.End - 1)));
        Assert.Equal(PageState.Hypervisor, table.StateOf(default));
        Assert.True(table.IsHypervisorOwned(default, PageSize.Size2M));
        Assert.False(table.IsHypervisorOwned(own.Start, PageSize.Size2M));
        Assert.True(table.RmpUpdate(default, new RmpUpdateOperand { Assigned = true, Asid = 1 }).IsSuccess);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 52)]
    public void Nothing_and_too_much_are_refused(ulong bytes) =>
        Assert.Throws<ArgumentOutOfRangeException>(nameof(bytes), () => ReverseMapTable.Covering(bytes, ProcessorModel.Genoa));

    [Fact]
    public void A_processor_without_an_RMP_is_refused() =>
        Assert.Throws<ArgumentException>("processor", static () => ReverseMapTable.Covering(1 << 30, ProcessorModel.Intel));

    [Fact]
    public void Storage_of_the_callers_is_a_table_in_place()
    {
        ContiguousGeometry geometry = ContiguousGeometry.Covering(PhysicalAddress.Create(1UL << 30), 4UL << 20);
        using PinnedMemory storage = PinnedMemory.Allocate((geometry.StorageBytes + 0xFFF) & ~0xFFFUL);
        using ReverseMapTable<RmpGeometry> table = ReverseMapTable.Over(storage, RmpRegisters.Of(geometry), [], ProcessorModel.Genoa);
        Assert.True(
            table.RmpUpdate(PhysicalAddress.Create(0x1000), new RmpUpdateOperand { Assigned = true, Asid = 1 }, RetryRule.Any).IsSuccess);
        Assert.Equal(1, storage.ReadOnlySpan(ContiguousGeometry.BookkeepingBytes + 16, 1)[0]);
    }
}
