using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;
using FastRmp.Cli.Walk;
using FastRmp.Images;
using FastRmp.Paging;

namespace FastRmp.Cli.Explain;

/// <summary>What an image of the machine's memory says to the stories of its log: the walk of each address that faulted, and the RMP's
/// entries of the pages that the log names, beside those that it printed.</summary>
/// <remarks>The image is of another moment than the messages: what differs has changed since, or the log is another machine's.</remarks>
internal sealed class ImageCheck : IDisposable
{
    private const string Label = "in the image";
    private const int MostEntries = 16; // of a region or a leak in one story

    private readonly MemoryImage _image;
    private readonly ImageProcessor? _processor;
    private readonly string? _noTables;
    private ImageProcessor? _kernelsOwn;
    private RmpText? _rmpText;
    private ImageRmp? _rmp;
    private bool _walks;
    private bool _failed; // nothing more is looked up

    private ImageCheck(MemoryImage image)
    {
        _image = image;
        try
        {
            _processor = ImageSource.Processor(image, cpu: null, new PagingOptions());
        }
        catch (MalformedInputException refusal)
        {
            _noTables = refusal.Message;
        }
    }

    /// <summary>Opens the image.</summary>
    /// <exception cref="MalformedInputException">It is no memory image.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    internal static ImageCheck Open(Session session, ImageFiles files, LogReport report, RmpRequest? asked)
    {
        MemoryImage image = ImageSource.Open(session, files);
        try
        {
            session.Report(image.Problems);
            ImageCheck check = new(image);
            List<string> differences = MachineComparison.Differences(report, image, check._processor, session.Cancellation);
            if (differences.Count == 0)
            {
                check.Use(OpenRmp(session, image, report, asked));
            }
            else
            {
                session.Remark(
                    $"{image.Name}: not the machine of the log, or not the same boot: {string.Join("; ", differences)}: the stories are not checked against it");
                check.IsOther = true;
            }

            return check;
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    /// <summary>Whether anything is wrong with the image.</summary>
    internal bool HasProblems => _image.Problems.Any || _failed;

    /// <summary>Whether the image is not of the log's boot.</summary>
    private bool IsOther { get; set; }

    private void Use(ImageRmp? rmp)
    {
        _rmp = rmp;
        if (rmp is not null) _rmpText = new RmpText(rmp, vmpl: null);
    }

    /// <summary>Adds to a story what the image says; nothing if it is of another machine. An image that cannot be read any more takes
    /// nothing from the stories.</summary>
    internal void Add(Session session, LogStory story)
    {
        if (IsOther || _failed) return;
        session.Cancellation.ThrowIfCancellationRequested();
        try
        {
            Add(story);
        }
        catch (Exception failure) when (failure is MalformedInputException or IOException)
        {
            session.Error(failure.Message);
            session.Trace(failure);
            _failed = true;
        }
    }

    private void Add(LogStory story)
    {
        HashSet<ulong> pages = [];
        foreach (LogFinding finding in story.Findings)
        {
            switch (finding)
            {
                case LoggedPageFault { Address: { } address } fault:
                    _walks = true;
                    Walk(story, fault, new VirtualAddress(address), pages);
                    break;
                case LoggedRmpEntry entry:
                    Compare(story, entry, pages);
                    break;
                case LoggedRmpUpdate update:
                    Entry(story, update.Pfn, pages);
                    break;
                case LoggedRegion region:
                    Entry(story, region.Pfn, pages);
                    foreach (LoggedRmpEntry entry in region.Entries)
                    {
                        if (pages.Count < MostEntries) Compare(story, entry, pages);
                    }

                    break;
                case LoggedLeak leak:
                    for (ulong pfn = leak.Start; pfn < leak.End && pages.Count < MostEntries; pfn++) Entry(story, pfn, pages);
                    break;
                case LoggedPSmash smash:
                    Entry(story, smash.Pfn, pages);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Says why no address was walked, if one should have been.</summary>
    internal void TellWhatIsMissing(Session session)
    {
        if (_walks && _noTables is not null) session.Remark(_noTables);
    }

    public void Dispose()
    {
        _rmp?.Dispose();
        _image.Dispose();
    }

    /// <summary>The RMP where the user says; else, and with <c>auto</c>, where the log says, else where the image itself does.</summary>
    private static ImageRmp? OpenRmp(Session session, MemoryImage image, LogReport report, RmpRequest? asked)
    {
        RmpLocation location;
        string? reason = null;
        bool isAutomatic = asked is null || asked == RmpRequest.Automatic;
        if (isAutomatic && RmpFinder.TryFindInLog(report, image, out location, out reason))
        {
            // The log says it.
        }
        else if (asked is not null)
        {
            location = RmpPlaces.Locate(session, image, asked);
        }
        else if (!RmpFinder.TryFind(image, symbols: null, out location, out _, session.Cancellation))
        {
            session.Remark($"{reason}: no entry of the RMP is looked at in the image");
            return null;
        }

        if (location.Source != RmpSource.Log) RmpPlaces.Tell(session, image, location);
        RmpDoubts.Tell(session, image, location);
        try
        {
            ImageRmp rmp = ImageRmp.Open(image, location.Geometry, ProcessorModel.Genoa);
            RmpPlaces.TellFormat(session, image, location.Geometry);
            return rmp;
        }
        catch (MalformedInputException absent)
        {
            session.Remark(absent.Message);
            return null;
        }
    }

    private void Walk(LogStory story, LoggedPageFault fault, VirtualAddress address, HashSet<ulong> pages)
    {
        if (_processor is null) return;
        PageFaultErrorCode code = fault.Code;
        AccessKind kind = code.Fetch ? AccessKind.Fetch : code.Write ? AccessKind.Write : AccessKind.Read;
        PagingState state = (code.User ? _processor : _kernelsOwn ??= KernelsOwn(_processor)).PagingState;
        ImageMemoryView memory = _image.Memory.View();
        MemoryAccess access = new(kind, code.User, MayTouchUserPages: !code.User) { IsShadowStack = code.ShadowStack };
        NoCheck none = default;
        WalkTrace trace = default;
        WalkResult result = PageWalker.Trace(
            ref memory, state, address, access, ref none, ref trace);
        Detail(story, $"{EntryLine.Hex(address.Value)}: {End(result)}{Beside(fault, trace.Steps)}");
        if (result.Status is WalkStatus.Mapped) Entry(story, result.Address.Value >> PageSize.Size4K.Shift(), pages);
    }

    /// <summary>Under page-table isolation a processor in user mode has the user's half of a pair of tables in CR3. What the kernel
    /// accesses is in the other.</summary>
    private ImageProcessor KernelsOwn(ImageProcessor processor)
    {
        bool isPair = DirectMapFinder.TryFind(
            _image.Memory.View(), processor.PagingState, _image.VmCoreInfo, out DirectMapLocation location)
            && location.RootKind == DirectMapRoot.KernelHalf;
        return isPair
            ? _image.Processor(processor.Number ?? 0, new PagingOptions { Root = new Cr3(location.Root.Value) }) : processor;
    }

    private string End(WalkResult result) => result.Status switch
    {
        WalkStatus.Mapped =>
            $"{result.Size.ShortName()} page at {EntryLine.Hex(result.Address.Value)}, {EntryLine.Rights(result.Rights)}: such an access is allowed by the tables",
        WalkStatus.NonCanonical => "not a canonical address",
        WalkStatus.OutsideMemory =>
            $"the {PagingEntryText.Name(result.Level)} of it {AbsenceText.Of(_image.Memory, result.Address)}",
        _ => string.Create(CultureInfo.InvariantCulture, $"#PF 0x{result.ErrorCode:x} at the {PagingEntryText.Name(result.Level)}"),
    };

    /// <summary>Whether the last entry of the walk is the one that the log printed for its level.</summary>
    private static string Beside(LoggedPageFault fault, ReadOnlySpan<WalkStep> steps)
    {
        if (fault.Walk is not { } logged || steps.IsEmpty) return string.Empty;
        WalkStep last = steps[^1];
        ulong? printed = last.PagingLevel switch
        {
            PagingLevel.PageMapLevel5 => logged.Pgd,
            PagingLevel.PageMapLevel4 => logged.P4d ?? logged.Pgd,
            PagingLevel.PageDirectoryPointer => logged.Pud,
            PagingLevel.PageDirectory => logged.Pmd,
            _ => logged.Pte,
        };
        if (printed is not { } value) return string.Empty;
        return value == last.Entry.Value
            ? "; the entry is the logged one"
            : $"; its {PagingEntryText.Name(last.PagingLevel)} is {EntryLine.Hex(last.Entry.Value)}, and was {EntryLine.Hex(value)} in the log";
    }

    private void Compare(LogStory story, LoggedRmpEntry entry, HashSet<ulong> pages)
    {
        if (!Entry(story, entry.Pfn, pages) || entry.Layout == RmpEntryLayout.Symbolic) return;
        if (!_rmp!.Table.TryReadRaw(Page(entry.Pfn), out RmpEntry now)) return;
        Detail(
            story,
            now == entry.Entry
                ? string.Create(CultureInfo.InvariantCulture, $"PFN 0x{entry.Pfn:x} has the entry that the log printed")
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"PFN 0x{entry.Pfn:x} has another entry than the log printed ({entry.Entry.Low:x16} {entry.Entry.High:x16})"));
    }

    /// <summary>The entry of a page, once a story.</summary>
    /// <returns>Whether the image tells of it.</returns>
    private bool Entry(LogStory story, ulong pfn, HashSet<ulong> pages)
    {
        if (_rmp is null || pfn > PhysicalAddress.ValidMask >> PageSize.Size4K.Shift()) return false;
        bool isThere = _rmp.TryLoad(Page(pfn), out _);
        if (pages.Add(pfn)) Detail(story, $"RMP of PFN {EntryLine.Hex(pfn)} {_rmpText!.Of(Page(pfn))}");
        return isThere;
    }

    private static PhysicalAddress Page(ulong pfn) => PhysicalAddress.Create(pfn << PageSize.Size4K.Shift());

    private static void Detail(LogStory story, string text) => story.DetailList.Add(new LogDetail(Label, text));
}
