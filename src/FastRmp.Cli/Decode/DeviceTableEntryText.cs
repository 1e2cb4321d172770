using System;
using System.Collections.Generic;
using System.Globalization;
using FastRmp.Layouts;

namespace FastRmp.Cli.Decode;

/// <summary>An AMD-Vi device table entry in words.</summary>
internal static class DeviceTableEntryText
{
    /// <summary>What becomes of the device's requests, in a few words.</summary>
    internal static string Kind(DeviceTableEntry entry)
    {
        if (!entry.Valid) return "not valid: requests pass untranslated";
        if (!entry.TranslationValid) return "no translation: requests are aborted; under SNP the only legal form without tables";
        if (entry.GuestTranslationValid) return "guest (v2) tables, which this model does not walk";
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
    /// <returns>The fields from bit 0 upwards, then the reserved bits that are set.</returns>
    internal static List<EntryField> Fields(DeviceTableEntry entry)
    {
        List<EntryField> fields =
        [
            new("kind", Kind(entry)),
            Bit("valid", entry.Valid),
            Bit("translation_valid", entry.TranslationValid),
            new("host_access_dirty", entry.HostAccessDirty switch { 1 => "1  sets A", 3 => "3  sets A and D", byte other => Text($"{other}") }),
            Number("mode", entry.Mode),
            Hex("root", entry.Root.Value),
            Bit("ppr", entry.PeripheralPageRequests),
            Bit("gprp", entry.GuestPageResponsePasid),
            Bit("giov", entry.GuestIoProtection),
            Bit("gv", entry.GuestTranslationValid),
            Number("glx", entry.GuestLevels),
            Hex("gcr3_root", entry.GuestCr3Table.Value),
            Bit("ir", entry.Readable),
            Bit("iw", entry.Writable),
            Number("domain", entry.DomainId),
            Bit("iotlb", entry.IotlbEnabled),
            Bit("suppress_further_faults", entry.SuppressFurtherFaults),
            Bit("suppress_all_faults", entry.SuppressAllFaults),
            Bit("exclusion", entry.Exclusion),
            Number("system_management", entry.SystemManagement),
            Bit("interrupt_valid", entry.InterruptMapValid),
            Number("interrupt_table_length", entry.InterruptTableLength),
            Hex("interrupt_table", entry.InterruptTable.Value),
            Number("guest_paging_mode", entry.GuestPagingMode),
            Bit("init_pass", entry.InitPass),
            Bit("eint_pass", entry.ExternalInterruptPass),
            Bit("nmi_pass", entry.NmiPass),
            Number("interrupt_control", entry.InterruptControl),
            Bit("lint0_pass", entry.Lint0Pass),
            Bit("lint1_pass", entry.Lint1Pass),
            Hex("attributes", entry.Attributes),
        ];
        Reserved(fields, 0, entry.Word0 & DeviceTableEntry.Word0ReservedMask);
        Reserved(fields, 1, entry.Word1 & DeviceTableEntry.Word1ReservedMask);
        Reserved(fields, 2, entry.Word2 & DeviceTableEntry.Word2ReservedMask);
        return fields;
    }

    private static void Reserved(List<EntryField> fields, int word, ulong bits)
    {
        if (bits != 0) fields.Add(new("reserved", Text($"0x{bits:x} of quadword {word}  bits without a known meaning are set")));
    }

    private static EntryField Bit(string name, bool value) => new(name, value ? "1" : "0");

    private static EntryField Number(string name, int value) => new(name, Text($"{value}"));

    private static EntryField Hex(string name, ulong value) => new(name, Text($"0x{value:x}"));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
