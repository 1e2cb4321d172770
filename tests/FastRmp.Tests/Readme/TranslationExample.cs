using FastRmp.DirectMap;
using FastRmp.Paging;
using Xunit;

namespace FastRmp.Tests.Readme;

public sealed class TranslationExample
{
    [Fact]
    public void The_example_does_what_its_comments_say()
    {
        // <embedding>
        using ReverseMapTable<RmpGeometry> rmp = ReverseMapTable.Covering(1UL << 30, ProcessorModel.Genoa);
        TlbDomain processors = new(); // what INVLPGB and the kernel's flushes reach
        PhysicalRange ram = new(PhysicalAddress.Create(0), 1UL << 30);
        DirectMapOptions options = new() { TableBase = PhysicalAddress.Create(0x8000_0000), Processors = processors };
        using HostDirectMap map = new([ram], options);
        TranslationCache<RmpGeometry> tlb = new(rmp, entries: 1024, processors);
        tlb.LoadHost(map.State); // CR3, CR0, CR4, EFER and the keys; again whenever one of them changes

        VirtualAddress address = map.ToVirtual(PhysicalAddress.Create(0x404_0123));
        bool first = Store(address); // walks, and asks the RMP
        bool second = tlb.TryTranslate(address, MemoryAccess.KernelWrite, out PhysicalAddress target); // finds 0x404_0123
        RmpUpdateOperand guestPage = new() { Assigned = true, Asid = 5, Gpa = 0x1234_5000 };
        RmpResult update = rmp.RmpUpdate(ExecutionState.Host, PhysicalAddress.Create(0x404_1000), guestPage); // on any thread
        bool third = Store(address); // faults: the mapping reaches the guest's page
        SplitStatus split = map.SetMemory4K(PhysicalAddress.Create(0x404_0000), 2); // every cache of the domain forgets the large page
        bool fourth = Store(address); // walks to a 4 KiB page

        bool Store(VirtualAddress where)
        {
            if (tlb.TryTranslate(where, MemoryAccess.KernelWrite, out _)) return true;
            PinnedMemoryView memory = map.View();
            WalkResult walk = tlb.Access(ref memory, where, MemoryAccess.KernelWrite); // kept if it is mapped
            return walk.IsMapped; // if not, walk.ErrorCode is the #PF
        }
        // </embedding>

        Assert.True(first && second && update.IsSuccess && !third && fourth);
        Assert.Equal(0x404_0123UL, target.Value);
        Assert.Equal(SplitStatus.Changed, split);
    }
}
