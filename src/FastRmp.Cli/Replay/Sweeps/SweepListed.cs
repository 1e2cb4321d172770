using System.Text.Json.Serialization;

namespace FastRmp.Cli.Replay.Sweeps;

/// <summary>A replay that is not done: what a row of it begins with.</summary>
internal sealed record SweepListed(
    [property: JsonPropertyName("task")] int Task,
    [property: JsonPropertyName("tasks")] int Tasks,
    [property: JsonPropertyName("trace")] string Trace,
    [property: JsonPropertyName("guest_comm")] string GuestPattern,
    [property: JsonPropertyName("rmp")] string Sizes,
    [property: JsonPropertyName("convert")] string? Convert,
    [property: JsonPropertyName("seed")] ulong Seed,
    [property: JsonPropertyName("costs")] CostsReport Costs)
{
    internal static SweepListed From(SweepTask task, int tasks) => new(
        task.Index, tasks, task.Trace.Name, task.Options.GuestPattern, task.Sizes, task.Convert, task.Seed,
        CostsReport.From(task.Costs));
}
