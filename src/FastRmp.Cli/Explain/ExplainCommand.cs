using System;
using System.CommandLine;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;

namespace FastRmp.Cli.Explain;

/// <summary><c>fastrmp explain</c>: its part of the command line.</summary>
internal static class ExplainCommand
{
    internal const string Examples = """
        Examples:
          fastrmp explain dmesg.txt
              an oops, a refused RMPUPDATE, an IOMMU event: what it says, what happened, why, what to look at next
          journalctl -k -b -1 -o json | fastrmp explain -
          fastrmp explain boot.log.gz trace.txt --json
              one object: findings, and the facts under fixed keys (expect)
          dmesg -w | fastrmp explain - --follow
          fastrmp explain dmesg.txt --image vmcore
              the stories, checked against the machine's memory

        A log may be what dmesg prints in any of its forms, what journald prints or exports, a serial console, the text of ftrace, trace-cmd
        or perf with KVM's events, a mail that quotes one of these, with wrapped lines, or several of them one after the other.
        Exit code 1 if anything was found, 0 if not.

        """;

    internal static Command Create(Session session)
    {
        Argument<string[]> logs = new("LOG")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "Logs, plain, gzip or zstd; - reads standard input.",
        };
        Option<bool> json = new("--json") { Description = "Print one JSON object: findings, and the facts under fixed keys." };
        Option<bool> follow = new("--follow") { Description = "Go on while the log grows, and print each story when its lines have come." };
        Option<string[]> image = new("--image")
        {
            HelpName = "IMAGE",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
            Description = "The machine's memory, in any format that 'info' names: each address that faulted is walked in it, and the RMP's entries of the pages that the log names are read. May be repeated for a split dump.",
        };
        Option<string?> ram = ImageArguments.MakeRam();
        RmpOptions rmp = new();
        Command command = new("explain", "Explains what a kernel log or trace says about the RMP, page faults and the IOMMU.")
        {
            logs,
            json,
            follow,
            image,
            ram,
        };
        foreach (Option option in rmp.All) command.Add(option);
        command.SetAction(parse =>
        {
            string[] names = parse.GetValue(image) ?? [];
            ImageFiles? files = names.Length == 0 ? null : new ImageFiles(names, parse.GetValue(ram));
            if (rmp.Get(parse, out RmpRequest? asked) is { } wrong) return UsageErrors.Refuse(session, command, wrong);
            if (asked is not null && files is null) return UsageErrors.Refuse(session, command, "where the RMP is needs --image");
            ExplainRequest request = new(parse.GetValue(logs)!, parse.GetValue(json), parse.GetValue(follow), files, asked);
            if (Problem(request, parse.GetValue(ram)) is { } problem) return UsageErrors.Refuse(session, command, problem);
            if (request is { IsJson: true, Follows: true })
            {
                return UsageErrors.Refuse(session, command,
                    "--json and --follow exclude each other: the object is complete when the log is");
            }

            if (request.Follows && request.Logs.Length != 1)
            {
                return UsageErrors.Refuse(session, command, "--follow: one log can be followed at a time");
            }
            if (Array.FindAll(request.Logs, static log => log == "-").Length > 1)
            {
                return UsageErrors.Refuse(session, command, "-: standard input can be read once");
            }

            return ExplainRunner.Run(session, request);
        });
        return command;
    }

    private static string? Problem(ExplainRequest request, string? ram)
    {
        if (Array.IndexOf(request.Logs, string.Empty) >= 0) return "a file name is empty";
        if (request.Image is not { } files) return ram is null ? null : "--ram: needs --image";
        if (files.Problem is { } problem) return problem;
        if (request.Follows) return "--image and --follow exclude each other: an image is of one moment";
        return Array.IndexOf(files.Names, ImageSource.StandardInput) >= 0 && Array.IndexOf(request.Logs, ImageSource.StandardInput) >= 0
            ? "LOG and --image cannot both be standard input"
            : null;
    }
}
