using System.CommandLine;
using System.Globalization;
using FastRmp.Cli.Map;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;

namespace FastRmp.Cli.DirectMap;

/// <summary><c>fastrmp directmap</c>: its part of the command line.</summary>
internal static class DirectMapCommand
{
    internal const string Examples = """
        Examples:
          fastrmp directmap host.core
              where it is, its leaves, its ranges, and where and why it is split
          fastrmp directmap host.core --tsv
              one row for each 2M region that is mapped by 4K leaves:
              va pa leaves holes unmapped marked table first_leaf reasons
          fastrmp directmap host.core --cr3 0x100868000 --base ffff888000000000
              the map at this place, below another root

        Columns: addresses and entries as 16 hex digits; leaves, holes, unmapped and marked count the 512 places of the table; table is the
        entry that points to it, first_leaf the first present leaf; reasons have commas between them. As far as the entries show:
          rejoinable      one larger leaf is possible
          holes           empty places: edge of RAM, or a hole in it
          unmapped        not present, and the entry still names the frame: taken out of the map
          write, execute  R/W or NX differs: text, read-only data, modules
          cache           PAT, PCD or PWT differs: buffers of devices
          encryption      the C-bit differs: shared pages
          kernel_4k       the mark "never join": set_memory_4k, as for RMPUPDATE
          accessed_dirty  A or D differs
          user, global, software   U/S, G or software's bits differ
          frames          another frame is mapped
          smaller         of a 1G range: regions in 4K leaves
          absent          the image does not hold all of the table
          boot            the table was made at boot (U/S of its entry is set)
          after_boot      a larger leaf was split after boot

        Where the image has an RMP (--rmp, --rst, --symbols, or the kernel's log in the image says where), the map is compared with it, as
        'fastrmp rmp' does: large leaves through which a write of the host would fault, and regions in 4K leaves without an assigned page.

        The kernel's own counters in /proc/meminfo also count splits of its image, so they differ.

        """;

    private const int LowestEncryptionBit = 32;
    private const int HighestEncryptionBit = 51;

    internal static Command Create(Session session)
    {
        ImageArguments image = new();
        RootOptions root = new();
        RmpOptions rmp = new();
        Option<ulong?> start = new("--base")
        {
            HelpName = "HEX",
            Description = "The map begins at this virtual address, a multiple of 1 GiB. Default: found by VMCOREINFO or the tables.",
            CustomParser = Numbers.Address,
        };
        Option<int?> bit = new("--c-bit")
        {
            HelpName = "N",
            Description = "Position of the memory-encryption bit in entries, 32 to 51. Default: found.",
            CustomParser = Numbers.Count,
        };
        Option<bool> tsv = new("--tsv") { Description = "Tab-separated: one row a split 2M region." };
        Option<bool> json = new("--json") { Description = "Print one JSON object." };
        Command command =
            new("directmap", "Counts the kernel's direct map in a memory image by page size, and says where and why it is split.")
        {
            image.Files,
            image.Ram,
            root.Cpu,
            root.Cr3,
            root.La57,
            start,
            bit,
        };
        foreach (Option option in (Option[])[.. rmp.All, tsv, json]) command.Add(option);
        command.SetAction(parse =>
        {
            bool isTsv = parse.GetValue(tsv);
            bool isJson = parse.GetValue(json);
            ulong? given = parse.GetValue(start);
            string? ofRmp = rmp.Get(parse, out RmpRequest? asked);
            DirectMapRequest request = new(
                image.Get(parse),
                parse.GetValue(root.Cpu),
                parse.GetValue(root.Cr3),
                parse.GetValue(root.La57),
                given is null ? null : new VirtualAddress(given.Value),
                parse.GetValue(bit),
                isTsv ? MapFormat.Tsv : isJson ? MapFormat.Json : MapFormat.Text,
                asked);
            string? problem = isTsv && isJson ? "--tsv and --json exclude each other" : ofRmp ?? Problem(request);
            if (problem is null && isTsv && asked is not null)
            {
                problem = "--tsv lists split regions alone: where the RMP is has no use with it";
            }

            return problem is null ? DirectMapRunner.Run(session, request) : UsageErrors.Refuse(session, command, problem);
        });
        return command;
    }

    private static string? Problem(DirectMapRequest request)
    {
        if (request.Image.Problem is { } problem) return problem;
        if (RootOptions.Problem(request.Cpu, request.Cr3) is { } ofRoot) return ofRoot;

        if (request.Base is { } start && start.Offset(PageSize.Size1G) != 0)
        {
            return $"--base: 0x{start.Value:x} is not a multiple of 1 GiB (0x40000000)";
        }

        return request.EncryptionBit is < LowestEncryptionBit or > HighestEncryptionBit
            ? string.Create(
                CultureInfo.InvariantCulture, $"--c-bit: {request.EncryptionBit} is not {LowestEncryptionBit} to {HighestEncryptionBit}")
            : null;
    }
}
