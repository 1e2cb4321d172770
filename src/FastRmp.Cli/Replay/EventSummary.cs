using System.Collections.Generic;
using System.Globalization;
using FastRmp.Images;

namespace FastRmp.Cli.Replay;

/// <summary>What the events of a trace come to by their names.</summary>
/// <param name="Allocations">Events named mm_page_alloc.</param>
/// <param name="Releases">Events named mm_page_free.</param>
/// <param name="HasUnusualNames">Whether there are names that change what a reader has to know: releases of another name, or events that
/// are neither.</param>
internal readonly record struct EventSummary(long Allocations, long Releases, bool HasUnusualNames)
{
    private const string AllocationName = "mm_page_alloc";
    private const string ReleaseName = "mm_page_free";

    internal static EventSummary Of(PageTrace trace)
    {
        long allocations = 0;
        long releases = 0;
        bool hasOthers = false;
        bool hasLists = false;
        foreach (PageEventCount one in trace.EventNames)
        {
            if (one.Name == AllocationName) allocations = one.Count;
            else if (one.Name == ReleaseName) releases = one.Count;
            else if (one.Use == PageEventUse.ReleaseAgain) hasLists = true;
            else hasOthers = true;
        }

        return new EventSummary(allocations, releases, hasOthers || (hasLists && releases == 0));
    }

    /// <summary>The first line of the text: the two ordinary names always, the others where they are releases of their own.</summary>
    internal static string Counts(PageTrace trace)
    {
        EventSummary summary = Of(trace);
        string failed = trace.FailedAllocationCount == 0
            ? string.Empty
            : string.Create(CultureInfo.InvariantCulture, $" ({trace.FailedAllocationCount} failed)");
        string text = string.Create(
            CultureInfo.InvariantCulture, $"{summary.Allocations} {AllocationName}{failed}, {summary.Releases} {ReleaseName}");
        if (!summary.HasUnusualNames) return text;
        foreach (PageEventCount one in trace.EventNames)
        {
            if (one.Name is AllocationName or ReleaseName || one.Use == PageEventUse.None) continue;
            text += string.Create(CultureInfo.InvariantCulture, $", {one.Count} {one.Name}");
        }

        return text;
    }

    /// <summary>The names of events that are passed over, each with its number; empty if there are none.</summary>
    internal static string Passed(PageTrace trace)
    {
        List<string> names = [];
        foreach (PageEventCount one in trace.EventNames)
        {
            if (one.Use == PageEventUse.None) names.Add(string.Create(CultureInfo.InvariantCulture, $"{one.Count} {one.Name}"));
        }

        return string.Join(", ", names);
    }
}
