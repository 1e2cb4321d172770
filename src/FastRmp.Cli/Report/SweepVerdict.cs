using System.Collections.Generic;
using System.Linq;

namespace FastRmp.Cli.Report;

/// <summary>What holds for all replays of a sweep.</summary>
internal sealed class SweepVerdict
{
    private const double Slack = 1e-9;

    internal SweepVerdict(IReadOnlyList<SweptReplay> replays)
    {
        Replays = replays.Count;
        List<SweptStanding> all = [];
        foreach (string name in replays.SelectMany(static one => one.Policies).Select(static one => one.Policy).Distinct())
        {
            all.Add(Standing(name, replays));
        }

        Policies = all;
    }

    /// <summary>How many replays there are.</summary>
    internal int Replays { get; }

    /// <summary>Each policy's standing, in the order of the first replay.</summary>
    internal IReadOnlyList<SweptStanding> Policies { get; }

    /// <summary>The policies that cost least in the worst case.</summary>
    internal IReadOnlyList<SweptStanding> Best
    {
        get
        {
            List<SweptStanding> whole = [.. Policies.Where(one => one.Fatal == 0 && one.Replays == Replays)];
            if (whole.Count == 0) return [];
            double least = whole.Min(static one => one.Worst);
            return [.. whole.Where(one => one.Worst <= least + Slack)];
        }
    }

    /// <summary>The first sentence.</summary>
    internal string Lead
    {
        get
        {
            if (Replays == 0) return "There is no row.";
            if (Best.Count == 0) return "Every policy has fatal writes somewhere.";
            string names = string.Join(", ", Best.Select(static one => one.Policy));
            string verb = Best.Count == 1 ? "costs" : "cost";
            return double.IsPositiveInfinity(Best[0].Worst)
                ? "Every policy costs something where to do nothing would do."
                : $"{names} {verb} at most {Figures.Ratio(Best[0].Worst)} times the least possible in {Figures.Count(Replays, "replay")}.";
        }
    }

    /// <summary>The others.</summary>
    internal IEnumerable<string> Points
    {
        get
        {
            string[] fatal = [.. Policies.Where(static one => one.Fatal != 0).Select(static one => one.Policy)];
            if (fatal.Length != 0) yield return $"Fatal writes somewhere: {string.Join(", ", fatal)}.";
            string[] never = [.. Policies.Where(static one => one.Fatal == 0 && one.Beaten == 0).Select(static one => one.Policy)];
            if (never.Length != 0)
            {
                yield return $"Never beaten in both table memory and flushes: {string.Join(", ", never)}.";
            }

            SweptStanding? most = Policies.Where(static one => one.Fatal == 0).MaxBy(static one => one.Cheapest);
            if (most is { Cheapest: > 0 })
            {
                yield return
                    $"The cheapest most often: {most.Policy}, in {Figures.Count(most.Cheapest)} of {Figures.Count(Replays, "replay")}.";
            }
        }
    }

    private static SweptStanding Standing(string name, IReadOnlyList<SweptReplay> replays)
    {
        List<double> ratios = [];
        int fatal = 0;
        int cheapest = 0;
        int beaten = 0;
        int count = 0;
        foreach (SweptReplay replay in replays)
        {
            int index = replay.Policies.ToList().FindIndex(one => one.Policy == name);
            if (index < 0) continue;
            SweptPolicy one = replay.Policies[index];
            count++;
            if (one.Fatal != 0)
            {
                fatal++;
                continue;
            }

            ratios.Add(one.OfOptimum ?? double.PositiveInfinity);
            List<SweptPolicy> safe = [.. replay.Policies.Where(static other => other.Fatal == 0)];
            if (one.Cost <= safe.Min(static other => other.Cost)) cheapest++;
            if (safe.Exists(other => other.Tables <= one.Tables && other.Flushes <= one.Flushes
                && (other.Tables < one.Tables || other.Flushes < one.Flushes)))
            {
                beaten++;
            }
        }

        ratios.Sort();
        return new SweptStanding(
            name, count, fatal, cheapest, beaten, ratios.Count == 0 ? double.NaN : ratios[0],
            ratios.Count == 0 ? double.NaN : ratios[ratios.Count / 2], ratios.Count == 0 ? double.NaN : ratios[^1]);
    }
}
