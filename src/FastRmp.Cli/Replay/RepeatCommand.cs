using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using FastRmp.Images;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Replay;

/// <summary>The command line that makes a report again, and its options in words.</summary>
internal static class RepeatCommand
{
    private const string ReportName = "report.html"; // wherever this one went: the page does not depend on its own name
    private const string NoExponent = "0.####################";
    private const string Plain = "_@%+=:,./-";

    /// <summary>The command line, quoted for a shell; what has its default is left out.</summary>
    internal static string Line(ReplayRequest request)
    {
        StringBuilder text = new("fastrmp replay");
        foreach (string trace in request.Traces)
        {
            text.Append(CultureInfo.InvariantCulture, $" {Quoted(trace)}");
        }

        if (request.Iomem is not null) Add(text, "--iomem", request.Iomem);
        if (!IsAll(request))
        {
            foreach (string name in Policies(request))
            {
                Add(text, "--policy", name);
            }
        }

        if (request.Options.GuestPattern != ReplayOptions.DefaultGuestPattern) Add(text, "--guest-comm", request.Options.GuestPattern);
        if (!request.Options.LargeEntries) Add(text, "--rmp", ReplayCommand.SmallSizes);
        StudyCosts defaults = new();
        if (request.Costs.Cpus != defaults.Cpus) Add(text, "--cpus", request.Costs.Cpus.ToString(CultureInfo.InvariantCulture));
        if (request.Costs.Tlb != defaults.Tlb) Add(text, "--tlb", request.Costs.Tlb.Name);
        foreach ((string key, _) in StudyCosts.Keys)
        {
            double value = request.Costs.Value(key);
            if (value != defaults.Value(key)) Add(text, "--cost", $"{key}={value.ToString(NoExponent, CultureInfo.InvariantCulture)}");
        }

        foreach ((string name, string value) in Models(request))
        {
            Add(text, name, value);
        }

        Add(text, "--report", ReportName);
        return text.ToString();
    }

    /// <summary>The command line of a sweep, whose plan has all the rest.</summary>
    internal static string Sweep(string plan) => $"fastrmp replay --sweep {Quoted(plan)} --report {ReportName}";

    /// <summary>Every option that changes the result, whether it was given or not.</summary>
    internal static IReadOnlyList<(string Name, string Value)> Options(ReplayRequest request) =>
    [
        ("--policy", IsAll(request) ? "all" : string.Join(", ", Policies(request))),
        ("--iomem", request.Iomem ?? DefaultMemory(request)),
        ("--guest-comm", request.Options.GuestPattern),
        ("--rmp", request.Options.LargeEntries ? ReplayCommand.AutoSizes : ReplayCommand.SmallSizes),
        ("--cpus", request.Costs.Cpus.ToString(CultureInfo.InvariantCulture)),
        ("--tlb", request.Costs.Tlb.Name),
        .. Models(request),
    ];

    private static string DefaultMemory(ReplayRequest request)
    {
        if (request.Generator is not null) return "none: one range from 0";
        return request.Traces.Count == 0 ? Sample.IomemName : "none: RAM from 0 to the highest page of the trace";
    }

    // A model's seed belongs to it.
    private static IEnumerable<(string Name, string Value)> Models(ReplayRequest request)
    {
        if (request.Generator is { } generator) yield return ("--generate", generator.Text);
        if (request.Conversions is { } conversions) yield return ("--convert", conversions.Name);
        ulong? seed = request.Generator?.Seed ?? request.Conversions?.Seed;
        if (seed is not null) yield return ("--seed", seed.Value.ToString(CultureInfo.InvariantCulture));
    }

    private static bool IsAll(ReplayRequest request) => request.ShowsOptimum && request.Policies.Count == MapPolicies.All.Length;

    private static IEnumerable<string> Policies(ReplayRequest request)
    {
        IEnumerable<string> names = request.Policies.Select(static one => one.Name);
        return request.ShowsOptimum ? names.Append(ReplayTable.OptimumName) : names;
    }

    private static void Add(StringBuilder text, string option, string value) =>
        text.Append(CultureInfo.InvariantCulture, $" {option} {Quoted(value)}");

    private static string Quoted(string word) =>
        word.Length != 0 && word.All(static one => char.IsAsciiLetterOrDigit(one) || Plain.Contains(one, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
