using System.CommandLine;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;

namespace FastRmp.Cli.Census;

/// <summary><c>fastrmp rmp</c>: its part of the command line.</summary>
internal static class CensusCommand
{
    internal const string Examples = """
        Examples:
          fastrmp rmp host.core
              the RMP is where the kernel's log in the image says ('RMP table physical range', 'RMP segment')
          fastrmp rmp host.core --base 0x64000000 --end 0x747fffff
              it is here; both numbers are in the kernel's log
          fastrmp rmp host.core --rst 9ba04000 --rmp-cfg 2501
              a segmented RMP: its segment table, 16 KiB above RMP_BASE, and RMP_CFG (segments of 2^0x25 bytes)
          fastrmp rmp host.core --symbols System.map
              where the kernel's variables say (probed_rmp_base, probed_rmp_size, rmp_cfg)
          fastrmp rmp table.bin.gz --base 64000000 --end 747fffff --scan --owners
              a raw file of the table itself, exactly END - BASE + 1 bytes, with a list of ASIDs
          fastrmp rmp table.bin --base 64000000 --end 747fffff --tsv
              for programs: section, name, value, with tabs between them

        What a cut image still holds is counted, in whole regions of 2M; the rest is reported, and the exit code is 3.

        Pages are pages of 4K; a 2M page counts 512. Exit code 1: the RMP contradicts itself. What is looked for:
          count_too_low, count_too_high    Subpage_Count of a base entry against the assigned sub-pages of its region
          count_of_large_page              a 2M page with a Subpage_Count
          count_of_subpage, large_subpage  a Subpage_Count or a 2M size in an entry that is not a base entry
          lost_subpage                     a sub-page of a 2M page whose own entry is not assigned
          unassigned_large_page            a 2M page that is not assigned
          invalid_state                    a page in none of firmware's states
          in_transition                    an entry locked while it was being changed; a live image may hold some
          asid_counter                     a counter of the bookkeeping against the pages of its ASID

        The direct map, if the image has its tables, is compared with the RMP by 2M regions:
          in 2M or 1G leaves, some pages assigned   a host's write to the others of the 512 would be an RMP violation: exit code 1
          in 4K leaves, no page assigned            the RMP does not need the split

        No image has RMP_BASE, RMP_END and RMP_CFG, and a kernel's own dump leaves the RMP out: its firmware reserved that memory. The format
        of entries is that of Zen 3 and Zen 4.

        """;

    internal static Command Create(Session session)
    {
        ImageArguments image = new();
        RmpOptions rmp = new();
        image.Files.Description = $"{ImageArguments.OneFile} Or, with --base and --end, a raw file of the table itself.";
        Option<ulong?> start = new("--base")
        {
            HelpName = "SPA",
            Description = "RMP_BASE of a contiguous RMP: address of the table's first byte; with --end the same as --rmp BASE:END.",
            CustomParser = Numbers.Address,
        };
        Option<ulong?> end = new("--end")
        {
            HelpName = "SPA",
            Description = "RMP_END: address of the table's last byte.",
            CustomParser = Numbers.Address,
        };
        Option<bool> scan = new("--scan")
        {
            Description = "Count assigned pages by looking at every entry instead of trusting the counts of the base entries.",
        };
        Option<bool> owners = new("--owners") { Description = "List the ASIDs that have pages, with the bookkeeping's counters." };
        Option<bool> list = new("--list")
        {
            Description = "List all regions that the direct map has otherwise than the RMP, not only the first 16.",
        };
        Option<bool> tsv = new("--tsv") { Description = "Tab-separated: section name value." };
        Option<bool> json = new("--json") { Description = "Print one JSON object." };
        Command command = new(
            "rmp",
            "Counts the pages of an RMP in a memory image by state and owner, finds what contradicts itself, and compares it with the direct map.")
        {
            image.Files,
            image.Ram,
            start,
            end,
        };
        foreach (Option option in rmp.All) command.Add(option);
        foreach (Option option in (Option[])[scan, owners, list, tsv, json]) command.Add(option);
        command.SetAction(parse =>
        {
            ImageFiles files = image.Get(parse);
            string? ofRmp = rmp.Get(parse, out RmpRequest? request);
            string? problem = files.Problem ?? ofRmp ?? Range(parse.GetValue(start), parse.GetValue(end), ref request);
            if (problem is null && parse.GetValue(tsv) && parse.GetValue(json)) problem = "--tsv and --json exclude each other";
            return problem is null
                ? CensusRunner.Run(
                    session,
                    new CensusRequest(
                        files, request ?? RmpRequest.Automatic, parse.GetValue(scan), parse.GetValue(owners), parse.GetValue(list),
                        parse.GetValue(tsv), parse.GetValue(json)))
                : UsageErrors.Refuse(session, command, problem);
        });
        return command;
    }

    private static string? Range(ulong? start, ulong? end, ref RmpRequest? request)
    {
        if (start is null && end is null) return null;
        if (request is not null) return "--base and --end say where the RMP is: no other option may";
        if (start is not { } from) return "--end needs --base";
        if (end is not { } to) return "--base needs --end";
        string? problem = RmpOptions.Contiguous("--base", from, "--end", to, out ContiguousGeometry geometry);
        if (problem is null) request = RmpRequest.Automatic with { Given = geometry };
        return problem;
    }
}
