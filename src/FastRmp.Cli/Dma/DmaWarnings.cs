using System.Collections.Generic;
using System.Globalization;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;
using FastRmp.Images;
using FastRmp.Iommu;

namespace FastRmp.Cli.Dma;

/// <summary>What was odd in the tables of all devices, told once at the end.</summary>
internal sealed class DmaWarnings
{
    private readonly HashSet<(ulong Root, int Levels)> _endless = [];
    private readonly HashSet<(ulong Gcr3, ulong Root, int Levels)> _endlessGuests = [];
    private DeviceId _firstIllegal;
    private GuestPhysicalAddress _firstBlocked;
    private PhysicalAddress _firstAbsent;
    private PhysicalAddress _firstCutShort;
    private PhysicalAddress _firstInconsistent;
    private PhysicalAddress _firstMalformed;
    private long _inconsistent;
    private long _malformed;
    private long _blocked;
    private int _illegal;

    /// <summary>How many tables the image does not hold.</summary>
    internal long AbsentTables { get; private set; }

    /// <summary>How many devices have guest tables of PASIDs that were not asked for.</summary>
    internal int SilentDevices { get; set; }

    /// <summary>Whether all was listed.</summary>
    internal bool IsComplete => AbsentTables == 0 && _endless.Count == 0 && _endlessGuests.Count == 0;

    /// <summary>Whether another device's listing through the same tables had to be ended: it would take as long again.</summary>
    internal bool IsEndless(in DeviceTableEntry device) => _endless.Contains((device.Root.Value, device.Mode));

    internal void Add(in DeviceTableEntry device, in IoMappingEnumerator<ImageMemoryView> mappings)
    {
        if (mappings.IsCutShort)
        {
            CutShort(mappings.CutShortAt);
            _ = _endless.Add((device.Root.Value, device.Mode));
        }

        Add(
            mappings.AbsentTables, mappings.FirstAbsentEntry, mappings.InconsistentSlots, mappings.FirstInconsistentSlot,
            mappings.MalformedEntries, mappings.FirstMalformedEntry);
    }

    internal void Add(in DeviceTableEntry device, in GuestIoMappingEnumerator<ImageMemoryView> mappings)
    {
        if (mappings.IsCutShort)
        {
            CutShort(mappings.CutShortAt);
            _ = _endlessGuests.Add(KeyOf(device));
        }

        if (_blocked == 0) _firstBlocked = mappings.FirstBlockedAddress;
        _blocked += mappings.BlockedTables;
        Add(
            mappings.AbsentTables, mappings.FirstAbsentEntry, mappings.InconsistentSlots, mappings.FirstInconsistentSlot,
            mappings.MalformedEntries, mappings.FirstMalformedEntry);
    }

    /// <summary>Whether another device's listing through the same guest tables had to be ended.</summary>
    internal bool IsEndlessGuest(in DeviceTableEntry device) => _endlessGuests.Contains(KeyOf(device));

    /// <summary>A device of which pages are listed, though its entry makes the IOMMU refuse all its requests.</summary>
    internal void AddIllegal(DeviceId device)
    {
        if (_illegal++ == 0) _firstIllegal = device;
    }

    internal void Tell(Session session, MemoryImage file)
    {
        string image = file.Name;
        if (_inconsistent != 0)
        {
            session.Remark(Text(
                $"{image}: {_inconsistent} {(_inconsistent == 1 ? "entry claims to be part" : "entries claim to be parts")} of a page whose other entries differ; the first is at physical address 0x{_firstInconsistent.Value:x}"));
        }

        if (_malformed != 0)
        {
            session.Remark(Text(
                $"{image}: {_malformed} {(_malformed == 1 ? "entry is malformed and maps" : "entries are malformed and map")} nothing; the first is at physical address 0x{_firstMalformed.Value:x}"));
        }

        if (_blocked != 0)
        {
            session.Remark(Text(
                $"{image}: {_blocked} {(_blocked == 1 ? "table" : "tables")} of GCR3 or guest (v2) tables cannot be read through the host tables; the first is at gPA 0x{_firstBlocked.Value:x}"));
        }

        if (SilentDevices != 0)
        {
            session.Remark(Text(
                $"{image}: {SilentDevices} {(SilentDevices == 1 ? "device has" : "devices have")} guest (v2) tables of PASIDs, which --pasid all lists"));
        }

        if (_illegal != 0)
        {
            session.Remark(Text(
                $"{image}: {_illegal} device table {(_illegal == 1 ? "entry is" : "entries are")} illegal, the IOMMU refuses all requests there; the first is of device {_firstIllegal}"));
        }

        if (AbsentTables != 0) session.Error(TableProblems.Absent(file, AbsentTables, _firstAbsent));
        if (_endless.Count != 0 || _endlessGuests.Count != 0)
        {
            session.Error(TableProblems.CutShort(image, IoMappingEnumerator<ImageMemoryView>.MaxTablesWithoutLeaf, _firstCutShort));
        }
    }

    private static (ulong Gcr3, ulong Root, int Levels) KeyOf(in DeviceTableEntry device) =>
        (device.GuestCr3Table.Value, device.Root.Value, (device.Mode << 8) | (device.GuestLevels << 4) | device.GuestPagingMode);

    private void CutShort(PhysicalAddress at)
    {
        if (_endless.Count == 0 && _endlessGuests.Count == 0) _firstCutShort = at;
    }

    private void Add(
        long absent, PhysicalAddress firstAbsent, long inconsistent, PhysicalAddress firstInconsistent, long malformed,
        PhysicalAddress firstMalformed)
    {
        if (AbsentTables == 0) _firstAbsent = firstAbsent;
        if (_inconsistent == 0) _firstInconsistent = firstInconsistent;
        if (_malformed == 0) _firstMalformed = firstMalformed;
        AbsentTables += absent;
        _inconsistent += inconsistent;
        _malformed += malformed;
    }

    private static string Text(System.FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
