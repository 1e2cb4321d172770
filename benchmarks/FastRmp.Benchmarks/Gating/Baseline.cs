using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace FastRmp.Benchmarks.Gating;

/// <summary>The recorded ratios of baseline.json, one entry for each kind of machine.</summary>
/// <remarks>
/// A machine is known by CPU (vendor, family, model) and vector width. There the bound of a row is the recorded ratio × 1.25. On another CPU the
/// entry of the same vector width is taken, else the one of the nearest width, and the bound is the recorded ratio × 2: what a compare-and-swap
/// or a mispredicted branch costs beside an addition differs from one design to the next, and it is still a bound. Bytes and the presence of
/// every row are demanded everywhere alike.
/// </remarks>
internal sealed record Baseline
{
    /// <summary>What noise is allowed on a known machine.</summary>
    internal const double KnownFactor = 1.25;

    /// <summary>What is allowed on a machine that nobody has recorded.</summary>
    internal const double ForeignFactor = 2.0;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public required List<BaselineEntry> Entries { get; init; }

    internal static Baseline Parse(string json) =>
        JsonSerializer.Deserialize<Baseline>(json, Json) ?? throw new JsonException("baseline.json is empty.");

    internal string Format() => JsonSerializer.Serialize(this, Json) + "\n";

    /// <summary>The entry that counts on a machine.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="factor">What its ratios are multiplied by.</param>
    internal BaselineEntry? Find(Machine machine, out double factor)
    {
        BaselineEntry? known = Entries.FirstOrDefault(entry => IsOf(entry, machine));
        factor = known is null ? ForeignFactor : KnownFactor;
        return known ?? Entries.OrderBy(entry => Math.Abs(entry.VectorBits - machine.VectorBits)).FirstOrDefault();
    }

    /// <summary>This baseline with the entry of its machine added or replaced.</summary>
    internal Baseline With(BaselineEntry entry)
    {
        Machine machine = new(entry.Cpu, entry.VectorBits);
        return new Baseline { Entries = [.. Entries.Where(old => !IsOf(old, machine)), entry] };
    }

    private static bool IsOf(BaselineEntry entry, Machine machine) => entry.Cpu == machine.Cpu && entry.VectorBits == machine.VectorBits;
}
