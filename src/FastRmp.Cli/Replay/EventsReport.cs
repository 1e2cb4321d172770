using System.Collections.Generic;
using System.Text.Json.Serialization;
using FastRmp.Images;

namespace FastRmp.Cli.Replay;

/// <summary>How many events of each kind the trace has. What is beyond the two ordinary events is there only if the trace has it.</summary>
/// <param name="Allocations">Events named mm_page_alloc, those that failed included.</param>
/// <param name="Releases">Events named mm_page_free.</param>
/// <param name="Failed">Allocations that failed.</param>
/// <param name="WithoutTask">Events that name no task.</param>
/// <param name="ByName">All events of the page allocator by name, if there are others than pages of lists beside mm_page_free.</param>
internal sealed record EventsReport(
    [property: JsonPropertyName("mm_page_alloc")] long Allocations,
    [property: JsonPropertyName("mm_page_free")] long Releases,
    [property: JsonPropertyName("failed_allocations"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Failed,
    [property: JsonPropertyName("without_task"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long WithoutTask,
    [property: JsonPropertyName("by_name"),
    JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, long>? ByName)
{
    internal static EventsReport From(PageTrace trace)
    {
        EventSummary summary = EventSummary.Of(trace);
        Dictionary<string, long> names = [];
        foreach (PageEventCount one in trace.EventNames)
        {
            names.Add(one.Name, one.Count);
        }

        return new EventsReport(
            summary.Allocations, summary.Releases, trace.FailedAllocationCount, trace.WithoutTaskCount,
            summary.HasUnusualNames ? names : null);
    }
}
