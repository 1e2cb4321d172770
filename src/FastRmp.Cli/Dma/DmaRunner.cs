using System.Globalization;
using FastRmp.Cli.Map;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;
using FastRmp.Images;
using FastRmp.Iommu;

namespace FastRmp.Cli.Dma;

/// <summary><c>fastrmp dma</c>: opens the image, follows the tables of each device, prints.</summary>
internal static class DmaRunner
{
    private const uint InterruptEvery = 1 << 16;

    internal static int Run(Session session, DmaRequest request)
    {
        using MemoryImage image = ImageSource.Open(session, request.Image);
        session.Report(image.Problems);
        ImageMemoryView memory = image.Memory.View();
        IommuState iommu = request.Iommu;
        if (!HoldsAny(ref memory, iommu, request)) throw new MalformedInputException(InputProblem.InFile(image.Name, Missing(request)));
        using RowWriter rows = new(session);
        DmaTable table = new(rows, request);
        DmaWarnings warnings = new();
        table.Begin();
        int first = request.Device?.Value ?? 0;
        int last = request.Device?.Value ?? request.Entries - 1;
        for (int id = first; id <= last; id++)
        {
            DeviceId device = new((ushort)id);
            if (!IommuWalker.TryLookup(ref memory, iommu, device, out DeviceTableEntry entry, out _)) continue;
            long before = table.Pages;
            List(session, memory, device, entry, request, table, warnings);
            bool isIllegal = iommu.Check(entry) is IommuStatus.ForbiddenDeviceTableBits or IommuStatus.IllegalDeviceTableEntry;
            if (isIllegal && table.Pages != before) warnings.AddIllegal(device);
        }

        table.End();
        warnings.Tell(session, image);
        return warnings.IsComplete && !image.Problems.Any ? ExitCode.Done : ExitCode.BadInput;
    }

    private static void List(
        Session session, ImageMemoryView memory, DeviceId device, in DeviceTableEntry entry, DmaRequest request, DmaTable table,
        DmaWarnings warnings)
    {
        bool isGuest = entry is { Valid: true, TranslationValid: true, GuestTranslationValid: true };
        bool isOfPasid0 = isGuest && entry.GuestIoProtection; // requests without PASID
        if (!isOfPasid0 && request.Pasids.Only is null) ListHost(session, memory, device, entry, request, table, warnings);
        if (!isGuest) return;
        if (request.Format != MapFormat.Tsv || request.Pasids.IsGiven)
        {
            ListGuest(
                session, memory, device, entry, request, table, warnings, request.Pasids.Only ?? 0, request.Pasids.Only ?? uint.MaxValue);
        }
        else if (isOfPasid0)
        {
            ListGuest(session, memory, device, entry, request, table, warnings, 0, 0);
        }
        else
        {
            warnings.SilentDevices++;
        }
    }

    private static void ListHost(
        Session session, ImageMemoryView memory, DeviceId device, in DeviceTableEntry entry, DmaRequest request, DmaTable table,
        DmaWarnings warnings)
    {
        if (warnings.IsEndless(entry)) return;
        session.Cancellation.ThrowIfCancellationRequested();
        IoMappingEnumerator<ImageMemoryView> mappings = new(memory, request.Iommu, entry, First(request), Last(request));
        for (uint count = 1; mappings.MoveNext(); count++)
        {
            if (count % InterruptEvery == 0) session.Cancellation.ThrowIfCancellationRequested();
            table.Add(device, entry, mappings.Current);
        }

        warnings.Add(entry, mappings);
    }

    private static void ListGuest(
        Session session, ImageMemoryView memory, DeviceId device, in DeviceTableEntry entry, DmaRequest request, DmaTable table,
        DmaWarnings warnings, uint firstPasid, uint lastPasid)
    {
        if (warnings.IsEndlessGuest(entry)) return;
        session.Cancellation.ThrowIfCancellationRequested();
        GuestIoMappingEnumerator<ImageMemoryView> mappings =
            new(memory, request.Iommu, entry, firstPasid, lastPasid, First(request), Last(request));
        for (uint count = 1; mappings.MoveNext(); count++)
        {
            if (count % InterruptEvery == 0) session.Cancellation.ThrowIfCancellationRequested();
            table.Add(device, entry, mappings.Current);
        }

        warnings.Add(entry, mappings);
    }

    private static DeviceAddress First(DmaRequest request) => new(request.Address ?? 0);

    private static DeviceAddress Last(DmaRequest request) => new(request.Address ?? ulong.MaxValue);

    private static bool HoldsAny(ref ImageMemoryView memory, IommuState iommu, DmaRequest request)
    {
        if (request.Device is { } only) return IommuWalker.TryLookup(ref memory, iommu, only, out _, out _);
        for (int id = 0; id < request.Entries; id++)
        {
            if (IommuWalker.TryLookup(ref memory, iommu, new DeviceId((ushort)id), out _, out _)) return true;
        }

        return false;
    }

    private static string Missing(DmaRequest request) => request.Device is { } only
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"the entry of device {only} in the device table at physical address 0x{request.Iommu.TableAddress.Value:x} is not in the image")
        : string.Create(
            CultureInfo.InvariantCulture,
            $"nothing of the device table at physical address 0x{request.Iommu.TableAddress.Value:x} is in the image");
}
