using System;
using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Linq;
using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli.Replay;

/// <summary><c>fastrmp replay</c>: its part of the command line.</summary>
internal static class ReplayCommand
{
    internal const string Examples = """
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

        A trace may be the text of ftrace (any columns, latency format, function_graph with funcgraph-proc), of trace-cmd report
        or of perf script. Releases: mm_page_free, before Linux 3.3 mm_page_free_direct; mm_page_free_batched where there is
        nothing else. Allocations that failed are counted and allocate no page. A trace of RMP instructions is one file, a line an
        event: rmpupdate spa=5605000 size=4k assigned=1 asid=5 gpa=12345000 immutable=0 -> 0 SUCCESS; its language is in
        docs/rmp-trace.md. It names guests and sizes itself.

        Policies, in the order of the table:
          never         the direct map is never split: what goes wrong without
          eager         split to 4K before every RMPUPDATE (the original patch)
          level-aware   split before RMPUPDATEs of 4K pages only (Linux since 6.9)
          on-demand     split in the fault handler
          +rejoin       after each but the first: join a 2M region again when its last page is released

        """;

    private const string StandardInput = "-";
    private const string SmallSizes = "4k";
    private const string AutoSizes = "auto";

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
        policies.CompletionSources.Add(TraceReplay.PolicyNames.ToArray());
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
        Option<bool> json = new("--json") { Description = "Print one JSON object." };
        Command command =
            new(
                "replay",
                "Replays a trace of Linux's page allocator, or of RMP instructions, against an SNP host and compares policies for its direct map.")
        {
            trace, policies, iomem, guests, sizes, json,
        };
        command.SetAction(parse =>
        {
            string rmp = parse.GetValue(sizes)!;
            ReplayRequest request = new(
                parse.GetValue(trace) ?? [],
                parse.GetValue(iomem),
                parse.GetValue(policies) is { Length: > 0 } chosen ? chosen : TraceReplay.PolicyNames.ToArray(),
                new ReplayOptions { GuestPattern = parse.GetValue(guests)!, LargeEntries = rmp == AutoSizes },
                parse.GetValue(json));
            string? problem = Problem(request, rmp);
            return problem is null ? ReplayRunner.Run(session, request) : UsageErrors.Refuse(session, command, problem);
        });
        return command;
    }

    private static string? Problem(ReplayRequest request, string sizes)
    {
        if (sizes is not (SmallSizes or AutoSizes)) return $"--rmp: is {SmallSizes} or {AutoSizes}, not '{sizes}'";
        if (request.Traces.Contains(string.Empty) || request.Iomem is { Length: 0 }) return "a file name is empty";
        if (request.Traces.Count(static path => path == StandardInput) > 1) return "TRACE: standard input is named twice";
        if (request.Iomem is null) return null;
        if (request.Traces.Count == 0) return "--iomem: needs a TRACE; the sample has its own listing";
        return request.Iomem == StandardInput && request.Traces.Contains(StandardInput)
            ? "TRACE and --iomem cannot both be standard input"
            : null;
    }

    // A policy named twice is replayed once.
    private static string[]? ParsePolicies(ArgumentResult result)
    {
        List<string> names = [];
        foreach (Token token in result.Tokens)
        {
            if (!TraceReplay.PolicyNames.Contains(token.Value))
            {
                result.AddError(
                    $"--policy: '{token.Value}' is not a policy; there are {string.Join(", ", TraceReplay.PolicyNames.ToArray())}");
                return null;
            }

            if (!names.Contains(token.Value)) names.Add(token.Value);
        }

        return [.. names];
    }
}
