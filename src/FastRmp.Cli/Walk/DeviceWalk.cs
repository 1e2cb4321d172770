using System;
using FastRmp.Access;
using FastRmp.Addressing;
using FastRmp.Cli.Shell;
using FastRmp.Images.Elf;
using FastRmp.Iommu;
using FastRmp.Layouts;
using FastRmp.Memory;
using FastRmp.Paging;
using FastRmp.Rmp;

namespace FastRmp.Cli.Walk;

/// <summary>Walks of a device's requests through the tables of its IOMMU.</summary>
internal sealed class DeviceWalk(Session session, ElfCore core, WalkRequest request, DeviceRequest device, ImageRmp? rmp)
{
    private const int WordsOfDeviceEntry = DeviceTableEntry.SizeInBytes / sizeof(ulong);

    private readonly RmpText _rmpText = new(rmp, vmpl: null);
    private readonly IommuState _iommu = new(default(DeviceTableBase).WithBase(device.DeviceTable).WithSize(ushort.MaxValue), IsSnpEnabled: rmp is not null);
    private readonly bool _isWrite = request.Access.Kind == AccessKind.Write;

    internal void Run()
    {
        for (int i = 0; i < request.Addresses.Length; i++)
        {
            WalkRunner.Begin(session, rmp, i);
            Walk(new DeviceAddress(request.Addresses[i]));
        }
    }

    private void Walk(DeviceAddress address)
    {
        DeviceText text = new(session);
        text.Begin(address, device.Device, _isWrite, device.DeviceTable);
        SparseMemoryView memory = core.Memory.View();
        IommuTranslation result = IommuWalker.Translate(ref memory, _iommu, device.Device, address, _isWrite);
        bool isRead = IommuWalker.TryLookup(ref memory, _iommu, device.Device, out DeviceTableEntry entry, out _) && result.Status != IommuStatus.Interrupt;
        int count = int.MaxValue;
        if (rmp is not null) result = Checked(memory, rmp, address, out count);
        if (isRead)
        {
            _ = _iommu.TryLocate(device.Device, out PhysicalAddress place);
            text.DeviceEntry(place, entry);
            NoCheck none = default;
            IoWalkTrace trace = default;
            _ = IommuWalker.Trace(ref memory, entry, _iommu.IsSnpEnabled, address, _isWrite, ref none, ref trace);
            text.Steps(trace.Steps[..Math.Min(count, trace.Count)]);
        }

        if (result.Status is IommuStatus.Mapped or IommuStatus.RmpViolation) _rmpText.Line(session, "  RMP    ", result.Address);
        if (WalkRunner.EndsAtMissingRmp(session, core, rmp)) return;
        text.End(result, device.Device, entry, address, _isWrite, rmp is { HasRefusedEntry: true });
        if (result.Status is IommuStatus.OutsideMemory or IommuStatus.DeviceTableOutsideMemory) WalkRunner.TellOutside(session, core, DeviceText.Entry(result));
    }

    /// <summary>The request as the IOMMU makes it: it may mark the entry of the page, which the RMP may forbid.</summary>
    private IommuTranslation Checked(SparseMemoryView memory, ImageRmp table, DeviceAddress address, out int steps)
    {
        ReadCounter counter = new();
        CopyOnWriteMemory copy = new(memory, counter);
        ImageWalkCheck<DmaRmpCheck<ContiguousGeometry>> check = new(table, new(table.Table), checksReads: true);
        IommuTranslation result = IommuWalker.Access(ref copy, _iommu, device.Device, address, _isWrite, ref check);
        steps = Math.Max(0, counter.Count - WordsOfDeviceEntry);
        return result;
    }
}
