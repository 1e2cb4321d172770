namespace FastRmp.Reference;

/// <content>All pages of a device's address space (AMD-Vi 3.3 and 3.5).</content>
public sealed partial class ReferenceIommu
{
    /// <summary>Lists every page of a device, also pages without any right; a replicated group counts once.</summary>
    /// <param name="deviceId">Bus, device and function.</param>
    /// <returns>The listing; empty unless V = TV = 1 and the mode is 1 to 6. GV is not looked at.</returns>
    public ReferenceIommuListing List(int deviceId)
    {
        ReferenceIommuListing listing = new();
        ReferenceDeviceEntry? device = ReadDevice(deviceId);
        if (device is null || !device.Valid || !device.TranslationValid || device.Mode is 0 or 7) return listing;
        ListTable(listing, _setup.WithoutC(device.Root), device.Mode, 0, device.CanRead, device.CanWrite);
        return listing;
    }

    // Ends because the level falls from table to table.
    private void ListTable(ReferenceIommuListing listing, ulong table, int level, ulong start, bool canRead, bool canWrite)
    {
        int slots = level == 6 ? 128 : 512;
        ulong?[] values = new ulong?[slots];
        bool absent = false;
        for (int slot = 0; slot < slots; slot++)
        {
            values[slot] = _read(table + (8 * (ulong)slot));
            absent |= values[slot] is null;
        }

        if (absent) listing.AddAbsent(table);
        for (int slot = 0; slot < slots; slot++)
        {
            if (values[slot] is not ulong value) continue;
            ReferenceIommuEntry entry = ReferenceIommuEntry.FromRaw(_setup.WithoutC(value));
            if (!entry.Present) continue;
            if (entry.HasReservedBit)
            {
                listing.AddMalformed();
                continue;
            }

            ulong iova = start + ((ulong)slot * ReferenceIommuEntry.DefaultSize(level));
            bool read = canRead && entry.CanRead;
            bool write = canWrite && entry.CanWrite;
            if (entry.PageSizeAt(level) is ulong size)
            {
                int group = (int)(size / ReferenceIommuEntry.DefaultSize(level));
                bool whole = IsWholeGroup(values, slot, group);
                listing.Add(new ReferenceIommuMapping(iova, entry.PageBase(size) + (iova % size), size, read, write), whole);
                if (whole) slot += group - 1;
            }
            else if (entry.NextLevel is 0 or 7 || entry.NextLevel >= level)
            {
                listing.AddMalformed();
            }
            else
            {
                // Skipped levels index nothing but zero, so that the lower table starts where the slot does.
                ListTable(listing, entry.Address, entry.NextLevel, iova, read, write);
            }
        }
    }

    // Aligned to its own length, and all slots alike.
    private static bool IsWholeGroup(ulong?[] values, int first, int length)
    {
        if (first % length != 0) return false;
        for (int slot = first; slot < first + length; slot++)
        {
            if (values[slot] != values[first]) return false;
        }

        return true;
    }
}
