using System;
using System.Collections.Generic;
using System.Text.Json.Serialization;
using FastRmp.Images;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Replay;

/// <summary>One policy's result. Modelled numbers are in <c>modelled_ns</c> and <c>of_optimum</c> only; what is null is not
/// known.</summary>
internal sealed record PolicyReport(
    [property: JsonPropertyName("counts")] CountsReport Counts,
    [property: JsonPropertyName("direct_map_start")] LeavesReport Start,
    [property: JsonPropertyName("direct_map_end")] LeavesReport End,
    [property: JsonPropertyName("peak_4k"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Peak4K,
    [property: JsonPropertyName("flushes")] FlushesReport Flushes,
    [property: JsonPropertyName("table_pages"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] TablesReport? Tables,
    [property: JsonPropertyName("tlb"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] TlbReport? Tlb,
    [property: JsonPropertyName("advised_blocks"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? AdvisedBlocks,
    [property: JsonPropertyName("modelled_ns")] ModelledReport Modelled,
    [property: JsonPropertyName("of_optimum"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? OfOptimum)
{
    private const int Digits = 4;

    internal static IReadOnlyDictionary<string, PolicyReport> All(StudyResult study, bool showsOptimum)
    {
        Dictionary<string, PolicyReport> policies = new(study.Rows.Count + 1);
        foreach (StudyRow row in study.Rows)
        {
            policies.Add(row.Counts.Policy, From(study, row));
        }

        if (showsOptimum) policies.Add(ReplayTable.OptimumName, Best(study));
        return policies;
    }

    private static PolicyReport From(StudyResult study, StudyRow row) => new(
        CountsReport.From(row.Counts.Counts),
        LeavesReport.From(row.Counts.Start),
        LeavesReport.From(row.Counts.End),
        row.Counts.Peak4K,
        new FlushesReport(row.GlobalFlushes, row.RangedFlushes),
        new TablesReport(row.PeakTables, Math.Round(row.MeanTables, Digits), row.EndTables),
        new TlbReport(row.Walks, row.ExtraWalks),
        row.AdvisedBlocks,
        ModelledReport.From(row.Cost),
        study.Ratio(row) is { } ratio ? Math.Round(ratio, Digits) : null);

    private static PolicyReport Best(StudyResult study)
    {
        ReplayResult best = study.OptimumCounts;
        return new PolicyReport(
            CountsReport.From(best.Counts), LeavesReport.From(best.Start), LeavesReport.From(best.End), null,
            new FlushesReport(study.Optimum.Splits2M, 0), null, null, null,
            new ModelledReport(null, null, null, null, null, Math.Round(study.Optimum.Nanoseconds)), 1);
    }
}
