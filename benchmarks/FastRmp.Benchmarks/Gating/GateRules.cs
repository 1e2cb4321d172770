using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace FastRmp.Benchmarks.Gating;

/// <summary>The gate's rules, as functions of a report and the recorded ratios.</summary>
internal static class GateRules
{
    /// <summary>Judges every gating operation.</summary>
    /// <param name="operations">The operations; those that do not gate are passed over.</param>
    /// <param name="report">What was measured.</param>
    /// <param name="baseline">What is recorded.</param>
    /// <param name="machine">Where it was measured.</param>
    internal static List<GateResult> Evaluate(IEnumerable<Operation> operations, Report report, Baseline baseline, Machine machine)
    {
        List<GateResult> results = [];
        foreach (Operation operation in operations.Where(static operation => operation.Gates))
        {
            BaselineRow? recorded = baseline.Find(machine, operation.RecordedName, out double factor)?.Rows[operation.RecordedName];
            double? ratio = report.QuietRatio(operation);
            double? bound = recorded?.Ratio * factor;
            long? bytes = report[operation.Measured].Bytes;
            results.Add(new GateResult(operation, ratio, bound, bytes, Failure(operation, report, ratio, bound, bytes)));
        }

        return results;
    }

    /// <summary>The entry to record: of several runs each row's median ratio and highest number of bytes.</summary>
    /// <param name="operations">The operations.</param>
    /// <param name="runs">At least one run; every gating row must be in each.</param>
    /// <param name="machine">Where they were measured.</param>
    internal static SortedDictionary<string, BaselineRow> Record(
        IEnumerable<Operation> operations, IReadOnlyList<Report> runs, Machine machine)
    {
        SortedDictionary<string, BaselineRow> rows = new(System.StringComparer.Ordinal);
        foreach (Operation operation in operations.Where(static operation => operation.Gates))
        {
            double[] ratios = [.. runs.Select(
                run =>
                    run.Ratio(operation) ?? throw new System.InvalidOperationException(
                        $"{operation.Name} was not measured on {machine.Cpu}.")).Order()];
            long bytes = runs.Max(run => run[operation.Measured].Bytes ?? long.MaxValue);
            rows[operation.Name] = new BaselineRow(System.Math.Round(ratios[ratios.Length / 2], 3), bytes);
        }

        return rows;
    }

    private static string? Failure(Operation operation, Report report, double? ratio, double? bound, long? bytes)
    {
        string? missing = operation.GatingRows().FirstOrDefault(row => report[row].Median is null);
        if (missing is not null) return $"{missing} was not measured";
        if (bytes is null) return "allocation was not measured";
        if (bytes != 0) return $"allocates {bytes} bytes";
        if (bound is null) return "no ratio is recorded";
        return ratio > bound ? string.Create(CultureInfo.InvariantCulture, $"ratio {ratio:F2} is above {bound:F2}") : null;
    }
}
