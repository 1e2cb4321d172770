using System.Collections.Generic;
using System.Linq;

namespace FastRmp.Images.Study;

/// <summary>What running guests do beside what is in a trace of the page allocator. The parameters and where they come from:
/// docs/study.md.</summary>
internal sealed class ConversionModel
{
    /// <summary>The seed unless one is given.</summary>
    internal const ulong DefaultSeed = 1;

    private const double Percent = 100;
    private const double Second = 1e9;
    private const double Millisecond = 1e6;
    private const double Most = 1e9;
    private const int PageShift = 12;

    private readonly ModelParameters _values = new(Parameters);

    private ConversionModel(string name, ulong seed)
    {
        Name = name;
        Seed = seed;
    }

    /// <summary>The models, each with what it is.</summary>
    internal static IReadOnlyList<(string Name, string Meaning)> Models { get; } =
    [
        ("linux", "a Linux guest that accepts memory when it first needs it"),
        ("eager", "one that accepts each page at once"),
        ("storm", "eager, every 2M entry is smashed, and conversions at boot are ten times as many"),
    ];

    /// <summary>The parameters with the values of <c>linux</c>.</summary>
    internal static IReadOnlyList<ModelParameter> Parameters { get; } =
    [
        new("lazy", 1, 0, 1, "1: memory is accepted after 'delay'; 0: at once"),
        new("delay", 5, 0, Most, "ms from the allocation of a block to its acceptance"),
        new("launch", 4 << 20, 0, 1UL << 40, "bytes of each guest that the host writes at launch"),
        new("vcpus", 4, 0, 4096, "VMSA pages of each guest"),
        new("swiotlb", 6, 0, 100, "percent of a guest's memory that is its bounce buffer, shared from boot on"),
        new("boot", 2, 0, Most, "s after its first allocation that a guest boots"),
        new("boot-rate", 200, 0, Most, "conversions to shared a second and guest while it boots"),
        new("rate", 0.1, 0, Most, "the same afterwards"),
        new("pages", 4, 1, 512, "4K pages of such a conversion, at most"),
        new("hold", 50, 0, Most, "ms until they are private again, in the mean"),
        new("io", 1, 0, Most, "host writes to shared pages a second and guest"),
        new("balloon", 60, 0, Most, "s between two blocks that a guest's balloon gives back for as long, in the mean; 0: never"),
        new("smash", 0, 0, 1, "share of 2M entries that are smashed when they are accepted"),
    ];

    /// <summary>The model's name.</summary>
    internal string Name { get; }

    /// <summary>What its random numbers begin with.</summary>
    internal ulong Seed { get; }

    internal bool IsLazy => _values["lazy"] != 0;

    internal long DelayNanoseconds => (long)(_values["delay"] * Millisecond);

    internal long LaunchPages => (long)_values["launch"] >> PageShift;

    internal int Vcpus => (int)_values["vcpus"];

    internal double SwiotlbShare => _values["swiotlb"] / Percent;

    internal long BootNanoseconds => (long)(_values["boot"] * Second);

    internal double BootInterval => Interval("boot-rate");

    internal double SteadyInterval => Interval("rate");

    internal int Pages => (int)_values["pages"];

    internal double HoldNanoseconds => _values["hold"] * Millisecond;

    internal double IoInterval => Interval("io");

    internal double BalloonNanoseconds => _values["balloon"] * Second;

    internal double SmashShare => _values["smash"];

    /// <summary>Reads MODEL[,KEY=VALUE]….</summary>
    /// <param name="text">The text.</param>
    /// <param name="seed">What random numbers begin with.</param>
    /// <param name="problem">What is wrong with it; null if nothing.</param>
    /// <returns>The model; null if something is wrong.</returns>
    internal static ConversionModel? Parse(string text, ulong seed, out string? problem)
    {
        const int StormFactor = 10;
        string[] parts = text.Split(',');
        if (!Models.Any(one => one.Name == parts[0]))
        {
            problem = $"'{parts[0]}' is no model; there are {string.Join(", ", Models.Select(static one => one.Name))}";
            return null;
        }

        ConversionModel model = new(text, seed);
        if (parts[0] != "linux") model._values["lazy"] = 0;
        if (parts[0] == "storm")
        {
            model._values["smash"] = 1;
            model._values["boot-rate"] *= StormFactor;
        }

        problem = parts.Skip(1).Select(model._values.Set).FirstOrDefault(static one => one is not null);
        return problem is null ? model : null;
    }

    /// <summary>The parameters for the help.</summary>
    internal static string Help(int width) => new ModelParameters(Parameters).Help(width);

    private double Interval(string key) => _values[key] == 0 ? double.PositiveInfinity : Second / _values[key];
}
