using System.Collections.Generic;
using System.Linq;
using FastRmp.Images;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Report;

/// <summary>What the numbers say, in a few sentences.</summary>
internal sealed class Verdict
{
    internal const string OptimumName = "optimum";

    private const int NamesAtMost = 4;
    private const double LeastShown = 1.0005; // what tables show as 1.000
    private const double Same = 0.05; // nanoseconds, less than any table shows

    private readonly StudyResult _study;
    private readonly List<StudyRow> _fatal;
    private readonly List<StudyRow> _safe;
    private readonly List<StudyRow> _best = [];

    internal Verdict(StudyResult study)
    {
        _study = study;
        _fatal = [.. study.Rows.Where(static row => row.Counts.Counts.Fatal != 0)];
        _safe = [.. study.Rows.Where(static row => row.Counts.Counts.Fatal == 0)];
        if (_safe.Count == 0) return;
        double least = _safe.Min(static row => row.Cost.Total);
        _best = [.. _safe.Where(row => row.Cost.Total <= least + Same)];
    }

    /// <summary>The policies without fatal writes that cost least.</summary>
    internal IReadOnlySet<string> Best => _best.Select(static row => row.Counts.Policy).ToHashSet();

    /// <summary>The first sentence.</summary>
    internal string Lead
    {
        get
        {
            if (_best.Count == 0) return "Every policy that was replayed has fatal writes.";
            string names = Names(_best);
            string verb = _best.Count == 1 ? "costs" : "cost";
            if (_best[0].Cost.Total <= Same && _best[0].Counts.Counts.Splits2M == 0)
            {
                return $"Nothing has to be split on this trace: {names} {verb} nothing and broke nothing.";
            }

            bool isOne = _study.Rows.Count == 1;
            string among = isOne ? $"{names} {verb}" : $"{names} {verb} the least of {Figures.Count(_study.Rows.Count)} policies:";
            return _study.Ratio(_best[0]) switch
            {
                null => $"{among} {Figures.Microseconds(_best[0].Cost.Total)} us where to do nothing would do, without a fatal write.",
                < LeastShown => $"{among} no more than the best schedule that knows the future, without a fatal write.",
                { } ratio => $"{among} {Figures.Ratio(ratio)} times the least possible, without a fatal write.",
            };
        }
    }

    /// <summary>The others.</summary>
    internal IEnumerable<string> Points
    {
        get
        {
            if (_fatal.Count != 0)
            {
                StudyRow worst = _fatal.MaxBy(static row => row.Counts.Counts.Fatal)!;
                ReplayCounts counts = worst.Counts.Counts;
                yield return
                    $"Something has to be done: {Figures.Count(counts.Fatal)} of {Figures.Count(counts.HostWrites)} host writes are fatal under {worst.Counts.Policy}. They hit a large leaf with a page of a guest in it, or such a page itself; each would be an oops.";
            }
            else if (_safe.Exists(static row => row.Counts.Counts.Splits2M == 0 && row.Counts.Counts.Violations == 0))
            {
                yield return "No write of the host is beside a guest's page in the same 2 MiB: large leaves are safe here.";
            }

            OptimumResult optimum = _study.Optimum;
            yield return
                $"With the future known, {Figures.Count(optimum.Splits2M + optimum.Splits1G, "split")} and {Figures.Count(optimum.Joins2M, "rejoin")} would do, and a modelled {Figures.Microseconds(optimum.Nanoseconds)} us of processor time.";
            if (_best.Count == 0) yield break;
            StudyRow best = _best[0];
            StudyRow most = _safe.MaxBy(static row => row.Counts.Peak4K)!;
            if (most.Counts.Peak4K > best.Counts.Peak4K)
            {
                yield return
                    $"At its worst the direct map has {Figures.Count(best.Counts.Peak4K)} leaves of 4K under {best.Counts.Policy}, {Figures.Count(most.Counts.Peak4K)} under {most.Counts.Policy}.";
            }

            StudyRow? whole = best.EndTables <= 0
                ? null
                : _safe.Where(static row => row.EndTables <= 0).OrderBy(static row => row.Cost.Total).FirstOrDefault();
            if (whole is not null)
            {
                string cost = _study.Ratio(whole) is { } ratio ? $", at {Figures.Ratio(ratio)} times the least cost" : string.Empty;
                yield return $"The cheapest that gives all table memory back by the end is {whole.Counts.Policy}{cost}.";
            }

            if (best.AdvisedBlocks != 0)
            {
                yield return
                    $"Had the page allocator placed {Figures.Count(best.AdvisedBlocks, "block")} elsewhere, {best.Counts.Policy} would have split nothing.";
            }
        }
    }

    private static string Names(List<StudyRow> rows)
    {
        string[] names = [.. rows.Take(NamesAtMost).Select(static row => row.Counts.Policy)];
        if (rows.Count > NamesAtMost) return $"{string.Join(", ", names)} and {Figures.Count(rows.Count - NamesAtMost)} more";
        return names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} and {names[^1]}";
    }
}
