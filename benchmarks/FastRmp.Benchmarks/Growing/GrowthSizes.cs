using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace FastRmp.Benchmarks.Growing;

/// <summary>Four sizes over three decades.</summary>
/// <param name="First">The smallest.</param>
internal readonly record struct GrowthSizes(long First)
{
    /// <summary>From one to the next.</summary>
    internal const int Factor = 10;

    private const int Count = 4;

    /// <summary>The sizes.</summary>
    internal IReadOnlyList<long> All
    {
        get
        {
            List<long> sizes = [First];
            while (sizes.Count < Count)
            {
                sizes.Add(sizes[^1] * Factor);
            }

            return sizes;
        }
    }

    /// <summary>As the table has them: numbers of things.</summary>
    internal IReadOnlyList<string> Numbers => [.. All.Select(static size => size.ToString("N0", CultureInfo.InvariantCulture))];

    /// <summary>As the table has them: bytes.</summary>
    internal IReadOnlyList<string> Bytes => [.. All.Select(BytesOf)];

    private static string BytesOf(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        double value = bytes;
        int unit = 0;
        for (; value >= 1024 && unit < units.Length - 1; unit++)
        {
            value /= 1024;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {units[unit]}");
    }
}
