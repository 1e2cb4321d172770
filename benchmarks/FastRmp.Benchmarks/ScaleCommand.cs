using System;
using System.Collections.Generic;
using FastRmp.Benchmarks.Commands;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;
using FastRmp.Benchmarks.Scaling;

namespace FastRmp.Benchmarks;

/// <summary>The command <c>scale</c>: RMPUPDATE by one, two, four and more threads at once, beside C with the same protocol by as many
/// threads.</summary>
/// <remarks>The library and C take turns in this process; the figures are the medians of all turns.</remarks>
internal static class ScaleCommand
{
    private const int MostThreads = 1024;
    private const int Rounds = 9;
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(300); // compiled for good meanwhile

    /// <summary>Measures and prints.</summary>
    /// <param name="arguments">The options.</param>
    /// <returns>0; the table says which aims were missed.</returns>
    /// <exception cref="FormatException">An option is wrong.</exception>
    internal static int Run(string[] arguments)
    {
        Options options = Options.Parse(arguments, ["--quick"], ["--threads"]);
        bool isQuick = options.Has("--quick");
        Processors processors = Processors.Current;
        int most = options.Number("--threads", 1, MostThreads) ?? processors.Logical;
        Console.WriteLine(
            $"{Gating.Machine.Current.Cpu}, {processors}; C by {NativeBaselines.Compiler} with `-O3 -march=native`. Fairness: the slowest thread's rate by the fastest one's.");
        Console.WriteLine();
        List<ScaleRow> rows = [];
        foreach (ScaleKind kind in ScaleKind.All)
        {
            foreach (int threads in Processors.ThreadCounts(most))
            {
                rows.Add(Measure(kind, threads, isQuick ? 3 : Rounds, isQuick ? Round / 10 : Round));
            }
        }

        Console.Write(ScaleTable.Markdown(rows, processors));
        return 0;
    }

    private static ScaleRow Measure(ScaleKind kind, int threads, int rounds, TimeSpan round)
    {
        using ScaleWorkload work = new(kind, threads);
        List<ScaleFigures> measured = [];
        List<ScaleFigures> compared = [];
        _ = work.Run(isNative: false, WarmUp);
        _ = work.Run(isNative: true, round);
        for (int i = 0; i < rounds; i++)
        {
            measured.Add(work.Run(isNative: false, round));
            compared.Add(work.Run(isNative: true, round));
        }

        return new ScaleRow(kind, threads, ScaleFigures.Median(measured), ScaleFigures.Median(compared));
    }
}
