using System.CommandLine;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;

namespace FastRmp.Cli.Info;

/// <summary><c>fastrmp info</c>: its part of the command line.</summary>
internal static class InfoCommand
{
    internal const string Examples = """
        Examples:
          fastrmp info vmcore
              what the image is, who wrote it, the kernel, RAM, processors, and what is missing
          fastrmp info part1.kdump part2.kdump
              a split dump
          fastrmp info ram.bin --ram iomem.txt --json
              raw memory of a machine whose /proc/iomem is at hand; one JSON object

        A format that has no place for the kernel's notes (VMCOREINFO) has them in its memory, where they are looked for.

        """;

    internal static Command Create(Session session)
    {
        ImageArguments image = new();
        Option<bool> json = new("--json") { Description = "Print one JSON object." };
        Command command = new("info", "Says what a memory image is, who wrote it, and what is in it and what is missing.")
        {
            image.Files,
            image.Ram,
            json,
        };
        command.SetAction(parse =>
        {
            ImageFiles files = image.Get(parse);
            return files.Problem is { } problem
                ? UsageErrors.Refuse(session, command, problem) : InfoRunner.Run(session, files, parse.GetValue(json));
        });
        return command;
    }
}
