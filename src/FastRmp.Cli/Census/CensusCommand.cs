using System.CommandLine;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;

namespace FastRmp.Cli.Census;

/// <summary><c>fastrmp rmp</c>: its part of the command line.</summary>
internal static class CensusCommand
{
    internal const string Examples = """
        Examples:
          fastrmp rmp host.core --base 0x64000000 --end 0x747fffff
              an ELF core that holds this physical memory; both numbers are in the kernel's log: 'RMP table physical range'
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

        The format is that of Zen 3 and Zen 4, contiguous.

        """;

    internal static Command Create(Session session)
    {
        ImageArguments image = new();
        image.Files.Description = $"{ImageArguments.OneFile} Or a raw file of the table itself.";
        Option<ulong?> start = new("--base")
        {
            HelpName = "SPA",
            Required = true,
            Description = "RMP_BASE: address of the table's first byte.",
            CustomParser = Numbers.Address,
        };
        Option<ulong?> end = new("--end")
        {
            HelpName = "SPA",
            Required = true,
            Description = "RMP_END: address of the table's last byte.",
            CustomParser = Numbers.Address,
        };
        Option<bool> scan = new("--scan")
        {
            Description = "Count assigned pages by looking at every entry instead of trusting the counts of the base entries.",
        };
        Option<bool> owners = new("--owners") { Description = "List the ASIDs that have pages, with the bookkeeping's counters." };
        Option<bool> tsv = new("--tsv") { Description = "Tab-separated: section name value." };
        Command command = new("rmp", "Counts the pages of an RMP in a memory image by state and owner, and finds what contradicts itself.")
        {
            image.Files,
            image.Ram,
            start,
            end,
            scan,
            owners,
            tsv,
        };
        command.SetAction(parse =>
        {
            ImageFiles files = image.Get(parse);
            if (files.Problem is { } wrong) return UsageErrors.Refuse(session, command, wrong);
            string? problem = Geometry(parse.GetValue(start)!.Value, parse.GetValue(end)!.Value, out ContiguousGeometry geometry);
            return problem is null
                ? CensusRunner.Run(
                    session, new CensusRequest(files, geometry, parse.GetValue(scan), parse.GetValue(owners), parse.GetValue(tsv)))
                : UsageErrors.Refuse(session, command, problem);
        });
        return command;
    }

    private static string? Geometry(ulong start, ulong end, out ContiguousGeometry geometry)
    {
        geometry = default;
        if (!PhysicalAddress.TryCreate(start, out PhysicalAddress first))
        {
            return $"--base: 0x{start:x} is not a physical address, which ends at 0x{PhysicalAddress.ValidMask:x}";
        }

        if (!PhysicalAddress.TryCreate(end, out PhysicalAddress last))
        {
            return $"--end: 0x{end:x} is not a physical address, which ends at 0x{PhysicalAddress.ValidMask:x}";
        }

        return ContiguousGeometry.TryCreate(first, last, out geometry, out string? refusal) ? null : refusal;
    }
}
