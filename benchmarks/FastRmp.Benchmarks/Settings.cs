using System;
using System.Collections;
using System.Collections.Generic;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using FastRmp.Benchmarks.Native;
using Perfolizer.Horology;

namespace FastRmp.Benchmarks;

/// <summary>How every row is measured: out of process, for ratios that hold on a shared machine.</summary>
internal static class Settings
{
    /// <summary>What holds the JIT down to narrower vectors, by DOTNET_EnableAVX2=0 and the like: for what is measured, not for the
    /// compiler that BenchmarkDotNet starts in between, which takes several times as long without.</summary>
    private static readonly EnvironmentVariable[] Narrowing = TakeNarrowing();

    /// <summary>One launch, 15 iterations of 100 ms: shorter runs gave ratios
    /// that moved by a third.</summary>
    /// <remarks>Loops are compiled fully at once: code that replaces a running loop halfway made independent walks 1.3 or 2.2 times C, by
    /// chance.</remarks>
    internal static Job Job => Job.Default
        .WithLaunchCount(1)
        .WithWarmupCount(4)
        .WithIterationCount(15)
        .WithIterationTime(TimeInterval.FromMilliseconds(100))
        .WithGcServer(false)
        .WithGcConcurrent(false)
        .WithArguments([new MsBuildArgument("/p:RunAnalyzers=false")]) // it compiles the library again: the build has analysed it
        .WithEnvironmentVariables(
        [
            new EnvironmentVariable("DOTNET_TieredPGO", "0"),
            new EnvironmentVariable("DOTNET_TC_QuickJitForLoops", "0"),
            .. Narrowing,
        ]);

    /// <summary>The settings, with a logger of the caller's choice.</summary>
    internal static ManualConfig Create(ILogger logger) => ManualConfig.CreateEmpty()
        .AddJob(Job)
        .AddLogger(logger)
        .AddColumnProvider(DefaultColumnProviders.Instance)
        .AddExporter(MarkdownExporter.GitHub, JsonExporter.FullCompressed)
        .WithArtifactsPath(BuildFacts.ResultsFolder)
        .WithBuildTimeout(TimeSpan.FromMinutes(10)); // a busy machine took more than the two minutes of BenchmarkDotNet's own

    private static EnvironmentVariable[] TakeNarrowing()
    {
        List<EnvironmentVariable> taken = [];
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            string name = (string)variable.Key;
            if (!name.StartsWith("DOTNET_Enable", StringComparison.Ordinal)) continue;
            taken.Add(new EnvironmentVariable(name, (string)variable.Value!));
            Environment.SetEnvironmentVariable(name, null);
        }

        return [.. taken];
    }
}
