using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using FastRmp.Benchmarks.Gating;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks;

/// <summary>Runs operations in one BenchmarkDotNet session, which builds once, and reads its reports.</summary>
internal static class Runner
{
    /// <summary>Measures.</summary>
    /// <param name="operations">What to measure.</param>
    /// <param name="rows">Which rows of each.</param>
    /// <param name="name">The folder of the run below the results; emptied first, so that no old report can stand in for a missing
    /// one.</param>
    internal static Report Run(IReadOnlyCollection<Operation> operations, Func<Operation, IEnumerable<string>> rows, string name)
    {
        string folder = Path.Combine(BuildFacts.ResultsFolder, name);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        ManualConfig config = Settings.Create(NullLogger.Instance).WithArtifactsPath(folder);
        string[] filters = [.. operations.SelectMany(rows)];
        _ = BenchmarkSwitcher.FromAssembly(typeof(Runner).Assembly).Run(["--filter", .. filters], config);
        Report report = new();
        string results = Path.Combine(folder, "results");
        string[] files = Directory.Exists(results) ? Directory.GetFiles(results, "*-report-full-compressed.json") : [];
        foreach (string file in files.Order())
        {
            report.Add(File.ReadAllText(file));
        }

        return report;
    }
}
