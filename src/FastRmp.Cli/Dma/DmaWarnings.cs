using System.Globalization;
using FastRmp.Addressing;
using FastRmp.Cli.Shell;
using FastRmp.Iommu;
using FastRmp.Memory;

namespace FastRmp.Cli.Dma;

/// <summary>What was odd in the tables of all devices, told once at the end.</summary>
internal sealed class DmaWarnings
{
    private PhysicalAddress _firstAbsent;
    private PhysicalAddress _firstInconsistent;
    private PhysicalAddress _firstMalformed;
    private long _inconsistent;
    private long _malformed;

    /// <summary>How many tables the image does not hold.</summary>
    internal long AbsentTables { get; private set; }

    /// <summary>How many devices have guest tables beside the ones listed.</summary>
    internal int GuestDevices { get; set; }

    internal void Add(in IoMappingEnumerator<SparseMemoryView> mappings)
    {
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
        if (AbsentTables == 0) return;
        string tables = AbsentTables == 1 ? "a table is" : Text($"{AbsentTables} tables are");
        session.Error(Text($"{image}: {tables} not in the image, whole or in part; the first missing entry is at physical address 0x{_firstAbsent.Value:x}"));
    }

    private static string Text(System.FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
