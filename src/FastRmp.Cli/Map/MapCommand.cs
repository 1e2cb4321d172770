using System.CommandLine;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;

namespace FastRmp.Cli.Map;

/// <summary><c>fastrmp map</c>: its part of the command line.</summary>
internal static class MapCommand
{
    internal const string Examples = """
        Examples:
          fastrmp map guest.core --tsv
              every mapping of the first processor: address, target, size, flags, as QEMU's 'info tlb'
          fastrmp map guest.core --ranges
              pages with equal rights merged, as QEMU's 'info mem'
          fastrmp map guest.core.gz --cr3 0x100868000 --start ffff888000000000 --end ffffc88000000000
              the direct map below another root

        Flags, '-' where clear, as the leaf entry has them: X no-execute, G global, P large page, D dirty, A accessed,
        C cache-disable, T write-through, U user, W writable.

        """;

    internal static Command Create(Session session)
    {
        ImageArguments image = new();
        RootOptions root = new();
        Option<ulong?> start = new("--start")
        {
            HelpName = "HEX",
            Description = "List pages from this virtual address on; a page that holds it is listed.",
            CustomParser = Numbers.Address,
        };
        Option<ulong?> end = new("--end")
        {
            HelpName = "HEX",
            Description = "List pages that begin below this virtual address.",
            CustomParser = Numbers.Address,
        };
        Option<bool> tsv = new("--tsv") { Description = "Tab-separated: va pa size flags; with --ranges: start end length rights." };
        Option<bool> json = new("--json") { Description = "Print one JSON object." };
        Option<bool> ranges = new("--ranges")
        {
            Description = "Merge adjacent pages with equal rights, whatever they map; end is exclusive, no-execute does not count.",
        };
        Command command = new("map", "Lists every mapping of a processor's page tables in a memory image.")
        {
            image.Files,
            image.Ram,
            root.Cpu,
            root.Cr3,
            root.La57,
            start,
            end,
            tsv,
            json,
            ranges,
        };
        command.SetAction(parse =>
        {
            bool isTsv = parse.GetValue(tsv);
            bool isJson = parse.GetValue(json);
            MapRequest request = new(
                image.Get(parse),
                parse.GetValue(root.Cpu),
                parse.GetValue(root.Cr3),
                parse.GetValue(root.La57),
                parse.GetValue(start) ?? 0,
                (parse.GetValue(end) ?? 0) - 1,
                isTsv ? MapFormat.Tsv : isJson ? MapFormat.Json : MapFormat.Text,
                parse.GetValue(ranges));
            string? problem = isTsv && isJson ? "--tsv and --json exclude each other" : Problem(request, parse.GetValue(end));
            return problem is null ? MapRunner.Run(session, request) : UsageErrors.Refuse(session, command, problem);
        });
        return command;
    }

    private static string? Problem(MapRequest request, ulong? end)
    {
        if (request.Image.Problem is { } problem) return problem;
        if (RootOptions.Problem(request.Cpu, request.Cr3) is { } ofRoot) return ofRoot;

        return end <= request.Start ? $"--end: 0x{end:x} is not above --start 0x{request.Start:x}" : null;
    }
}
