using System.Collections.Generic;
using System.Globalization;
using FastRmp.Addressing;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;
using FastRmp.Iommu;
using FastRmp.Layouts;
using FastRmp.Memory;

namespace FastRmp.Cli.Dma;

/// <summary>What was odd in the tables of all devices, told once at the end.</summary>
internal sealed class DmaWarnings
{
    private readonly HashSet<(ulong Root, int Levels)> _endless = [];
    private PhysicalAddress _firstAbsent;
    private PhysicalAddress _firstCutShort;
    private PhysicalAddress _firstInconsistent;
    private PhysicalAddress _firstMalformed;
    private long _inconsistent;
    private long _malformed;

    /// <summary>How many tables the image does not hold.</summary>
    internal long AbsentTables { get; private set; }

    /// <summary>How many devices have guest tables beside the ones listed.</summary>
    internal int GuestDevices { get; set; }

    /// <summary>Whether all was listed.</summary>
    internal bool IsComplete => AbsentTables == 0 && _endless.Count == 0;

    /// <summary>Whether another device's listing through the same tables had to be ended: it would take as long again.</summary>
    internal bool IsEndless(in DeviceTableEntry device) => _endless.Contains((device.Root.Value, device.Mode));

    internal void Add(in DeviceTableEntry device, in IoMappingEnumerator<SparseMemoryView> mappings)
    {
        if (mappings.IsCutShort)
        {
            if (_endless.Count == 0) _firstCutShort = mappings.CutShortAt;
            _ = _endless.Add((device.Root.Value, device.Mode));
        }

        if (AbsentTables == 0) _firstAbsent = mappings.FirstAbsentEntry;
        if (_inconsistent == 0) _firstInconsistent = mappings.FirstInconsistentSlot;
        if (_malformed == 0) _firstMalformed = mappings.FirstMalformedEntry;
        AbsentTables += mappings.AbsentTables;
        _inconsistent += mappings.InconsistentSlots;
        _malformed += mappings.MalformedEntries;
    }

    internal void Tell(Session session, string image)
    {
        if (_inconsistent != 0) session.Remark(Text($"{image}: {_inconsistent} {(_inconsistent == 1 ? "entry claims to be part" : "entries claim to be parts")} of a page whose other entries differ; the first is at physical address 0x{_firstInconsistent.Value:x}"));
        if (_malformed != 0) session.Remark(Text($"{image}: {_malformed} {(_malformed == 1 ? "entry is malformed and maps" : "entries are malformed and map")} nothing; the first is at physical address 0x{_firstMalformed.Value:x}"));
        if (GuestDevices != 0) session.Remark(Text($"{image}: {GuestDevices} {(GuestDevices == 1 ? "device has" : "devices have")} guest (v2) tables, which are not followed"));
        if (AbsentTables != 0) session.Error(TableTrouble.Absent(image, AbsentTables, _firstAbsent));
        if (_endless.Count != 0) session.Error(TableTrouble.CutShort(image, IoMappingEnumerator<SparseMemoryView>.MaxBarrenTables, _firstCutShort));
    }

    private static string Text(System.FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
