using System;
using System.Collections.Generic;
using System.Globalization;
using FastRmp.Iommu;

namespace FastRmp.Images;

/// <summary>An AMD-Vi device table entry in words.</summary>
internal static class DeviceTableEntryText
{
    private const int ReservedGuestLevels = 3;

    /// <summary>What becomes of the device's requests, in a few words.</summary>
    internal static string Kind(DeviceTableEntry entry)
    {
        if (!entry.Valid) return "not valid: requests pass untranslated";
        if (!entry.TranslationValid) return "no translation: requests are aborted; under SNP the only legal form without tables";
        if (entry.GuestTranslationValid) return Guest(entry);
        return entry.Mode switch
        {
            0 => "requests pass untranslated with the rights here; under SNP ILLEGAL_DEV_TABLE_ENTRY",
            7 => "reserved mode: ILLEGAL_DEV_TABLE_ENTRY",
            1 => "tables of 1 level",
            byte mode => Text($"tables of {mode} levels"),
        };
    }

    /// <summary>Every field by its name.</summary>
    /// <param name="entry">The four quadwords.</param>
    /// <param name="iommu">The registers, as far as they are known.</param>
    /// <returns>The kind; whether it is legal without and with SNP; the fields from bit 0 upwards, then the reserved bits that are
    /// set.</returns>
    internal static List<EntryField> Fields(DeviceTableEntry entry, IommuState iommu)
    {
        List<EntryField> fields =
        [
            new("kind", Kind(entry)),
            new("without_snp", DeviceTableEntryCheck.Of(entry, iommu with { IsSnpEnabled = false })),
            new("with_snp", DeviceTableEntryCheck.Of(entry, iommu with { IsSnpEnabled = true })),
            Bit("valid", entry.Valid),
            Bit("translation_valid", entry.TranslationValid),
            new(
                "host_access_dirty",
                entry.HostAccessDirty switch { 1 => "1  sets A", 3 => "3  sets A and D", byte other => Text($"{other}") }),
            Number("mode", entry.Mode),
            Hex("root", entry.Root.Value),
            Bit("ppr", entry.PeripheralPageRequests),
            Bit("gprp", entry.GuestPageResponsePasid),
            Bit("giov", entry.GuestIoProtection),
            Bit("gv", entry.GuestTranslationValid),
            new(
                "glx",
                entry.GuestLevels == ReservedGuestLevels
                    ? "3  reserved"
                    : Text($"{entry.GuestLevels}  {Levels(entry.GuestLevels + 1)} of the GCR3 table")),
            Hex("gcr3_root", entry.GuestCr3Table.Value),
            Bit("ir", entry.Readable),
            Bit("iw", entry.Writable),
            Number("domain", entry.DomainId),
            Bit("iotlb", entry.IotlbEnabled),
            Bit("suppress_further_faults", entry.SuppressFurtherFaults),
            Bit("suppress_all_faults", entry.SuppressAllFaults),
            Number("io_ctl", entry.PortControl),
            Bit("cache", entry.CacheHint),
            Bit("snoop_disable", entry.SnoopDisable),
            Bit("exclusion", entry.Exclusion),
            Number("system_management", entry.SystemManagement),
            Bit("interrupt_valid", entry.InterruptMapValid),
            Number("interrupt_table_length", entry.InterruptTableLength),
            Bit("ignore_unmapped_interrupts", entry.IgnoreUnmappedInterrupts),
            Hex("interrupt_table", entry.InterruptTable.Value),
            new(
                "guest_paging_mode",
                entry.GuestPagingMode > 1
                    ? Text($"{entry.GuestPagingMode}  invalid")
                    : Text($"{entry.GuestPagingMode}  guest (v2) tables of {Levels(4 + entry.GuestPagingMode)}")),
            Bit("init_pass", entry.InitPass),
            Bit("eint_pass", entry.ExternalInterruptPass),
            Bit("nmi_pass", entry.NmiPass),
            Number("interrupt_control", entry.InterruptControl),
            Bit("lint0_pass", entry.Lint0Pass),
            Bit("lint1_pass", entry.Lint1Pass),
            Bit("attributes_valid", entry.AttributesValid),
            Bit("mode0_force_coherent", entry.Mode0ForceCoherent),
            Hex("snoop_attribute", entry.SnoopAttribute),
        ];
        string unread = entry.Valid ? string.Empty : ", and not looked at";
        Reserved(fields, 0, entry.Word0 & DeviceTableEntry.Word0ReservedMask, unread);
        Reserved(fields, 1, entry.Word1 & DeviceTableEntry.Word1ReservedMask, unread);
        Reserved(fields, 2, entry.Word2 & DeviceTableEntry.Word2ReservedMask, unread);
        Reserved(fields, 3, entry.Word3 & DeviceTableEntry.Word3ReservedMask, unread);
        return fields;
    }

    private static string Guest(DeviceTableEntry entry)
    {
        string without = entry.GuestIoProtection ? "requests without PASID use PASID 0"
            : entry.Mode == 0 ? "requests without PASID pass untranslated"
            : "requests without PASID use the host tables";
        if (entry.Mode == 7) return "reserved mode: ILLEGAL_DEV_TABLE_ENTRY";
        if (entry.GuestLevels == ReservedGuestLevels)
        {
            return "guest (v2) tables, reserved number of GCR3 levels (GLX 3): ILLEGAL_DEV_TABLE_ENTRY";
        }

        if (entry.GuestPagingMode > 1)
        {
            return Text($"guest (v2) tables, invalid number of levels (GuestPagingMode {entry.GuestPagingMode}): ILLEGAL_DEV_TABLE_ENTRY");
        }

        string below = entry.Mode == 0 ? string.Empty : Text($" over host tables of {Levels(entry.Mode)}");
        return Text(
            $"guest (v2) tables of {Levels(4 + entry.GuestPagingMode)}{below}, GCR3 table of {Levels(entry.GuestLevels + 1)}; {without}");
    }

    private static string Levels(int count) => count == 1 ? "1 level" : Text($"{count} levels");

    private static void Reserved(List<EntryField> fields, int word, ulong bits, string unread)
    {
        if (bits != 0) fields.Add(new("reserved", Text($"0x{bits:x} of quadword {word}  bits that must be zero are set{unread}")));
    }

    private static EntryField Bit(string name, bool value) => new(name, value ? "1" : "0");

    private static EntryField Number(string name, int value) => new(name, Text($"{value}"));

    private static EntryField Hex(string name, ulong value) => new(name, Text($"0x{value:x}"));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
