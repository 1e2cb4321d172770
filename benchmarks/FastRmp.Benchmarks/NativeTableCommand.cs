using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using FastRmp.Benchmarks.Gating;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks;

/// <summary>The command <c>table native</c>: what calls of libfastrmp take beside the same algorithm in C, by a C program
/// (<c>benchmarks/native/abi</c>), with the aim of each row and the bound that the gate holds it to.</summary>
/// <remarks>The library is the published one: the folder that FASTRMP_NATIVE names, or else one published for the occasion.</remarks>
internal static class NativeTableCommand
{
    private const string Variable = "FASTRMP_NATIVE";
    private const int Runs = 3;
    private const int FurtherAttempts = 3; // as the gate's
    private const double MostMillisecondsToFirstAnswer = 10;

    private static readonly string[] Starting = ["start", "set-up", "first call"];

    /// <summary>The ratio that each row is meant to have on an idle machine; what has none is for comparison.</summary>
    private static readonly Dictionary<string, double> Aims = new(StringComparer.Ordinal)
    {
        ["RMPUPDATE, assign and release"] = 1.5,
        ["RMPUPDATE of 2 MiB, assign and release"] = 1.5,
        ["PVALIDATE, validate and rescind"] = 1.5,
        ["walk, kernel read"] = 1.8,
        ["walk, kernel write, RMP check"] = 1.8,
        ["nested walk, guest write"] = 1.8,
        ["nested walk, guest write, RMP checks"] = 1.8,
        ["IOMMU walk, device write"] = 1.8,
        ["IOMMU walk, device write, RMP check"] = 1.8,
        ["arrays of 64 walks, 256 MiB of page tables"] = 1.15,
        ["arrays of 64 host checks"] = 1.15,
        ["host check in the header"] = 1.3,
    };

    /// <summary>Measures and prints; if a bound is exceeded, up to three times more.</summary>
    /// <returns>0 if every bound holds, else 1.</returns>
    internal static int Run()
    {
        string folder = Folder();
        string program = Compile(folder);
        for (int attempt = 0; attempt < FurtherAttempts; attempt++)
        {
            if (Print(Measure(program, folder))) return 0;
            Console.WriteLine("Once more.");
        }

        return Print(Measure(program, folder)) ? 0 : 1;
    }

    /// <summary>Measures, writes the ratios into baseline.json as those of this machine, and prints.</summary>
    /// <returns>0 if done, else 1.</returns>
    internal static int Record()
    {
        string folder = Folder();
        Dictionary<string, List<(double Library, double C)>> rows = Measure(Compile(folder), folder);
        SortedDictionary<string, double> calls = new(StringComparer.Ordinal);
        foreach ((string name, List<(double Library, double C)> measured) in rows.Where(row => Aims.ContainsKey(row.Key)))
        {
            (double library, double c) = Median(measured);
            calls[name] = Math.Round(library / c, 3);
        }

        File.WriteAllText(GateCommand.BaselinePath, GateCommand.Load().WithCalls(Machine.Current, calls).Format());
        return Print(rows) ? 0 : 1;
    }

    private static Dictionary<string, List<(double Library, double C)>> Measure(string program, string folder)
    {
        Dictionary<string, List<(double Library, double C)>> rows = new(StringComparer.Ordinal);
        for (int i = 0; i < Runs; i++)
        {
            foreach (string line in Execute(program, folder).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                string[] parts = line.Split('\t');
                (double Library, double C) measured =
                    (double.Parse(parts[1], CultureInfo.InvariantCulture), double.Parse(parts[2], CultureInfo.InvariantCulture));
                if (!rows.TryGetValue(parts[0], out List<(double Library, double C)>? row)) rows[parts[0]] = row = [];
                row.Add(measured);
            }
        }

        return rows;
    }

    private static bool Print(Dictionary<string, List<(double Library, double C)>> rows)
    {
        Console.WriteLine($"libfastrmp, C by {NativeBaselines.Compiler} with `-O3 -march=native`, the median of {Runs} runs.");
        Console.WriteLine();
        Console.WriteLine("| call | libfastrmp | C | libfastrmp / C | aim | bound |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        Baseline baseline = GateCommand.Load();
        bool holds = true;
        foreach ((string name, List<(double Library, double C)> measured) in rows.Where(row => !Starting.Contains(row.Key)))
        {
            (double library, double c) = Median(measured);
            double ratio = library / c;
            double? bound = baseline.BoundOfCall(Machine.Current, name);
            bool isAimed = Aims.TryGetValue(name, out double aim);
            bool isExceeded = isAimed && !(ratio <= bound);
            holds &= !isExceeded;
            string aimed = !isAimed ? "-" : Text(aim) + (ratio > aim ? " missed" : "");
            string allowed = !isAimed ? "-" : (bound is double most ? Text(most) : "not recorded") + (isExceeded ? " exceeded" : "");
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture, $"| {name} | {library:F1} ns | {c:F1} ns | {ratio:F2} | {aimed} | {allowed} |"));
        }

        double first = Starting.Sum(name => rows[name].Min(static pair => pair.Library));
        bool isQuick = first <= MostMillisecondsToFirstAnswer;
        string limit = string.Create(
            CultureInfo.InvariantCulture, $"{MostMillisecondsToFirstAnswer:F0} ms{(isQuick ? "" : " exceeded")}");
        string row = string.Create(CultureInfo.InvariantCulture, $"| {first:F1} ms | | | {limit} | {limit} |");
        Console.WriteLine($"| start, a table, and the first answer {row}");
        Console.WriteLine();
        Console.WriteLine(holds && isQuick ? "Every bound holds." : "A bound is exceeded.");
        return holds && isQuick;
    }

    private static (double Library, double C) Median(List<(double Library, double C)> measured) =>
        measured.OrderBy(static pair => pair.Library / pair.C).ElementAt(measured.Count / 2);

    private static string Text(double ratio) => ratio.ToString("F2", CultureInfo.InvariantCulture);

    private static string Folder() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? Path.GetFullPath(named) : Publish();

    private static string Publish()
    {
        string project = Path.GetFullPath(Path.Combine(BuildFacts.ProjectFolder, "../../src/FastRmp.Native"));
        string folder = Path.Combine(BuildFacts.ResultsFolder, "libfastrmp");
        _ = Execute("dotnet", folder: null, "publish", project, "-c", "Release", "-r", "linux-x64", "-o", folder, "--nologo", "-v", "q");
        return folder;
    }

    private static string Compile(string folder)
    {
        string sources = Path.GetFullPath(Path.Combine(BuildFacts.ProjectFolder, "../native/abi"));
        string program = Path.Combine(BuildFacts.ResultsFolder, "abi");
        Directory.CreateDirectory(BuildFacts.ResultsFolder);
        _ = Execute(
            "cc", folder: null, "-O3", "-march=native", "-std=c11", "-Wall", "-Wextra", "-Werror", $"-I{folder}",
            Path.Combine(sources, "abi.c"), Path.Combine(sources, "guests.c"), "-o", program, $"-L{folder}", "-lfastrmp");
        return program;
    }

    private static string Execute(string program, string? folder, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true };
        if (folder is not null) start.Environment["LD_LIBRARY_PATH"] = folder;
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{output}");
    }
}
