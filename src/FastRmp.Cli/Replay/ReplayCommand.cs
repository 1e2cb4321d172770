using System;
using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Linq;
using System.Text;
using FastRmp.Cli.Replay.Sweeps;
using FastRmp.Cli.Shell;
using FastRmp.Images;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Replay;

/// <summary><c>fastrmp replay</c>: its part of the command line.</summary>
internal static class ReplayCommand
{
    private const string Usage = """
        Examples:
          fastrmp replay
              replays the sample that comes with the tool under all policies
          fastrmp replay trace.txt.gz --iomem iomem.txt --guest-comm 'qemu*'
              replays a trace of your own; record it as root with
              echo 1 > /sys/kernel/tracing/events/kmem/mm_page_alloc/enable (and mm_page_free),
              save /sys/kernel/tracing/trace_pipe while the guests run, and /proc/iomem
          fastrmp replay --policy eager --policy on-demand+rejoin --json
              compares two policies, for programs
          fastrmp replay /sys/kernel/tracing/per_cpu/cpu*/trace
              puts the traces of all processors together by their times
          fastrmp replay --cpus 384 --cost ipi=1200
              the cost on another machine
          fastrmp replay --report report.html
              writes a page to look at and to forward: one file, which fetches nothing
          fastrmp replay --convert linux,io=100 --record trace.gz
              guests that accept memory late and share pages, laid over the sample; writes what was replayed as an RMP trace
          fastrmp replay --generate ram=2T,guests=200,hours=24
              a host that nobody has to record
          fastrmp replay --sweep plan.json --rows rows.jsonl --report sweep.html
              replays traces x parameters, goes on where it was interrupted, and draws the result;
              plan.json: {"traces": ["a.txt.gz", "b.txt.gz"], "cpus": [32, 128], "cost": {"ipi": [400, 800]}}

        A trace may be the text of ftrace (any columns, latency format, function_graph with funcgraph-proc), of trace-cmd report
        or of perf script. Releases: mm_page_free, before Linux 3.3 mm_page_free_direct; mm_page_free_batched where there is
        nothing else. Allocations that failed are counted and allocate no page. A trace of RMP instructions is one file, a line an
        event: rmpupdate spa=5605000 size=4k assigned=1 asid=5 gpa=12345000 immutable=0 -> 0 SUCCESS; its language is in
        docs/rmp-trace.md. It names guests and sizes itself.

        """;

    /// <summary>What stands below the help; the policies and the costs are those that there are.</summary>
    internal static string Examples { get; } = Usage + Policies() + CostKeys() + ModelOptions.Help(NameWidth);

    internal const string SmallSizes = "4k";
    internal const string AutoSizes = "auto";

    /// <summary>Most processors of a host.</summary>
    internal const int MostProcessors = 65_536;

    private const int MostJobs = 1024;
    private const int NameWidth = 15;

    internal static Command Create(Session session)
    {
        Argument<string[]> trace = new("TRACE")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "Text of ftrace with kmem:mm_page_alloc and kmem:mm_page_free, or a trace of RMP instructions (rmpupdate, psmash, ...), plain, gzip or zstd; - reads standard input. Several files, such as those of per_cpu, are put together by their times. Without one the sample is replayed.",
        };
        Option<string[]> policies = new("--policy")
        {
            HelpName = "NAME",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
            Description = "A policy to replay; may be repeated. Default: all.",
            CustomParser = ParsePolicies,
        };
        policies.CompletionSources.Add(MapPolicies.Names);
        Option<string?> iomem = new("--iomem")
        {
            HelpName = "FILE",
            Description = "The machine's /proc/iomem, read as root. Default: RAM from 0 to the highest page of the trace.",
        };
        Option<string> guests = new("--guest-comm")
        {
            HelpName = "GLOB",
            DefaultValueFactory = static _ => ReplayOptions.DefaultGuestPattern,
            Description = "Which tasks are guests: a shell pattern with * ? [] over names without process ids.",
        };
        Option<string> sizes = new("--rmp")
        {
            HelpName = "4k|auto",
            DefaultValueFactory = static _ => AutoSizes,
            Description = "Sizes of RMP entries: auto makes 2M entries of 2M blocks, 4k never does.",
        };
        sizes.CompletionSources.Add(SmallSizes, AutoSizes);
        Option<string[]> costs = new("--cost")
        {
            HelpName = "KEY=NS",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
            Description = "A constant of the modelled cost in nanoseconds; may be repeated.",
        };
        Option<int> processors = new("--cpus")
        {
            HelpName = "N",
            DefaultValueFactory = static _ => new StudyCosts().Cpus,
            Description = "How many processors the host has, all of which a flush interrupts.",
        };
        Option<string> tlb = new("--tlb")
        {
            HelpName = "zen3|zen4|zen5",
            DefaultValueFactory = static _ => new StudyCosts().Tlb.Name,
            Description = "Whose TLBs the model of host accesses has.",
        };
        tlb.CompletionSources.Add(TlbSizes.All.Select(static one => one.Name).ToArray());
        Option<bool> json = new("--json") { Description = "Print one JSON object." };
        Option<string?> report = new("--report")
        {
            HelpName = "OUT.html",
            Description = "Also write the result as one web page: verdict, tables, charts over time, a map of memory.",
        };
        Option<string?> sweep = new("--sweep")
        {
            HelpName = "PLAN",
            Description = "Replay many traces and parameters, as this file describes (docs/sweep.md), and print a line of JSON for each replay.",
        };
        Option<string?> rows = new("--rows")
        {
            HelpName = "FILE",
            Description = "Where the lines of a sweep go. What is there is not done again: after an end of any kind, run it again.",
        };
        Option<int?> task = new("--task")
        {
            HelpName = "N",
            Description = "Only this replay of a sweep, from 0: for batch systems.",
        };
        Option<bool> list = new("--list") { Description = "Print the replays of a sweep, a line of JSON for each, and do none." };
        Option<int?> jobs = new("--jobs")
        {
            HelpName = "N",
            Description = "How many replays of a sweep at the same time. Default: one for each processor.",
        };
        Command command =
            new(
                "replay",
                "Replays a trace of Linux's page allocator, or of RMP instructions, against an SNP host and compares policies for its direct map.")
        {
            trace, policies, iomem, guests, sizes, costs, processors, tlb, json, report, sweep, rows, task, list, jobs,
        };
        ModelOptions models = new(command);
        command.SetAction(parse =>
        {
            if (parse.GetValue(sweep) is { } plan)
            {
                SweepRequest swept = new(
                    plan, parse.GetValue(rows), parse.GetValue(task),
                    parse.GetValue(jobs) ?? Environment.ProcessorCount, parse.GetValue(report), parse.GetValue(list));
                Symbol[] others = [trace, policies, iomem, guests, sizes, costs, processors, tlb, json, .. models.All];
                string? unfit = SweepProblem(swept, parse, others);
                return unfit is null ? SweepRunner.Run(session, swept) : UsageErrors.Refuse(session, command, unfit);
            }

            if (Given(parse, [rows, task, list, jobs]) is { } lonely)
            {
                return UsageErrors.Refuse(session, command, $"{lonely}: needs --sweep");
            }

            string rmp = parse.GetValue(sizes)!;
            StudyCosts constants = new() { Cpus = parse.GetValue(processors) };
            if (CostProblem(parse.GetValue(costs) ?? [], parse.GetValue(tlb)!, ref constants) is { } wrong)
            {
                return UsageErrors.Refuse(session, command, wrong);
            }

            (MapVariant[] chosen, bool showsOptimum) = Chosen(parse.GetValue(policies) ?? []);
            ReplayRequest request = new(
                parse.GetValue(trace) ?? [],
                parse.GetValue(iomem),
                chosen,
                showsOptimum,
                constants,
                new ReplayOptions { GuestPattern = parse.GetValue(guests)!, LargeEntries = rmp == AutoSizes },
                parse.GetValue(json),
                parse.GetValue(report));
            if (models.Read(parse, ref request) is { } refused) return UsageErrors.Refuse(session, command, refused);
            string? problem = Problem(request, rmp);
            return problem is null ? ReplayRunner.Run(session, request) : UsageErrors.Refuse(session, command, problem);
        });
        return command;
    }

    private static string? Problem(ReplayRequest request, string sizes)
    {
        if (sizes is not (SmallSizes or AutoSizes)) return $"--rmp: is {SmallSizes} or {AutoSizes}, not '{sizes}'";
        if (request.Traces.Contains(string.Empty) || request.Iomem is { Length: 0 } || request.Report is { Length: 0 })
        {
            return "a file name is empty";
        }

        if (request.Report == ReplayFiles.StandardInput) return "--report: needs the name of a file";
        if (ModelOptions.Problem(request, FileIdentity.AreSame) is { } wrong) return wrong;
        if (request.Report is { } page && request.Traces.Append(request.Iomem).Any(path => FileIdentity.AreSame(path, page)))
        {
            return $"--report: '{page}' is an input";
        }

        if (request.Traces.Count(static path => path == ReplayFiles.StandardInput) > 1) return "TRACE: standard input is named twice";
        if (request.Iomem is null) return null;
        if (request.Traces.Count == 0) return "--iomem: needs a TRACE; the sample has its own listing";
        return request.Iomem == ReplayFiles.StandardInput && request.Traces.Contains(ReplayFiles.StandardInput)
            ? "TRACE and --iomem cannot both be standard input"
            : null;
    }

    private static string? SweepProblem(SweepRequest request, ParseResult parse, Symbol[] others)
    {
        if (Given(parse, others) is { } other) return $"--sweep: the plan names what is replayed; {other} is not used with it";
        if (request.Plan.Length == 0 || request.Rows is { Length: 0 } || request.Report is { Length: 0 }) return "a file name is empty";
        if (request.Plan == ReplayFiles.StandardInput) return "--sweep: needs the name of a file";
        if (request.Rows == ReplayFiles.StandardInput) return "--rows: needs the name of a file; without it, rows go to standard output";
        if (request.Report == ReplayFiles.StandardInput) return "--report: needs the name of a file";
        if (request.Task < 0) return $"--task: is 0 or more, not {request.Task}";
        if (request.Jobs is < 1 or > MostJobs) return $"--jobs: is 1 to {MostJobs}, not {request.Jobs}";
        if (request.Task is not null && request.Report is not null) return "--report: draws a whole sweep, not one --task";
        if (request.IsListed && (request.Rows ?? request.Report) is not null) return "--list: makes no rows and no report";
        if (request.Rows is { } rows && FileIdentity.AreSame(request.Plan, rows)) return $"--rows: '{rows}' is the plan";
        if (request.Report is { } page && (FileIdentity.AreSame(request.Plan, page) || FileIdentity.AreSame(request.Rows, page)))
        {
            return $"--report: '{page}' is an input";
        }

        return null;
    }

    // The first of these that stands on the command line.
    private static string? Given(ParseResult parse, Symbol[] symbols) => Array.Find(symbols, one => one switch
    {
        Option option => parse.GetResult(option) is { Implicit: false },
        Argument argument => parse.GetResult(argument) is { Tokens.Count: > 0 },
        _ => false,
    })?.Name;

    private static string? CostProblem(string[] changes, string tlb, ref StudyCosts costs)
    {
        if (costs.Cpus is < 1 or > MostProcessors) return $"--cpus: is 1 to {MostProcessors}, not {costs.Cpus}";
        if (TlbSizes.Find(tlb) is not { } sizes)
        {
            return $"--tlb: is {string.Join(" or ", TlbSizes.All.Select(static one => one.Name))}, not '{tlb}'";
        }

        costs = costs with { Tlb = sizes };
        foreach (string change in changes)
        {
            if (StudyCosts.Change(change, ref costs) is { } problem) return $"--cost: {problem}";
        }

        return null;
    }

    /// <summary>The policies of these names, all if there is none, and whether the optimum is shown: it needs no policy, and comes with
    /// any.</summary>
    internal static (MapVariant[] Policies, bool ShowsOptimum) Chosen(IReadOnlyList<string> names)
    {
        MapVariant[] chosen = [.. names.Select(MapPolicies.Find).OfType<MapVariant>()];
        return (
            chosen.Length == 0 ? MapPolicies.All.ToArray() : chosen, names.Count == 0 || names.Contains(ReplayTable.OptimumName));
    }

    private static string Policies()
    {
        StringBuilder text = new("Policies, in the order of the tables:\n");
        foreach (MapPolicy policy in MapPolicies.Families)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {policy.Name,-NameWidth}{policy.Summary}\n");
        }

        text.Append("with, where the table has it:\n");
        foreach (JoinRule rule in MapPolicies.Joins)
        {
            if (rule.Summary.Length != 0) text.Append(CultureInfo.InvariantCulture, $"  {rule.Suffix,-NameWidth}{rule.Summary}\n");
        }

        return text
            .Append(CultureInfo.InvariantCulture, $"  {ReplayTable.OptimumName,-NameWidth}")
            .Append("the least possible cost, with the future known; no policy\n\n")
            .ToString();
    }

    private static string CostKeys()
    {
        StringBuilder text = new("Costs, in nanoseconds of processor time (docs/study.md has their sources):\n");
        StudyCosts costs = new();
        foreach ((string key, string meaning) in StudyCosts.Keys)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {key,-NameWidth}{meaning} ({costs.Value(key)})\n");
        }

        return text.Append('\n').ToString();
    }

    // A policy named twice is replayed once.
    private static string[]? ParsePolicies(ArgumentResult result)
    {
        List<string> names = [];
        foreach (Token token in result.Tokens)
        {
            if (token.Value != ReplayTable.OptimumName && MapPolicies.Find(token.Value) is null)
            {
                result.AddError(
                    $"--policy: '{token.Value}' is not a policy; there are {string.Join(", ", MapPolicies.Names)}, {ReplayTable.OptimumName}");
                return null;
            }

            if (!names.Contains(token.Value)) names.Add(token.Value);
        }

        return [.. names];
    }
}
