using System;
using System.Runtime.InteropServices;
using FastRmp.Iommu;
using FastRmp.Paging;

namespace FastRmp.AotSmoke;

/// <summary>A guest's walk through nested tables and a device's walk, with the RMP's checks, over one small memory.</summary>
internal sealed class WalkRound : IDisposable
{
    private const ulong Start = 0x10_0000;
    private const ulong Table = PagingEntry.PresentMask | PagingEntry.WritableMask | PagingEntry.UserMask;
    private const ulong Target = 0x1F_F000; // of the guest's page and of the device's
    private const int DeviceTables = 1;
    private const int NestedTables = 4;
    private const int GuestTables = 7;

    private readonly PinnedMemory _memory = PinnedMemory.Allocate(16 * 0x1000);
    private readonly ReverseMapTable<ContiguousGeometry> _table =
        new(ContiguousGeometry.Covering(PhysicalAddress.Create(0x1_0000_0000), 0x8000_0000), ProcessorModel.Genoa);

    private readonly IommuState _iommu = new(Start);
    private readonly NestedPagingState _paging;

    internal WalkRound()
    {
        Set(
            0, 0,
            DeviceTableEntry.ValidMask | DeviceTableEntry.TranslationValidMask | (3UL << DeviceTableEntry.ModeShift) | Page(DeviceTables)
                | IoPageTableEntry.ReadableMask | IoPageTableEntry.WritableMask);
        Set(DeviceTables, 0, IoTable(DeviceTables + 1, 2));
        Set(DeviceTables + 1, 0, IoTable(DeviceTables + 2, 1));
        Set(DeviceTables + 2, 5, IoPageSize.Encode(PhysicalAddress.Create(Target), 12, DmaRights.Read | DmaRights.Write).Value);
        Set(NestedTables, 0, Page(NestedTables + 1) | Table);
        Set(NestedTables + 1, 0, Page(NestedTables + 2) | Table);
        Set(NestedTables + 2, 0, Table | PagingEntry.LargePageMask); // the guest's first 2 MiB are the machine's
        Set(GuestTables, 0, Page(GuestTables + 1) | Table);
        Set(GuestTables + 1, 0, Page(GuestTables + 2) | Table);
        Set(GuestTables + 2, 0, Page(GuestTables + 3) | Table);
        Set(GuestTables + 3, 1, Target | Table);
        _paging = new NestedPagingState(State(GuestTables), State(NestedTables));
    }

    internal void Run(int round)
    {
        PinnedMemoryView view = _memory.View(PhysicalAddress.Create(Start));
        NestedWalkResult plain = NestedWalker.Translate(ref view, _paging, new VirtualAddress(0x1008), MemoryAccess.KernelRead);
        Expect.That(plain.Status == NestedWalkStatus.Mapped && plain.Address.Value == Target + 8, "a guest's address is found");
        GuestRmpCheck<ContiguousGeometry> guest = new(_table, 5, isSnpGuest: false);
        NestedWalkResult write = NestedWalker.Access(ref view, _paging, new VirtualAddress(0x1008), MemoryAccess.KernelWrite, ref guest);
        Expect.That(write.Status == NestedWalkStatus.Mapped, "a guest without SNP writes the hypervisor's page");
        Expect.That(
            NestedWalker.Translate(
                ref view, _paging, new VirtualAddress(0x3000), MemoryAccess.KernelRead).Status == NestedWalkStatus.GuestPageFault,
            "what the guest does not map faults in the guest");
        DmaRmpCheck<ContiguousGeometry> dma = new(_table);
        DeviceAddress address = new(0x5010);
        IommuWalkResult device = IommuWalker.Translate(ref view, _iommu, default, address, isWrite: true, ref dma);
        Expect.That(device.Status == IommuStatus.Mapped && device.Address.Value == Target + 0x10, "a device's address is found");
        Expect.That(
            IommuWalker.Access(
                ref view, _iommu, default, new DeviceAddress(0x6000), isWrite: false, ref dma).Status == IommuStatus.NotPresent,
            "what the device's tables do not map is not present");
        _ = IommuWalker.TryLookup(ref view, _iommu, default, out DeviceTableEntry entry, out _);
        IoMappingEnumerator<PinnedMemoryView> mappings = new(view, entry);
        Expect.That(mappings.MoveNext() && mappings.Current.Address.Value == Target && !mappings.MoveNext(), "the listing has one page");
    }

    public void Dispose()
    {
        _memory.Dispose();
        _table.Dispose();
    }

    private static ulong Page(int index) => Start + ((ulong)index * 0x1000);

    private static ulong IoTable(int index, int level) =>
        Page(index) | ((ulong)level << IoPageTableEntry.NextLevelShift) | IoPageTableEntry.PresentMask | IoPageTableEntry.ReadableMask
            | IoPageTableEntry.WritableMask;

    private static PagingState State(int root) => new(PhysicalAddress.Create(Page(root)), PagingMode.FourLevel, ProcessorModel.Genoa);

    private void Set(int page, int index, ulong value) =>
        MemoryMarshal.Cast<byte, ulong>(_memory.Span((ulong)page * 0x1000, 0x1000))[index] = value;
}
