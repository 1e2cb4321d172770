using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Reflection;
using FastRmp.Generators;
using FastRmp.Guarantee.Tests.Probes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace FastRmp.Guarantee.Tests.Mutants;

/// <summary>
/// Compiles the library in memory, as it is or with a mutation, and runs the simulation, the comparison with the reference or a stress run
/// on it.
/// </summary>
/// <remarks>
/// In three assemblies, as the library's own layers allow it: what the rules stand on, and what looks for broken rules, are compiled once.
/// Of the rules' files only those that a mutant changes are parsed again. For schedules the rules are compiled over other classes for
/// accesses to memory, as FastRmp.Schedules.Tests does.
/// </remarks>
internal sealed class MutantRunner
{
    private const string FoundationName = "FastRmp.Foundation";
    private const string RulesName = "FastRmp.Rules";
    private const string ProbeName = "FastRmp.Probe";
    private const long ScheduleTurns = 1_000_000_000;

    private readonly Dictionary<string, string> _sources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SyntaxTree> _trees = new(StringComparer.Ordinal);
    private readonly CSharpCompilation _rules;
    private readonly byte[] _foundation;
    private readonly byte[] _probe;
    private readonly Lazy<(CSharpCompilation Rules, byte[] Probe)> _scheduled;

    public MutantRunner()
    {
        _foundation = Compiler.Emit(Foundation());
        foreach ((string file, string source) in Compiler.Sources("rules/"))
        {
            _sources.Add(file, source);
            _trees.Add(file, Parse(file, source));
        }

        _rules = Compiler.Compile(RulesName, _trees.Values, _foundation);
        _probe = EmitProbe(_rules, "probe/");
        _scheduled = new(Scheduled);
    }

    /// <summary>Runs a probe on the library as it is.</summary>
    /// <returns>What was noticed, or null.</returns>
    public string? Run(DetectedBy probe) => Run(RulesOf(probe), probe);

    /// <summary>Runs the probe that has to notice a mutant on it.</summary>
    /// <returns>What was noticed, or null.</returns>
    public string? Run(Mutant mutant)
    {
        CSharpCompilation broken = RulesOf(mutant.DetectedBy);
        foreach (IGrouping<string, Edit> file in mutant.Edits.GroupBy(static edit => edit.File, StringComparer.Ordinal))
        {
            if (!_sources.TryGetValue(file.Key, out string? source))
            {
                throw new InvalidOperationException($"{mutant.Name}: there is no file {file.Key}.");
            }

            foreach (Edit edit in file) source = Apply(mutant, edit, source);
            broken = broken.ReplaceSyntaxTree(_trees[file.Key], Parse(file.Key, source));
        }

        return Run(broken, mutant.DetectedBy);
    }

    private static string Apply(Mutant mutant, Edit edit, string source)
    {
        int at = source.IndexOf(edit.Snippet, StringComparison.Ordinal);
        if (at < 0 || source.IndexOf(edit.Snippet, at + 1, StringComparison.Ordinal) >= 0)
        {
            throw new InvalidOperationException($"{mutant.Name}: {edit.File} has to hold this exactly once: {edit.Snippet}");
        }

        return source[..at] + edit.Replacement + source[(at + edit.Snippet.Length)..];
    }

    private string? Run(CSharpCompilation rules, DetectedBy probe)
    {
        MutantContext context = new(new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            [FoundationName] = _foundation,
            [RulesName] = Compiler.Emit(rules),
            [ProbeName] = IsScheduled(probe) ? _scheduled.Value.Probe : _probe,
        });
        try
        {
            (string type, string method) = probe switch
            {
                DetectedBy.Simulation => (typeof(Probe).FullName!, nameof(Probe.Simulate)),
                DetectedBy.Reference => (typeof(Probe).FullName!, nameof(Probe.Compare)),
                DetectedBy.StressRun => (typeof(Probe).FullName!, nameof(Probe.Watch)),
                DetectedBy.CacheSchedules => ("FastRmp.Schedules.Tests.StaleVerdicts", "Explore"),
                DetectedBy.CountSchedules => ("FastRmp.Schedules.Tests.PlainCounts", "Explore"),
                _ => ("FastRmp.Schedules.Tests.OverwrittenLocks", "Explore"),
            };
            // The other probes grant it to themselves.
            Assembly foundation = context.LoadFromAssemblyName(new AssemblyName(FoundationName));
            Type budget = foundation.GetType(typeof(LoopBudget).FullName!, throwOnError: true)!;
            budget.GetMethod(nameof(LoopBudget.Grant))!.Invoke(null, [ScheduleTurns]);
            Assembly assembly = context.LoadFromAssemblyName(new AssemblyName(ProbeName));
            return (string?)assembly.GetType(type, throwOnError: true)!.GetMethod(method)!.Invoke(null, null);
        }
        finally
        {
            context.Unload();
        }
    }

    private CSharpCompilation RulesOf(DetectedBy probe) => IsScheduled(probe) ? _scheduled.Value.Rules : _rules;

    private static bool IsScheduled(DetectedBy probe) =>
        probe is DetectedBy.Schedules or DetectedBy.CacheSchedules or DetectedBy.CountSchedules;

    /// <summary>The rules over accesses that the schedules decide, and what runs them.</summary>
    private (CSharpCompilation Rules, byte[] Probe) Scheduled()
    {
        const string Friends = $"[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"{ProbeName}\")]";
        const string Replaced = "RegionEntries.cs";
        IEnumerable<SyntaxTree> shadows = Compiler.Sources("scheduled/").Select(static file => Compiler.Parse(file.Key, file.Value));
        IEnumerable<SyntaxTree> kept = _trees.Where(static file => !file.Key.EndsWith(Replaced, StringComparison.Ordinal))
            .Select(static file => file.Value);
        CSharpCompilation rules = Compiler.Compile(
            RulesName, kept.Concat(shadows).Append(Compiler.Parse("Friends.cs", Friends)), _foundation);
        return (rules, EmitProbe(rules, "schedules/"));
    }

    private byte[] EmitProbe(CSharpCompilation rules, string prefix)
    {
        IEnumerable<SyntaxTree> probe = Compiler.Sources("models/").Concat(Compiler.Sources(prefix))
            .Select(static file => Compiler.Parse(file.Key, file.Value))
            .Append(Compiler.Parse("Usings.cs", "global using static FastRmp.Tests.Support.Addresses;")); // as in this project's file
        return Compiler.Emit(Compiler.Compile(ProbeName, probe, _foundation, Compiler.Emit(rules)));
    }

    private static SyntaxTree Parse(string file, string source)
    {
        SyntaxTree tree = Compiler.Parse(file, source);
        return tree.WithRootAndOptions(new LoopCounter().Visit(tree.GetRoot()), Compiler.ParseOptions);
    }

    /// <summary>What the rules stand on, with what the generator makes of the layouts.</summary>
    private static Compilation Foundation()
    {
        const string Friends = $"""
            [assembly: System.Runtime.CompilerServices.InternalsVisibleTo("{RulesName}")]
            [assembly: System.Runtime.CompilerServices.InternalsVisibleTo("{ProbeName}")]
            """;
        IEnumerable<SyntaxTree> sources = Compiler.Sources("foundation/").Select(static file => Compiler.Parse(file.Key, file.Value));
        CSharpCompilation written = Compiler.Compile(FoundationName, sources.Append(Compiler.Parse("Friends.cs", Friends)));
        CSharpGeneratorDriver.Create([new LayoutGenerator().AsSourceGenerator()], parseOptions: Compiler.ParseOptions)
            .RunGeneratorsAndUpdateCompilation(written, out Compilation whole, out ImmutableArray<Diagnostic> diagnostics);
        return diagnostics.IsEmpty ? whole : throw new InvalidOperationException(diagnostics[0].ToString());
    }
}
