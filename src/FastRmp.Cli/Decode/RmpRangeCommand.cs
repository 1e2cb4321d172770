using System.CommandLine;
using FastRmp.Cli.Shell;

namespace FastRmp.Cli.Decode;

/// <summary><c>fastrmp decode rmp-range</c>: its part of the command line.</summary>
internal static class RmpRangeCommand
{
    internal const string Examples = """
        Examples:
          fastrmp decode rmp-range 35500000 75afffff
              how much memory this table covers, and who would refuse it
          fastrmp decode rmp-range "[0x0000000097f00000 - 0x00000000a84fffff]" --ram 256G
              the range as Linux prints it at boot, held against RAM
          fastrmp decode rmp-range 0 1fff
              what a BIOS leaves that reserved no memory: no RMP

        BASE and END are RMP_BASE and RMP_END (MSRs C001_0132 and C001_0133): the addresses of the table's first and last byte, also
        as a range with '-' between them, with or without the words before it. The table is a contiguous one.
        --ram: SIZE is where RAM ends, its highest address + 1. With a hole below 4G, RAM ends that much later: 256G of
        RAM with a hole of 1.5G end at 257.5G. In bytes, decimal or hexadecimal with 0x, or a number of K, M, G or T.
        First line: 'rmp: usable', 'rmp: not aligned: …', 'rmp: no RMP: …' or 'rmp: unusable: …'. All of these are answers: exit code 0.

        """;

    internal static Command Create(Session session)
    {
        Argument<ulong[]> range = new("BASE END")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "RMP_BASE and RMP_END, hexadecimal with or without 0x.",
            CustomParser = PrintedRange.Parse,
        };
        Option<ulong?> ram = new("--ram")
        {
            HelpName = "SIZE",
            Description = "Where RAM ends: is all of it covered?",
            CustomParser = Numbers.Size,
        };
        Command command = new("rmp-range", "Says how much memory an RMP covers.") { range, ram };
        command.SetAction(parse =>
        {
            ulong[] ends = parse.GetValue(range)!;
            new RmpRangeText(session.Output).Write(ends[0], ends[1], parse.GetValue(ram));
            return ExitCode.Done;
        });
        return command;
    }
}
