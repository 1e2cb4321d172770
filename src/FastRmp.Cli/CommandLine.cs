using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Help;
using FastRmp.Cli.Census;
using FastRmp.Cli.Decode;
using FastRmp.Cli.DirectMap;
using FastRmp.Cli.Dma;
using FastRmp.Cli.Explain;
using FastRmp.Cli.Host;
using FastRmp.Cli.Info;
using FastRmp.Cli.Map;
using FastRmp.Cli.Replay;
using FastRmp.Cli.Scripts;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Walk;

namespace FastRmp.Cli;

/// <summary>The whole command line: root, commands, options that all have.</summary>
internal static class CommandLine
{
    internal const string Quiet = "--quiet";
    internal const string Verbose = "--verbose";
    private const int HelpWidth = 110;

    private const string Examples = """
        Examples:
          fastrmp replay
          fastrmp info vmcore
          fastrmp map guest.core --tsv
          fastrmp walk guest.core ffff888000000000
          fastrmp directmap host.core
          fastrmp explain dmesg.txt
          fastrmp run script.txt
          fastrmp decode rmp 0x6010FFFFFFFFF001 0x1F
          fastrmp rmp host.core
          fastrmp host --kernel vmlinuz --initrd initrd

        Exit codes: 0 done, 1 done and something was found, 2 wrong command line, 3 something is wrong with a file, 130 interrupted.

        """;

    internal static RootCommand Create(Session session)
    {
        Option<bool> quiet = new(Quiet, "-q")
        {
            Recursive = true,
            Description = "No progress and no remarks on standard error; errors only.",
        };
        Option<bool> verbose = new(Verbose, "-v") { Recursive = true, Description = "Timings, and a stack trace for unexpected errors." };
        Command replay = ReplayCommand.Create(session);
        Command info = InfoCommand.Create(session);
        Command map = MapCommand.Create(session);
        Command walk = WalkCommand.Create(session);
        Command directMap = DirectMapCommand.Create(session);
        Command dma = DmaCommand.Create(session);
        Command explain = ExplainCommand.Create(session);
        Command run = RunCommand.Create(session);
        Command rmp = CensusCommand.Create(session);
        Command host = HostCommand.Create(session);
        Dictionary<Command, string> examples = new()
        {
            [replay] = ReplayCommand.Examples,
            [info] = InfoCommand.Examples,
            [map] = MapCommand.Examples,
            [walk] = WalkCommand.Examples,
            [directMap] = DirectMapCommand.Examples,
            [dma] = DmaCommand.Examples,
            [explain] = ExplainCommand.Examples,
            [run] = RunCommand.Examples,
            [rmp] = CensusCommand.Examples,
            [host] = HostCommand.Examples,
        };
        Command decode = DecodeCommand.Create(session, examples);
        RootCommand root = new("An executable model of AMD SEV-SNP's Reverse Map Table and the host's direct map.")
        {
            replay,
            info,
            map,
            walk,
            directMap,
            dma,
            explain,
            run,
            decode,
            rmp,
            host,
            quiet,
            verbose,
        };
        root.HelpName = "fastrmp";
        examples.Add(root, Examples);
        foreach (Option option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction help })
            {
                help.MaxWidth = HelpWidth;
                option.Action = new HelpWithExamples(help, examples);
            }
            else if (option is VersionOption)
            {
                option.Action = new VersionAction();
            }
        }

        return root;
    }
}
