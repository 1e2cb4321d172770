using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace FastRmp.Benchmarks.Gating;

/// <summary>The recorded ratios of baseline.json, one entry for each kind of machine.</summary>
/// <remarks>
/// A machine is known by CPU (vendor, family, model) and vector width. There the bound of a row is the recorded ratio × 1.25. On another
/// CPU, or for a row that this machine's entry has not, the bound is the recorded ratio × 2 of the entry that has it and is nearest: of the
/// same vendor, then of the same family, then of the nearest vector width. What a compare-and-swap or a mispredicted branch costs beside an
/// addition differs from one design to the next, and it is still a bound. Bytes and the presence of every row are demanded everywhere
/// alike.
/// Calls of libfastrmp have the factor 2 on every machine: a call's fixed part is some dozens of instructions beside a few, and what they
/// cost depends on what the core's other thread does; 1.46 on an idle machine was 2.26 on a busy one with the same processor.
/// </remarks>
internal sealed record Baseline
{
    /// <summary>What noise is allowed on a known machine.</summary>
    internal const double KnownFactor = 1.25;

    /// <summary>What is allowed on a machine that nobody has recorded.</summary>
    internal const double ForeignFactor = 2.0;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    public required List<BaselineEntry> Entries { get; init; }

    internal static Baseline Parse(string json) =>
        JsonSerializer.Deserialize<Baseline>(json, Json) ?? throw new JsonException("baseline.json is empty.");

    internal string Format() => JsonSerializer.Serialize(this, Json) + "\n";

    /// <summary>Whether some machine has a ratio of a row.</summary>
    internal bool Has(string row) => Entries.Exists(entry => entry.Rows.ContainsKey(row));

    /// <summary>The entry that counts for a row on a machine.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="row">The name of the row.</param>
    /// <param name="factor">What its ratio is multiplied by.</param>
    /// <returns>Null if nobody recorded the row.</returns>
    internal BaselineEntry? Find(Machine machine, string row, out double factor)
    {
        BaselineEntry[] having = [.. Entries.Where(entry => entry.Rows.ContainsKey(row))];
        BaselineEntry? known = having.FirstOrDefault(entry => IsOf(entry, machine));
        factor = known is null ? ForeignFactor : KnownFactor;
        return known ?? Nearest(having, machine).FirstOrDefault();
    }

    /// <summary>The highest ratio allowed to a call of libfastrmp.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="call">The name of the call in the table.</param>
    /// <returns>Null if nobody recorded the call.</returns>
    internal double? BoundOfCall(Machine machine, string call) =>
        Nearest(Entries.Where(entry => entry.Calls?.ContainsKey(call) == true), machine).FirstOrDefault()?.Calls![call] * ForeignFactor;

    /// <summary>This baseline with the entry of its machine added or replaced; recorded calls stay.</summary>
    internal Baseline With(BaselineEntry entry)
    {
        Machine machine = new(entry.Cpu, entry.VectorBits);
        SortedDictionary<string, double>? calls = entry.Calls ?? Entries.Find(old => IsOf(old, machine))?.Calls;
        return new Baseline { Entries = [.. Entries.Where(old => !IsOf(old, machine)), entry with { Calls = calls }] };
    }

    /// <summary>This baseline with the calls of libfastrmp recorded for a machine that has an entry.</summary>
    /// <exception cref="InvalidOperationException">The machine has no entry.</exception>
    internal Baseline WithCalls(Machine machine, SortedDictionary<string, double> calls)
    {
        BaselineEntry entry = Entries.Find(old => IsOf(old, machine))
            ?? throw new InvalidOperationException($"{machine.Cpu} has no entry yet: run gate --record first.");
        return With(entry with { Calls = calls });
    }

    /// <summary>This baseline with some rows of a machine recorded anew; the others of its entry stay, and what the entry says of itself is
    /// of the new ones.</summary>
    internal Baseline WithRows(BaselineEntry some)
    {
        Machine machine = new(some.Cpu, some.VectorBits);
        SortedDictionary<string, BaselineRow> rows = new(StringComparer.Ordinal);
        foreach ((string name, BaselineRow row) in Entries.Where(
            old => IsOf(old, machine)).SelectMany(static old => old.Rows).Concat(some.Rows))
        {
            rows[name] = row;
        }

        return With(some with { Rows = rows });
    }

    /// <summary>Entries by how much their machine has in common with another; its own comes first.</summary>
    private static IEnumerable<BaselineEntry> Nearest(IEnumerable<BaselineEntry> entries, Machine machine) => entries
        .OrderByDescending(entry => IsOf(entry, machine))
        .ThenByDescending(entry => Machine.VendorOf(entry.Cpu) == Machine.VendorOf(machine.Cpu))
        .ThenByDescending(entry => Machine.FamilyOf(entry.Cpu) == Machine.FamilyOf(machine.Cpu))
        .ThenBy(entry => Math.Abs(entry.VectorBits - machine.VectorBits));

    private static bool IsOf(BaselineEntry entry, Machine machine) => entry.Cpu == machine.Cpu && entry.VectorBits == machine.VectorBits;
}
