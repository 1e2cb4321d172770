using System;
using System.Collections.Generic;
using System.IO;
using FastRmp.Benchmarks.Commands;
using FastRmp.Benchmarks.Gating;
using FastRmp.Benchmarks.Native;
using FastRmp.Benchmarks.Releases;

namespace FastRmp.Benchmarks;

/// <summary>The command <c>history</c>: draws the ratios of all releases, or adds a release's.</summary>
internal static class HistoryCommand
{
    private static string FilePath => Path.GetFullPath(Path.Combine(BuildFacts.ProjectFolder, "../history.jsonl"));

    /// <summary>Draws, or adds.</summary>
    /// <param name="arguments">The options.</param>
    /// <returns>0 if done, 1 if this processor has no recorded ratios to add.</returns>
    /// <exception cref="FormatException">An option or a line of the file is wrong.</exception>
    internal static int Run(string[] arguments)
    {
        Options options = Options.Parse(arguments, [], ["--add"], mostWords: 1);
        List<ReleaseRow> rows = ReleaseHistory.Parse(File.Exists(FilePath) ? File.ReadAllText(FilePath) : string.Empty);
        if (options.Value("--add") is { } version) return Add(rows, version);
        string svg = HistoryDrawing.Svg(rows, Operation.All);
        if (options.Words is [string file])
        {
            File.WriteAllText(file, svg);
        }
        else
        {
            Console.Write(svg);
        }

        return 0;
    }

    private static int Add(List<ReleaseRow> rows, string version)
    {
        Machine machine = Machine.Current;
        BaselineEntry? recorded = GateCommand.Load().Entries.Find(
            entry => entry.Cpu == machine.Cpu && entry.VectorBits == machine.VectorBits);
        if (recorded is null)
        {
            Console.Error.WriteLine(
                $"benchmarks: nothing is recorded on {machine.Cpu}, {machine.VectorBits} bits: run gate --record first");
            return 1;
        }

        File.WriteAllText(FilePath, ReleaseHistory.Format(ReleaseHistory.With(rows, version, recorded)));
        Console.WriteLine($"{recorded.Rows.Count} ratios of {recorded.Date} are the row of {version}, {machine.Cpu}.");
        return 0;
    }
}
