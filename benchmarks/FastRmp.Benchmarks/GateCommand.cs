using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using FastRmp.Benchmarks.Gating;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks;

/// <summary>The commands <c>gate</c>, <c>gate --record [PART-OF-NAMES]…</c>, <c>gate --planted</c>, <c>table</c>.</summary>
internal static class GateCommand
{
    private const int RecordedRuns = 3;

    // Each in new processes: where the stack begins gives some rows one of two speeds for a process's life. What is slower is so in all.
    private const int FurtherAttempts = 3;

    internal static string BaselinePath => Path.Combine(BuildFacts.ProjectFolder, "baseline.json");

    /// <summary>Measures the gating rows and compares them with baseline.json; what fails is measured up to three times
    /// more.</summary>
    /// <returns>0 if every row holds, else 1.</returns>
    internal static int Check()
    {
        Machine machine = Machine.Current;
        Baseline baseline = Load();
        Operation[] gating = [.. Operation.Gating(Operation.All, baseline)];
        Console.WriteLine(
            $"Measuring {gating.Sum(static operation => operation.GatingRows().Count())} rows on {machine.Cpu}, {machine.VectorBits}-bit vectors; C by {NativeBaselines.Compiler}.");
        Console.WriteLine(Bounds(gating, baseline, machine));
        foreach (Operation operation in Operation.All.Where(static operation => operation.Gates).Except(gating))
        {
            Console.WriteLine($"Not measured before gate --record: {operation.Name}.");
        }

        Report report = Measure(gating, "gate");
        List<GateResult> results = GateRules.Evaluate(gating, report, baseline, machine);
        for (int attempt = 1; attempt <= FurtherAttempts; attempt++)
        {
            Operation[] failed = [.. results.Where(static result => result.Failure is not null).Select(static result => result.Operation)];
            if (failed.Length == 0) break;
            Console.Write(Tables.Gate(results));
            Console.WriteLine($"Once more: {string.Join(", ", failed.Select(static operation => operation.Name))}.");
            report.Replace(Measure(failed, "gate-again"));
            results = GateRules.Evaluate(gating, report, baseline, machine);
        }

        Console.Write(Tables.Gate(results));
        bool holds = results.TrueForAll(static result => result.Failure is null);
        Console.WriteLine(holds ? "The gate holds." : $"The gate fails; BenchmarkDotNet's logs are below {BuildFacts.ResultsFolder}.");
        return holds ? 0 : 1;
    }

    /// <summary>Measures several times and writes the medians of the ratios into baseline.json as the entry of this machine, or as rows of
    /// it.</summary>
    /// <param name="parts">Parts of the names of the rows; none for all.</param>
    /// <returns>0 if done, else 1.</returns>
    /// <exception cref="FormatException">No row has one of them in its name.</exception>
    internal static int Record(IReadOnlyCollection<string> parts)
    {
        Machine machine = Machine.Current;
        List<Operation> gating = Operation.Named(Operation.All.Where(static operation => operation.Gates), parts);
        List<Report> runs = [];
        for (int i = 0; i < RecordedRuns; i++)
        {
            runs.Add(Measure(gating, $"record-{i}"));
            Console.WriteLine($"Run {i + 1} of {RecordedRuns} done.");
        }

        BaselineEntry entry = new()
        {
            Cpu = machine.Cpu,
            VectorBits = machine.VectorBits,
            Processor = runs[0].Processor,
            Runtime = runs[0].Runtime,
            Compiler = NativeBaselines.Compiler,
            Date = Today,
            Commit = Commit(),
            Rows = GateRules.Record(gating, runs, machine),
        };
        Baseline baseline = parts.Count == 0 ? Load().With(entry) : Load().WithRows(entry);
        File.WriteAllText(BaselinePath, baseline.Format());
        List<GateResult> results = GateRules.Evaluate(gating, runs[0], baseline, machine);
        Console.Write(Tables.Gate(results));
        return results.TrueForAll(static result => result.Failure is null) ? 0 : 1;
    }

    /// <summary>Measures a row of the gate as it is and with a slowdown planted in it, and judges both by the row's recorded
    /// ratio.</summary>
    /// <returns>0 if the first holds and the second fails, else 1.</returns>
    internal static int Planted()
    {
        Operation row = Operation.All.Single(static operation => operation.Class == nameof(RmpUpdate4K));
        Operation planted = row with { Class = nameof(PlantedSlowdown), RecordedAs = row.Name };
        Report report = Measure([row, planted], "gate-planted");
        List<GateResult> results = GateRules.Evaluate([row, planted], report, Load(), Machine.Current);
        Console.Write(Tables.Gate(results));
        bool isNoticed = results[0].Failure is null && results[1].Ratio > results[1].Bound;
        Console.WriteLine(isNoticed ? "The planted slowdown is noticed." : "The gate does not tell the row from its planted slowdown.");
        return isNoticed ? 0 : 1;
    }

    /// <summary>Measures everything and prints the table of docs/speed.md.</summary>
    /// <returns>0 if every row was measured, else 1.</returns>
    internal static int Table()
    {
        Report report = Runner.Run([.. Operation.All], static operation => operation.Rows(), "table");
        Console.Write(Tables.Markdown(Operation.All, report, NativeBaselines.Compiler, Today));
        return Operation.All.All(operation => operation.Rows().All(row => report[row].Median is not null)) ? 0 : 1;
    }

    /// <summary>Whose ratios bound the rows, one line an entry and factor.</summary>
    private static string Bounds(Operation[] operations, Baseline baseline, Machine machine)
    {
        SortedDictionary<string, int> counts = new(StringComparer.Ordinal);
        foreach (Operation operation in operations)
        {
            BaselineEntry? entry = baseline.Find(machine, operation.Name, out double factor);
            string line = entry is null
                ? "not recorded: run gate --record"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"the ratios of {entry.Cpu}, {entry.VectorBits}-bit vectors, {entry.Date}, times {factor}");
            counts[line] = counts.GetValueOrDefault(line) + 1;
        }

        return string.Join(Environment.NewLine, counts.Select(static pair => $"Bounds of {pair.Value} operations: {pair.Key}."));
    }

    private static Report Measure(IReadOnlyCollection<Operation> operations, string name) =>
        Runner.Run(operations, static operation => operation.GatingRows(), name);

    private static string Today => DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    internal static Baseline Load() =>
        File.Exists(BaselinePath) ? Baseline.Parse(File.ReadAllText(BaselinePath)) : new Baseline { Entries = [] };

    private static string Commit()
    {
        ProcessStartInfo git = new("git", ["describe", "--always", "--dirty", "--abbrev=12"])
        {
            WorkingDirectory = BuildFacts.ProjectFolder,
            RedirectStandardOutput = true,
        };
        using Process? process = Process.Start(git);
        return process?.StandardOutput.ReadToEnd().Trim() ?? string.Empty;
    }
}
