using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Serialization;

namespace FastRmp.Cli.Replay.Sweeps;

/// <summary>The result of one replay: a line of JSON. It has no time and no host name in it, so that it is the same whoever made
/// it.</summary>
/// <param name="Task">Its number, from 0.</param>
/// <param name="Tasks">How many there are.</param>
/// <param name="Trace">The trace's name.</param>
/// <param name="Inputs">What was read.</param>
/// <param name="GuestPattern">Which tasks are guests.</param>
/// <param name="Sizes">Sizes of RMP entries.</param>
/// <param name="Convert">Page-state changes laid over the trace; null for none.</param>
/// <param name="Seed">What random numbers began with.</param>
/// <param name="Problems">How many lines of the inputs are not what they have to be.</param>
/// <param name="RamBytes">The host's RAM.</param>
/// <param name="Guests">How many guests there are.</param>
/// <param name="OwnedPeak">The most pages of 4 KiB that guests owned at once.</param>
/// <param name="Costs">What things cost.</param>
/// <param name="Policies">What <c>replay --json</c> has of each policy.</param>
internal sealed record SweepRow(
    [property: JsonPropertyName("task")] int Task,
    [property: JsonPropertyName("tasks")] int Tasks,
    [property: JsonPropertyName("trace")] string Trace,
    [property: JsonPropertyName("inputs")] IReadOnlyList<SweepFile> Inputs,
    [property: JsonPropertyName("guest_comm")] string GuestPattern,
    [property: JsonPropertyName("rmp")] string Sizes,
    [property: JsonPropertyName("convert")] string? Convert,
    [property: JsonPropertyName("seed")] ulong Seed,
    [property: JsonPropertyName("problems")] long Problems,
    [property: JsonPropertyName("ram_bytes")] ulong RamBytes,
    [property: JsonPropertyName("guests")] int Guests,
    [property: JsonPropertyName("owned_pages_peak")] long OwnedPeak,
    [property: JsonPropertyName("costs")] CostsReport Costs,
    [property: JsonPropertyName("policies")] IReadOnlyDictionary<string, PolicyReport> Policies)
{
    /// <summary>Whether this is a row of that plan.</summary>
    internal bool IsOf(SweepPlan plan)
    {
        if (Tasks != plan.Tasks.Count || Task < 0 || Task >= Tasks || !IsWhole()) return false;
        SweepTask task = plan.Tasks[Task];
        CostsReport costs = CostsReport.From(task.Costs);
        return Trace == task.Trace.Name && GuestPattern == task.Options.GuestPattern && Sizes == task.Sizes
            && Convert == task.Convert && Seed == task.Seed
            && Costs.Processors == costs.Processors && Costs.Tlb == costs.Tlb
            && Costs.Nanoseconds.Count == costs.Nanoseconds.Count
            && costs.Nanoseconds.All(one => Costs.Nanoseconds.TryGetValue(one.Key, out double value) && value == one.Value)
            && Policies.Keys.SequenceEqual(plan.PolicyNames);
    }

    // What a reader of JSON leaves null where a key is missing.
    private bool IsWhole() => Trace is not null && Inputs is not null && Costs is { Nanoseconds: not null } && Policies is not null
        && Inputs.All(static one => one is { Name: not null, Sha256: not null })
        && Policies.Values.All(static one => one is { Counts: not null, Flushes: not null, Modelled: not null });
}
