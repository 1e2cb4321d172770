using System;
using FastRmp.Cli.Shell;
using FastRmp.Images;
using FastRmp.Iommu;

namespace FastRmp.Cli.Walk;

/// <summary>Walks of a device's requests through the tables of its IOMMU.</summary>
internal sealed class DeviceWalk(Session session, MemoryImage image, WalkRequest request, DeviceRequest device, ImageRmp? rmp)
{
    private readonly RmpText _rmpText = new(rmp, vmpl: null);
    private readonly IommuState _iommu = device.Iommu;
    private readonly bool _isWrite = request.Access.Kind == AccessKind.Write;

    /// <summary>Walks each address.</summary>
    /// <returns>Whether the image had what each needed.</returns>
    internal bool Run()
    {
        bool isAnswered = true;
        for (int i = 0; i < request.Addresses.Length; i++)
        {
            WalkRunner.Begin(session, rmp, i);
            isAnswered &= Walk(
                new IommuRequest(new DeviceAddress(request.Addresses[i]), _isWrite, device.Pasid, device.IsExecute, device.IsPrivileged));
        }

        return isAnswered;
    }

    private bool Walk(in IommuRequest asked)
    {
        DeviceText text = new(session, _iommu, image.Memory);
        text.Begin(asked, device.Device);
        ImageMemoryView memory = image.Memory.View();
        NoCheck none = default;
        IommuWalkResult result = IommuWalker.Translate(ref memory, _iommu, device.Device, asked, ref none);
        bool isRead = IommuWalker.TryLookup(ref memory, _iommu, device.Device, out DeviceTableEntry entry, out _)
            && result.Status != IommuStatus.Interrupt;
        if (rmp is not null) result = Checked(memory, rmp, asked);
        if (isRead)
        {
            _ = _iommu.TryLocate(device.Device, out PhysicalAddress place);
            text.DeviceEntry(place, entry);
            WalkTrace trace = default;
            _ = IommuWalker.Trace(ref memory, _iommu, entry, asked, ref none, ref trace);
            text.Steps(trace.Steps[..Passed(trace.Steps, result)], result);
        }

        if (result.Status is IommuStatus.Mapped or IommuStatus.RmpViolation) _rmpText.Line(session, "  RMP    ", result.Address);
        if (rmp?.Missing is { } missing)
        {
            bool isOwnWrite = rmp.MissingPage != result.Address; // the IOMMU's mark in an entry
            text.UnreadableRmp(device.Device, rmp.MissingPage, missing, isOwnWrite || _isWrite);
        }

        if (WalkRunner.EndsAtMissingRmp(session, image, rmp)) return false;
        text.End(result, device.Device, entry, asked, rmp is { HasRefusedEntry: true });
        return result.Status is not (IommuStatus.OutsideMemory or IommuStatus.DeviceTableOutsideMemory)
            || WalkRunner.ReportOutside(session, image, DeviceText.Entry(result), result.Address);
    }

    /// <summary>How many of the entries the checked request came to: the RMP may have ended it at one of them.</summary>
    private static int Passed(ReadOnlySpan<WalkStep> steps, IommuWalkResult result)
    {
        if (result.Status != IommuStatus.RmpViolation || result.HasPage) return steps.Length;
        for (int i = 0; i < steps.Length; i++)
        {
            if (steps[i].Address == result.Address) return i + 1;
        }

        return steps.Length;
    }

    /// <summary>The request as the IOMMU makes it: it may mark entries, which the RMP may forbid.</summary>
    private IommuWalkResult Checked(ImageMemoryView memory, ImageRmp table, in IommuRequest asked)
    {
        CopyOnWriteMemory copy = new(memory, new ReadCounter());
        ImageWalkCheck<DmaRmpCheck<RmpGeometry>> check = new(table, new(table.Table), checksReads: true);
        return IommuWalker.Access(ref copy, _iommu, device.Device, asked, ref check);
    }
}
