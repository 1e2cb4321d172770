using System.Collections.Generic;
using System.CommandLine;
using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli.Decode;

/// <summary><c>fastrmp decode</c>: its part of the command line.</summary>
internal static class DecodeCommand
{
    internal const string Examples = """
        Examples:
          fastrmp decode rmp 0x6010FFFFFFFFF001 0x1F
              an RMP entry, as a kernel's dump prints it
          fastrmp decode rmp-range 35500000 75afffff --ram 256G
          fastrmp decode pf 80000003
          fastrmp decode npf c80000005
          fastrmp decode pte 8000000000a000e3 --level 2
          fastrmp decode iopte 7000000000047e01
          fastrmp decode dte 6000000101234603 7 0 0
          fastrmp decode event 0000c100 d0200000 740b8784 0
          fastrmp decode flags 0x0070
          fastrmp decode "error_code(0x0011)"
              the kind may be missing before a text that shows it: also flags=0x0030, "PTE 800fffff9edcb062"

        """;

    internal const string RmpExamples = """
        Examples:
          fastrmp decode rmp 0x6010FFFFFFFFF001 0x1F
              a validated VM save area; the first line of the answer is 'state: NAME'
          fastrmp decode rmp 1 --base 0x4028000040000003
              a sub-page of a 2M page: the attributes are those of its base entry
          fastrmp decode rmp "[0xfff0000000144001 - 0x000000000000000f]"
              a pair as Linux prints it: the VMSA page of a running VCPU, whose owner is not in the entry
          fastrmp decode rmp "RMPEntry paddr 0x1c9f36000 [assigned=1 immutable=0 pagesize=0 gpa=0x7fffffffff asid=1 vmsa=1 validated=1]"
              the fields, as early kernels print them; a line that names Assigned may have them in any order
          fastrmp decode rmp 1
              says that the value is ambiguous: a page in state Reclaim, or a sub-page of a 2M page

        Values are hexadecimal with or without 0x. Each line is 'name: value'; lines that begin with 'note: ' explain.
        States: Default, Hypervisor, HV_Fixed, Firmware, Firmware-IOMMU, Reclaim, Context, Metadata, Pre-Guest, Pre-Swap,
        Guest-Invalid, Guest-Valid, Invalid. The format is that of Zen 3 and Zen 4.

        """;

    internal const string PageFaultExamples = """
        Examples:
          fastrmp decode pf 80000003
              a kernel write that the RMP forbids
          fastrmp decode pf 0x80000007 0x2
          fastrmp decode pf "#PF: error_code(0x0011) - permissions violation"
              as an oops prints it

        """;

    internal const string NestedFaultExamples = """
        Examples:
          fastrmp decode npf c80000005
              PVALIDATE or RMPADJUST of 4K on a 2M page: the host has to PSMASH it
          fastrmp decode npf 0x1580000007
          fastrmp decode npf error_code 0x500000004
              as a trace of KVM prints it: the first touch of a private page

        """;

    /// <summary>Puts the kind before a text that shows it: <c>decode "error_code(0x0011)"</c>.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="root">All commands.</param>
    internal static string[] Complete(string[] args, RootCommand root)
    {
        List<string> kinds = [];
        foreach (Command command in root.Subcommands)
        {
            if (command.Name != "decode") continue;
            foreach (Command kind in command.Subcommands) kinds.Add(kind.Name);
        }

        return PrintedKind.Complete(args, kinds);
    }

    /// <summary>Makes the command and its parts.</summary>
    /// <param name="session">Where to.</param>
    /// <param name="examples">Receives the examples of each.</param>
    internal static Command Create(Session session, Dictionary<Command, string> examples)
    {
        Command rmp = Rmp(session);
        Command pageFault = Codes(
            "pf", "Decodes error codes of page faults (#PF).",
            values => CodeDecoder.Write(session, values, PageFaultText.Fields, PageFaultText.Remarks, PageFaultText.Meaning));
        Command nestedFault = Codes(
            "npf", "Decodes EXITINFO1 of nested page faults (#VMEXIT(NPF)).",
            values => CodeDecoder.Write(session, values, NestedFaultText.Fields, NestedFaultText.Remarks, NestedFaultText.Meaning));
        Command rmpRange = RmpRangeCommand.Create(session);
        Command pte = PteCommand.Create(session);
        Command ioPte = EntryCommands.IoPte(session);
        Command dte = DteCommand.Create(session);
        Command logged = FlagsCommand.Event(session);
        Command flags = FlagsCommand.Flags(session);
        Command command = new("decode", "Prints raw values field by field.")
        {
            rmp,
            rmpRange,
            pte,
            ioPte,
            dte,
            pageFault,
            nestedFault,
            logged,
            flags,
        };
        examples.Add(command, Examples);
        examples.Add(rmp, RmpExamples);
        examples.Add(rmpRange, RmpRangeCommand.Examples);
        examples.Add(pte, PteCommand.Examples);
        examples.Add(ioPte, EntryCommands.IoPteExamples);
        examples.Add(dte, DteCommand.Examples);
        examples.Add(logged, FlagsCommand.EventExamples);
        examples.Add(flags, FlagsCommand.FlagsExamples);
        examples.Add(pageFault, PageFaultExamples);
        examples.Add(nestedFault, NestedFaultExamples);
        return command;
    }

    private static Command Rmp(Session session)
    {
        Argument<PrintedRmpEntry[]> entries = new("LOW HIGH")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "Bytes 7:0 of the entry and, if known, bytes 15:8, or entries as kernels print them.",
            CustomParser = PrintedRmpEntries.Parse,
        };
        Option<ulong?> top = new("--base")
        {
            HelpName = "LOW",
            Description = "Bytes 7:0 of the region's base entry: that of the 2M-aligned page.",
            CustomParser = Numbers.Address,
        };
        Command command = new("rmp", "Decodes an RMP entry.") { entries, top };
        command.SetAction(parse =>
        {
            RmpEntry? above = parse.GetValue(top) is { } low ? new RmpEntry(low, 0) : null;
            RmpDecoder decoder = new(session.Output);
            PrintedRmpEntry[] all = parse.GetValue(entries)!;
            for (int i = 0; i < all.Length; i++)
            {
                if (i != 0) session.Output.WriteLine(string.Empty);
                decoder.Write(all[i].Entry, all[i].HasHigh, above);
                if (all[i].Note is { } note) session.Output.WriteLine($"note: {note}");
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static Command Codes(string name, string description, System.Action<ulong[]> write)
    {
        Argument<ulong[]> codes = new("HEX")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "Codes, hexadecimal with or without 0x, or as kernels and traces print them.",
            CustomParser = PrintedText.Codes,
        };
        Command command = new(name, description) { codes };
        command.SetAction(parse =>
        {
            write(parse.GetValue(codes)!);
            return ExitCode.Done;
        });
        return command;
    }
}
