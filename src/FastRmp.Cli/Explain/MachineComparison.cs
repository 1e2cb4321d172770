using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using FastRmp.Cli.Sources;
using FastRmp.Images;

namespace FastRmp.Cli.Explain;

/// <summary>Finds out whether a log and an image can be of the same boot of the same machine.</summary>
/// <remarks>A log may hold several boots: what one of them has in common with the image is no difference. What only one of the two tells
/// says nothing.</remarks>
internal static class MachineComparison
{
    private const ulong Slack = 1UL << 30; // firmware's own memory, holes below 4 GiB, a table of the RMP

    /// <summary>What differs.</summary>
    /// <returns>Clauses; none if nothing does.</returns>
    internal static List<string> Differences(
        LogReport log, MemoryImage image, ImageProcessor? processor, CancellationToken cancellation)
    {
        List<string> found = [];
        string? release = image.Description.KernelRelease ?? image.VmCoreInfo?.Release;
        if (release is not null && log.Releases is [var first, ..] && !log.Releases.Contains(release))
        {
            found.Add($"the kernel is {first} in the log, {release} in the image");
        }

        if (processor is not null) Levels(log, processor, found);
        if (image.VmCoreInfo is { } notes && notes.TryGetKernelOffset(out ulong offset) && log.KernelOffsets is [var logged, ..]
            && !log.KernelOffsets.Contains(offset))
        {
            found.Add(Say($"the kernel was moved by 0x{logged:x} in the log, by 0x{offset:x} in the image"));
        }

        Rmp(log, image, found, cancellation);
        Memory(log, image, found);
        return found;
    }

    private static void Levels(LogReport log, ImageProcessor processor, List<string> found)
    {
        int image = (int)processor.PagingState.TopLevel;
        int? logged = null;
        foreach (LogFinding finding in log.Findings)
        {
            if (finding is not LoggedPageFault { Walk: { P4d: not null, Levels: { } levels } }) continue;
            if (levels == image) return;
            logged = levels;
        }

        if (logged is not null) found.Add(Say($"the paging tables have {logged} levels in the log, {image} in the image"));
    }

    private static void Rmp(LogReport log, MemoryImage image, List<string> found, CancellationToken cancellation)
    {
        if (image.VmCoreInfo is null || !RmpFinder.TryFindInLog(log, image, out RmpLocation logged, out _)
            || !RmpFinder.TryFind(image, symbols: null, out RmpLocation own, out _, cancellation)
            || own.Geometry == logged.Geometry || own.Geometry == logged.Other)
        {
            return;
        }

        string place = RmpPlaces.Text(logged.Geometry);
        found.Add($"the RMP is {place} in the log, {RmpPlaces.Text(own.Geometry)} in the log of the image's kernel");
    }

    /// <summary>Compares where memory ends. An image that has but parts of the memory says nothing of what it does not have.</summary>
    private static void Memory(LogReport log, MemoryImage image, List<string> found)
    {
        ulong logged = 0;
        foreach (PhysicalSpan usable in log.Usable) logged = Math.Max(logged, usable.End);
        ulong end = 0;
        ulong known = 0;
        while (PhysicalAddress.TryCreate(end, out PhysicalAddress at) && image.Memory.TryNextKnownRange(at, out PhysicalRange range))
        {
            known += range.Length;
            end = range.End;
        }

        if (logged == 0 || end == 0) return;
        bool isMore = end > Math.Max(logged + (logged / 16) + Slack, 1UL << 32); // QEMU has its firmware below 4 GiB
        bool isLess = logged > end + (end / 16) + Slack && known >= end / 2 && !image.Problems.Any;
        if (isMore || isLess) found.Add(Say($"memory ends at 0x{logged:x} in the log, at 0x{end - 1:x} in the image"));
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
