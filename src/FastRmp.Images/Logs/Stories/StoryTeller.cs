using System.Collections.Generic;

namespace FastRmp.Images;

/// <summary>Puts findings together that belong together: a fault with the entry and the region that the kernel dumped for it, a refused
/// RMPUPDATE with both, equal events of a device with each other.</summary>
internal sealed class StoryTeller
{
    private const int MostKept = 600; // a region's dump and what belongs to it

    private readonly List<LogStory> _stories = [];
    private readonly Dictionary<string, LogStory> _groups = [];
    private LogStory? _current;

    /// <summary>Makes stories of all findings of a report.</summary>
    internal static IReadOnlyList<LogStory> Tell(LogReport report) => [.. TellEach(report)];

    /// <summary>Makes stories of all findings, and writes each when it is asked for: nothing is kept of the ones before.</summary>
    internal static IEnumerable<LogStory> TellEach(LogReport report)
    {
        List<LogStory?> stories = Grouped(report);
        StoryWriter writer = new(report);
        for (int i = 0; i < stories.Count; i++)
        {
            LogStory story = stories[i]!;
            stories[i] = null;
            writer.Write(story);
            yield return story;
        }
    }

    private static List<LogStory?> Grouped(LogReport report)
    {
        StoryTeller teller = new();
        for (int i = report.ToldFindings; i < report.Findings.Count; i++) teller.Place(report.Findings[i]);
        return [.. teller._stories];
    }

    private void Place(LogFinding finding)
    {
        switch (finding)
        {
            case LoggedPageFault { Code.Rmp: false, ErrorCode: not null } fault:
                _current = Group(StoryKinds.PageFault, StoryWriter.Kind(fault), fault);
                break;
            case LoggedPageFault fault:
                _current = Begin(fault.Code.Rmp ? StoryKinds.RmpFault : StoryKinds.PageFault, fault);
                break;
            case LoggedRmpEntry entry:
                Dump(entry, entry.Pfn);
                break;
            case LoggedRegion region:
                Dump(region, region.Pfn);
                break;
            case LogNote { Kind: LogNoteKind.UnreadableEntry } note:
                Dump(note, note.Pfn);
                break;
            case LoggedRmpUpdate update:
                Update(update);
                break;
            case LoggedLeak leak:
                bool isTold = _current is { Kind: StoryKinds.Leak or StoryKinds.Firmware };
                _current = isTold ? Attach(_current!, leak) : Begin(StoryKinds.Leak, leak);
                break;
            case LoggedPSmash smash:
                Smash(smash);
                break;
            case LoggedNestedFault fault:
                _current = Group(StoryKinds.NestedFault, $"{fault.ErrorCode:x}", fault);
                break;
            case LoggedIommuEvent logged:
                _current = Group(StoryKinds.IommuEvent, $"{logged.Name} {logged.Device} {logged.Flags:x} {logged.Words.Count}", logged);
                break;
            case LoggedFirmware { Report: FirmwareReport.Version } or LoggedAsids or LoggedRmpTable or LoggedRmpSegment or LoggedRmpFact:
                Group(StoryKinds.HostSetup, string.Empty, finding);
                break;
            case LoggedFirmware:
                _current = Group(StoryKinds.Firmware, string.Empty, finding);
                break;
            case LoggedDirectMap:
                Group(StoryKinds.DirectMap, string.Empty, finding);
                break;
            default:
                Note(finding);
                break;
        }
    }

    private void Note(LogFinding finding)
    {
        if (finding is not LogNote note) return;
        string kind = note.Kind switch
        {
            LogNoteKind.UnexpectedRmpFault => StoryKinds.KvmRmpFault,
            LogNoteKind.EntryNotChanged => StoryKinds.KvmEntry,
            LogNoteKind.SplitFailed or LogNoteKind.MappingConflict => StoryKinds.DirectMapConflict,
            LogNoteKind.GuestException => StoryKinds.GuestException,
            LogNoteKind.GuestTermination => StoryKinds.GuestTermination,
            LogNoteKind.Kexec => StoryKinds.Kexec,
            LogNoteKind.FirmwareTrouble => StoryKinds.FirmwareTrouble,
            LogNoteKind.EventsLost => StoryKinds.EventsLost,
            LogNoteKind.GuestRequest => StoryKinds.GuestRequest,
            LogNoteKind.ValidationFailed => StoryKinds.ValidationFailed,
            _ => StoryKinds.Other,
        };
        Group(kind, kind is StoryKinds.GuestException or StoryKinds.GuestTermination ? $"{note.Value:x}" : string.Empty, note);
    }

    /// <summary>A dump follows what it was made for.</summary>
    private void Dump(LogFinding finding, ulong? pfn)
    {
        if (_current is { } story && (IsFor(story, finding, pfn) || story.Kind == StoryKinds.Entry)) Attach(story, finding);
        else _current = Begin(StoryKinds.Entry, finding);
    }

    private static bool IsFor(LogStory story, LogFinding finding, ulong? pfn) => story.First switch
    {
        LoggedPageFault fault => fault.Code.Rmp && IsOf(fault.Frame ?? PageOf(story), finding, pfn),
        LoggedRmpUpdate => story.List.Exists(known => known is LoggedRmpUpdate update && IsOf(update.Pfn, finding, pfn)),
        LoggedLeak => true,
        LoggedFirmware => story.List.Exists(static known => known is LoggedLeak),
        _ => false,
    };

    /// <summary>Whether a dump is a page's: of a region that page must be the one it was made for; only the oldest kernels dumped a region
    /// line by line without saying so.</summary>
    private static bool IsOf(ulong? page, LogFinding finding, ulong? pfn)
    {
        if (page is null || pfn is null) return true;
        bool isRegion = finding is LoggedRmpEntry { Layout: RmpEntryLayout.HighLow or RmpEntryLayout.Symbolic } or LogNote;
        return isRegion ? IsSameRegion(page, pfn) : page == pfn;
    }

    /// <summary>The page of the first dump of a story, which tells the page of a fault whose own lines do not.</summary>
    private static ulong? PageOf(LogStory story)
    {
        foreach (LogFinding finding in story.List)
        {
            switch (finding)
            {
                case LoggedRmpEntry entry: return entry.Pfn;
                case LoggedRegion region: return region.Pfn;
                default: break;
            }
        }

        return null;
    }

    private static bool IsSameRegion(ulong? left, ulong? right) => left >> 9 == right >> 9;

    private void Update(LoggedRmpUpdate update)
    {
        bool isSame = _current?.First is LoggedRmpUpdate before && before.Code == update.Code && before.Level == update.Level
            && IsSameRegion(before.Pfn, update.Pfn);
        _current = isSame ? Attach(_current!, update) : Begin(StoryKinds.RmpUpdate, update);
    }

    private void Smash(LoggedPSmash smash)
    {
        bool isAnswer = _current?.First is LoggedNestedFault && _current.List[^1] is LoggedNestedFault fault
            && (fault.Address is null || fault.Address >> 12 == smash.Gpa >> 12);
        if (isAnswer) Attach(_current!, smash);
        else _current = Group(StoryKinds.PSmash, $"{smash.Code}", smash);
    }

    private LogStory Begin(string kind, LogFinding first)
    {
        LogStory story = new(kind, first);
        _stories.Add(story);
        return story;
    }

    private static LogStory Attach(LogStory story, LogFinding finding)
    {
        if (story.List.Count < MostKept) story.List.Add(finding);
        story.Count++;
        return story;
    }

    private LogStory Group(string kind, string key, LogFinding finding)
    {
        string name = $"{kind} {key}";
        if (_groups.TryGetValue(name, out LogStory? story)) return Attach(story, finding);
        story = Begin(kind, finding);
        _groups.Add(name, story);
        return story;
    }
}
