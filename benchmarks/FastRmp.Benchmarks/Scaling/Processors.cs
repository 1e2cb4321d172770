using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

namespace FastRmp.Benchmarks.Scaling;

/// <summary>The processors that a program may run on, and how many physical cores they are.</summary>
/// <param name="Logical">Processors of this process.</param>
/// <param name="Cores">Physical cores of the machine; null where the system does not say.</param>
internal sealed record Processors(int Logical, int? Cores)
{
    /// <summary>Where Linux lists them.</summary>
    private const string Root = "/sys/devices/system/cpu";

    /// <summary>This machine's.</summary>
    internal static Processors Current => new(Environment.ProcessorCount, CoresIn(Root));

    /// <summary>How many threads can run at full speed at once: no more than there are cores, as far as that is known.</summary>
    internal int AtOnce => Math.Min(Logical, Cores ?? Logical);

    /// <summary>Counts pairs of package and core below such a folder.</summary>
    /// <param name="root">The folder, with one of each processor in it.</param>
    /// <returns>Null if it names none.</returns>
    internal static int? CoresIn(string root)
    {
        if (!Directory.Exists(root)) return null;
        HashSet<(string Package, string Core)> cores = [];
        foreach (string processor in Directory.EnumerateDirectories(root, "cpu*"))
        {
            string topology = Path.Combine(processor, "topology");
            string core = Path.Combine(topology, "core_id");
            string package = Path.Combine(topology, "physical_package_id");
            // absent in a processor that is off line, and in folders such as cpufreq
            if (File.Exists(core) && File.Exists(package)) cores.Add((File.ReadAllText(package).Trim(), File.ReadAllText(core).Trim()));
        }

        return cores.Count == 0 ? null : cores.Count;
    }

    /// <summary>Numbers of threads to measure: powers of two, and the highest.</summary>
    /// <param name="most">The highest; at least 1.</param>
    internal static List<int> ThreadCounts(int most)
    {
        List<int> counts = [];
        for (int count = 1; count < most; count *= 2)
        {
            counts.Add(count);
        }

        counts.Add(most);
        return counts;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Logical} processors, {(Cores is int cores ? $"{cores} physical cores" : "physical cores unknown")}");
}
