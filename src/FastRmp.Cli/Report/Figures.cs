using System;
using System.Globalization;

namespace FastRmp.Cli.Report;

/// <summary>Numbers as the report writes them.</summary>
internal static class Figures
{
    private const double Microsecond = 1000;

    private static readonly (double Nanoseconds, string Name)[] Units =
    [
        (86_400e9, "d"), (3600e9, "h"), (60e9, "min"), (1e9, "s"), (1e6, "ms"), (1e3, "us"),
    ];

    /// <summary>What stands where nothing is known.</summary>
    internal const string Unknown = "-";

    /// <summary>A count, in groups of three digits.</summary>
    internal static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A count and what is counted, in the plural unless it is one.</summary>
    internal static string Count(long count, string what, string? many = null) =>
        $"{Count(count)} {(count == 1 ? what : many ?? $"{what}s")}";

    /// <summary>Modelled nanoseconds in microseconds.</summary>
    internal static string Microseconds(double nanoseconds) =>
        (nanoseconds / Microsecond).ToString("N1", CultureInfo.InvariantCulture);

    /// <summary>A multiple of the optimum's cost.</summary>
    internal static string Ratio(double? ratio) => ratio is { } value ? value.ToString("N3", CultureInfo.InvariantCulture) : Unknown;

    /// <summary>A number with at most one digit behind the point, for coordinates.</summary>
    internal static string Place(double value) => Math.Round(value, 1).ToString("0.#", CultureInfo.InvariantCulture);

    /// <summary>A time with its unit.</summary>
    internal static string Duration(double nanoseconds)
    {
        (double size, string name) = Unit(nanoseconds);
        return string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / size:0.###} {name}");
    }

    /// <summary>The unit in which a time is a handy number.</summary>
    internal static (double Nanoseconds, string Name) Unit(double nanoseconds)
    {
        foreach ((double size, string name) in Units)
        {
            if (nanoseconds >= size * (size >= 60e9 ? 3 : 1)) return (size, name);
        }

        return (1, "ns");
    }
}
