using System.Collections.Generic;

namespace FastRmp.Reference;

/// <content>All pages behind v2 tables (AMD-Vi 4), page by page of 4 KiB: slow, and nothing of it is clever.</content>
public sealed partial class ReferenceIommu
{
    /// <summary>The 4 KiB pages that a PASID reaches, by asking for each page of each leaf of its tables.</summary>
    /// <param name="deviceId">Bus, device and function.</param>
    /// <param name="pasid">The PASID.</param>
    /// <returns>Address and physical address, ascending; rights as a user's read, write.</returns>
    public IReadOnlyList<(ulong Iova, ulong Spa, bool CanRead, bool CanWrite)> ListGuest(int deviceId, uint pasid)
    {
        List<(ulong, ulong, bool, bool)> pages = [];
        ReferenceDeviceEntry? device = ReadDevice(deviceId);
        if (device is null || !device.Valid || !device.TranslationValid || !device.GuestTranslation || device.GuestLevels == 3
            || device.GuestPagingMode > 1)
        {
            return pages;
        }

        Progress progress = new(deviceId, new ReferenceIommuRequest(0, false, pasid), false) { Device = device };
        if (FindRoot(progress, device, pasid) is ulong root)
        {
            ListGuestTable(pages, progress, device, root, 4 + device.GuestPagingMode, 0, true, true);
        }

        return pages;
    }

    private ulong? FindRoot(Progress progress, ReferenceDeviceEntry device, uint pasid)
    {
        bool gcr3IsGuestPhysical = _setup.IsEnabled(58) && _setup.Has2(3);
        ulong table = _setup.WithoutC(device.GuestRoot);
        if (pasid >> (9 * (device.GuestLevels + 1)) != 0) return null;
        for (int level = device.GuestLevels + 1; level >= 1; level--)
        {
            ulong gpa = table + (8 * ((pasid >> (9 * (level - 1))) % 512UL));
            ulong? spa = gcr3IsGuestPhysical ? PlaceOf(progress, device, gpa) : gpa;
            if (spa is null || _read(spa.Value) is not ulong value || value % 2 == 0) return null;
            table = _setup.WithoutC((value >> 12) % (1UL << 40) * 4096);
        }

        return table;
    }

    private void ListGuestTable(
        List<(ulong Iova, ulong Spa, bool CanRead, bool CanWrite)> pages, Progress progress, ReferenceDeviceEntry device, ulong table,
        int level, ulong start, bool user, bool writable)
    {
        if (PlaceOf(progress, device, table) is not ulong place) return;
        ulong span = 1UL << (12 + (9 * (level - 1)));
        for (ulong slot = 0; slot < 512; slot++)
        {
            if (_read(place + (8 * slot)) is not ulong value || !Bit(value, 0)) continue;
            bool isLeaf = level == 1 || (level <= 3 && Bit(value, 7));
            if (HasReservedBit(value, level, isLeaf)) continue;
            ulong iova = start + (slot * span);
            if (level == 4 + device.GuestPagingMode && slot >= 256) iova |= level == 4 ? 0xFFFF_0000_0000_0000 : 0xFE00_0000_0000_0000;
            bool nowUser = user && Bit(value, 2);
            bool nowWritable = writable && Bit(value, 1);
            ulong next = _setup.WithoutC((value >> 12) % (1UL << 40) * 4096);
            if (!isLeaf)
            {
                ListGuestTable(pages, progress, device, next, level - 1, iova, nowUser, nowWritable);
                continue;
            }

            for (ulong offset = 0; offset < span; offset += 4096)
            {
                // What the v1 tables map, whatever rights they give.
                ulong gpa = next - (next % span) + offset;
                HostEnd host = device.Mode == 0 ? Flat(gpa, false, 4096, device) : PageOf(progress, device, gpa);
                if (host.Size != 0) pages.Add((iova + offset, host.Spa, nowUser && host.CanRead, nowUser && nowWritable && host.CanWrite));
            }
        }
    }

    private ulong? PlaceOf(Progress progress, ReferenceDeviceEntry device, ulong gpa)
    {
        HostEnd place = Host(progress, device, gpa, false, 4096);
        return place.Outcome == ReferenceIommuOutcome.Mapped ? place.Spa : null;
    }

    // A page of v1 tables as a listing has it: found by a walk that asks for no right.
    private HostEnd PageOf(Progress progress, ReferenceDeviceEntry device, ulong gpa)
    {
        ReferenceIommu blind = new(_setup with { Choices = Choices with { RightsAtLeaf = true } }, _read);
        return blind.WalkHost(progress, device, gpa, false);
    }
}
