using System;
using System.Collections.Generic;
using System.Linq;

namespace FastRmp.Images;

/// <summary>A host whose trace is made and not recorded: how much memory, which guests, for how long. The parameters and where they come
/// from: docs/study.md.</summary>
internal sealed class GeneratorModel
{
    private const double Percent = 100;
    private const double Second = 1e9;
    private const double Hour = 3600 * Second;
    private const int RegionShift = 21;
    private const double Most = 1e6;

    private readonly ModelParameters _values = new(Parameters);

    private GeneratorModel(string text, ulong seed)
    {
        Text = text;
        Seed = seed;
    }

    /// <summary>The parameters.</summary>
    internal static IReadOnlyList<ModelParameter> Parameters { get; } =
    [
        new("ram", 2UL << 40, 1UL << 30, 16UL << 40, "bytes of RAM"),
        new("guests", 200, 1, 1000, "guests that run at a time"),
        new("hours", 24, 0.001, Most, "hours of the host"),
        new("size", 8UL << 30, 1UL << 28, 1UL << 40, "bytes of a guest in the mean; guests have 1/4 to 4 times as much"),
        new("life", 6, 0.001, Most, "hours that a guest runs, in the mean"),
        new("touch", 60, 0, Most, "s in which a new guest takes its memory"),
        new("backing", 2UL << 20, 1UL << 12, 1UL << 30, "bytes of the pages of guest memory: 4K, 2M, or 1G"),
        new("small", 0.2, 0, 100, "percent of guest memory that comes as single pages all the same"),
        new("host", 16UL << 30, 0, 16UL << 40, "bytes that the host takes at the start and keeps"),
        new("churn", 200, 0, Most, "pages a second that the host allocates"),
        new("hold", 10, 0, Most, "s until it releases them, in the mean"),
        new("mix", 1, 0, 100, "percent of them that lie in a region with a guest's single pages, if there is one"),
    ];

    /// <summary>The text that the model was read from.</summary>
    internal string Text { get; }

    /// <summary>What its random numbers begin with.</summary>
    internal ulong Seed { get; }

    /// <summary>Regions of 2 MiB.</summary>
    internal int Regions => (int)((ulong)_values["ram"] >> RegionShift);

    internal int Guests => (int)_values["guests"];

    internal long Nanoseconds => (long)(_values["hours"] * Hour);

    internal double SizeInRegions => _values["size"] / (1 << RegionShift);

    internal double LifeNanoseconds => _values["life"] * Hour;

    internal double TouchNanoseconds => _values["touch"] * Second;

    /// <summary>log2 of the regions of a block of guest memory.</summary>
    internal int BlockShift => _values["backing"] == 1UL << 30 ? 9 : 0;

    /// <summary>Whether such blocks become entries of 2 MiB.</summary>
    internal bool HasLargeEntries => _values["backing"] != 1UL << 12;

    internal double SmallShare => _values["small"] / Percent;

    internal int HostRegions => (int)((ulong)_values["host"] >> RegionShift);

    internal double ChurnNanoseconds => _values["churn"] == 0 ? double.PositiveInfinity : Second / _values["churn"];

    /// <summary>Pages of the host that come and go, at a time.</summary>
    internal int ChurnPages => (int)Math.Clamp(_values["churn"] * _values["hold"], 1, 1 << 24);

    internal double MixShare => _values["mix"] / Percent;

    /// <summary>Reads KEY=VALUE[,…].</summary>
    /// <param name="text">The text.</param>
    /// <param name="seed">What random numbers begin with.</param>
    /// <param name="problem">What is wrong with it; null if nothing.</param>
    /// <returns>The model; null if something is wrong.</returns>
    internal static GeneratorModel? Parse(string text, ulong seed, out string? problem)
    {
        GeneratorModel model = new(text, seed);
        problem = text.Split(',').Select(model._values.Set).FirstOrDefault(static one => one is not null);
        if (problem is null && model._values["backing"] is not (1UL << 12 or 1UL << 21 or 1UL << 30))
        {
            problem = "backing: is 4K, 2M or 1G";
        }

        if (problem is null && model.HostRegions >= model.Regions) problem = "host: is less than ram";
        return problem is null ? model : null;
    }

    /// <summary>The parameters for the help.</summary>
    internal static string Help(int width) => new ModelParameters(Parameters).Help(width);
}
