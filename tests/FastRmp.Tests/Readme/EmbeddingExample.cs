using FastRmp.DirectMap;
using FastRmp.Paging;
using Xunit;

namespace FastRmp.Tests.Readme;

public sealed class EmbeddingExample
{
    [Fact]
    public void The_example_does_what_its_comments_say()
    {
        // <embedding>
        PhysicalRange ram = new(PhysicalAddress.Create(0), 4UL << 30); // a host with 4 GiB
        ContiguousGeometry geometry = ContiguousGeometry.Covering(PhysicalAddress.Create(0x1_0000_0000), ram.End);
        using ReverseMapTable<ContiguousGeometry> rmp = new(geometry, ProcessorModel.Genoa);
        using HostDirectMap map = new([ram], new DirectMapOptions { TableBase = PhysicalAddress.Create(0x1_4000_0000) });
        SnpHost<ContiguousGeometry, OnDemand> host = new(rmp, map);
        host.EnableSnp();

        PhysicalAddress page = PhysicalAddress.Create(0x4040_1000), neighbour = page + 0x1000;
        RmpUpdateOperand guestPage = new() { Assigned = true, Asid = 5, Gpa = 0x1234_5000 };
        HostUpdate update = host.RmpUpdate(page, guestPage); // the page is guest 5's now
        WalkResult write = host.Access(neighbour, AccessKind.Write); // faults: the 1 GiB mapping reaches the guest's page
        PageFaultErrorCode code = new(write.ErrorCode); // 0x8000_0003
        FaultOutcome outcome = host.HandlePageFault(map.ToVirtual(neighbour), code); // the region goes to 4 KiB leaves
        WalkResult again = host.Access(neighbour, AccessKind.Write); // succeeds
        // </embedding>

        Assert.True(update.IsDone);
        Assert.Equal(WalkStatus.RmpViolation, write.Status);
        Assert.Equal(0x8000_0003UL, code.Value);
        Assert.Equal(FaultOutcome.Split, outcome);
        Assert.True(again.IsMapped);
        Assert.Equal(PageSize.Size4K, again.Size);
    }
}
