using System;
using System.Collections.Generic;
using System.Globalization;

namespace FastRmp.Images;

/// <summary>Writes what a story means: fields, what happened, why, what next, and what the log leaves open.</summary>
internal sealed partial class StoryWriter
{
    private const string AccessRule = "AMD64 APM vol. 2, 15.36.10 (RMP access checks)";
    private const string UpdateRule = "AMD64 APM vol. 3, RMPUPDATE";
    private const int RegionShift = 9; // from 4 KiB pages to 2 MiB regions

    private readonly LogReport _report;
    private readonly LoggedRmpTable? _table;
    private readonly List<TableEdge> _edges;

    internal StoryWriter(LogReport report)
    {
        _report = report;
        _table = report.Table();
        _edges = TableEdge.Of(report);
    }

    /// <summary>Writes a story.</summary>
    internal void Write(LogStory story)
    {
        story.IsTrouble = story.Kind is not (StoryKinds.Entry or StoryKinds.HostSetup or StoryKinds.DirectMap);
        switch (story.Kind)
        {
            case StoryKinds.RmpFault: RmpFault(story, (LoggedPageFault)story.First); break;
            case StoryKinds.PageFault: OrdinaryFault(story, (LoggedPageFault)story.First); break;
            case StoryKinds.RmpUpdate: Update(story, (LoggedRmpUpdate)story.First); break;
            case StoryKinds.Leak: Leak(story); break;
            case StoryKinds.PSmash: Smash(story, (LoggedPSmash)story.First); break;
            case StoryKinds.NestedFault: Nested(story, (LoggedNestedFault)story.First); break;
            case StoryKinds.IommuEvent: Event(story, (LoggedIommuEvent)story.First); break;
            case StoryKinds.HostSetup: Setup(story); break;
            case StoryKinds.Firmware: Refusals(story); break;
            case StoryKinds.DirectMap: Counters(story); break;
            case StoryKinds.Entry: Entries(story); break;
            default: Notes(story); break;
        }
    }

    private static string T(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Adds a field; what a log prints twice is there once.</summary>
    private static void Detail(LogStory story, string name, FormattableString value)
    {
        LogDetail detail = new(name, T(value));
        if (!story.DetailList.Contains(detail)) story.DetailList.Add(detail);
    }

    private static string Times(long count) => count == 1 ? "once" : T($"{count} times");

    private static List<T> Of<T>(LogStory story)
        where T : LogFinding
    {
        List<T> all = [];
        foreach (LogFinding finding in story.List)
        {
            if (finding is T wanted) all.Add(wanted);
        }

        return all;
    }

    /// <summary>A size in the unit that fits.</summary>
    private static string Size(ulong bytes) => bytes switch
    {
        0 => "nothing",
        < 1UL << 20 => T($"{bytes >> 10} KiB"),
        < 1UL << 30 => T($"{bytes / (double)(1 << 20):0.###} MiB"),
        _ => T($"{bytes / (double)(1UL << 30):0.###} GiB"),
    };

    /// <summary>The table's edge in whose 2 MiB block a page lies; null if none is near.</summary>
    private TableEdge? EdgeAt(ulong pfn) => _edges.Find(edge => !edge.IsAligned && edge.Block >> 21 == pfn >> RegionShift);

    private bool IsInTable(ulong pfn) => _table is not null && pfn >= _table.Start >> 12 && pfn <= _table.End >> 12;

    /// <summary>How to get at an entry that the log does not show.</summary>
    private string EntryCommand(ulong? pfn)
    {
        if (pfn is not { } page) return "in a memory image: fastrmp rmp CORE --base RMP_BASE --end RMP_END";
        return _table is null
            ? T(
                $"in a memory image: fastrmp rmp CORE --base RMP_BASE --end RMP_END; the entry stands at RMP_BASE + 0x4000 + 0x{page:x} * 16")
            : T(
                $"in a memory image: fastrmp rmp CORE --base {_table.Start:x} --end {_table.End:x}; the entry stands at 0x{_table.EntryAddress(page):x} (crash: rd -p {_table.EntryAddress(page):x} 2)");
    }

    private static string EntryText(RmpEntry entry, RmpEntryLayout layout)
    {
        string size = entry.PageSize == PageSize.Size2M ? "2M" : "4K";
        string text = T($"{entry.State.Name()}, {(entry.Assigned ? "assigned" : "not assigned")}, {size}");
        if (entry.Immutable) text += ", immutable";
        if (entry.Assigned || entry.Asid != 0)
        {
            text += entry.IsInUseVmsa ? ", in use by a running VCPU (ASID field 0x3fe)" : T($", ASID {entry.Asid}");
        }
        if (entry.Gpa.Value != 0) text += T($", GPA 0x{entry.Gpa.Value:x}");
        if (entry.Vmsa) text += ", VMSA";
        if (entry.Validated) text += ", validated";
        if (layout == RmpEntryLayout.Symbolic) return text;
        if (entry.Lock) text += ", locked";
        if (entry.SubpageCount != 0) text += T($", {entry.SubpageCount} of the other 511 pages assigned");
        if (entry.High != 0) text += T($", VMPL0 {StateText.Permissions(entry.PermissionsOf(0))}");
        return text;
    }

    private static void EntryDetail(LogStory story, LoggedRmpEntry entry)
    {
        string raw = entry.Layout == RmpEntryLayout.Symbolic ? "by its fields" : T($"0x{entry.Entry.Low:x16} 0x{entry.Entry.High:x16}");
        Detail(story, "entry", $"PFN 0x{entry.Pfn:x}: {raw}: {EntryText(entry.Entry, entry.Layout)}");
        if (ValuePattern.Of(entry.Entry.Low) is { } pattern) Detail(story, "looks like", $"{pattern}; no entry, if it is that");
    }

    private static void RegionDetail(LogStory story, LoggedRegion region)
    {
        int assigned = 0;
        Dictionary<PageState, int> states = [];
        foreach (LoggedRmpEntry entry in region.Entries)
        {
            if (entry.Entry.Assigned) assigned++;
            states[entry.State] = states.GetValueOrDefault(entry.State) + 1;
        }

        List<string> parts = [];
        foreach ((PageState state, int count) in states) parts.Add(T($"{count} {state.Name()}"));
        string what = region.Entries.Count == 0
            ? region.IsElided ? "the dump was cut out of the log" : "no entry of the region is anything but zero"
            : T(
                $"{(region.Entries.Count == 1 ? "1 entry is" : T($"{region.Entries.Count} entries are"))} not zero, {assigned} of them assigned ({string.Join(", ", parts)}){(region.IsElided ? "; the dump is not complete" : string.Empty)}");
        Detail(story, "region", $"PFN 0x{region.Pfn:x} is not assigned; of 0x{region.Start:x} to 0x{region.End - 1:x} {what}");
    }

    private static void Entries(LogStory story)
    {
        foreach (LoggedRmpEntry entry in Of<LoggedRmpEntry>(story)) EntryDetail(story, entry);
        foreach (LoggedRegion region in Of<LoggedRegion>(story)) RegionDetail(story, region);
        foreach (LogNote note in Of<LogNote>(story)) Detail(story, "message", $"{note.Text}");
        story.Title = story.Count == 1 ? "An RMP entry" : T($"RMP entries, {story.Count} lines");
        story.What = story.First is LoggedRmpEntry first
            ? T($"The kernel printed the RMP's entry of page 0x{first.Pfn:x}: {StateText.Meaning(first.State)}.")
            : "The kernel dumped a 2M region of the RMP.";
        story.Why = "A dump is a consequence: the line before it says what the kernel met.";
        story.Rule = "AMD64 APM vol. 2, 15.36.3 (Reverse Map Table)";
        story.NextList.Add(
            "fastrmp decode rmp LOW HIGH shows an entry field by field; a page inside a 2M page needs its base entry (--base)");
    }
}
