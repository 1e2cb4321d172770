using System.CommandLine;
using FastRmp.Cli.Shell;
using FastRmp.Images;
using FastRmp.Iommu;

namespace FastRmp.Cli.Decode;

/// <summary><c>fastrmp decode dte</c>: its part of the command line.</summary>
internal static class DteCommand
{
    internal const string Examples = """
        Examples:
          fastrmp decode dte 6000000101234603 7 0 0
              the four quadwords, lowest first, as a kernel's DTE[0] to DTE[3]; its lines may be pasted as they are
          fastrmp decode dte 7d90000000000003 0000100103fc0009 2000000117840013 0
              legal or not, with SNP and without: here that depends on bits of the control register
          fastrmp decode dte 7d90000000000003 0000100103fc0009 2000000117840013 0 --control 1f40d
              the control register at MMIO offset 0x18 decides

        An illegal entry makes the IOMMU log ILLEGAL_DEV_TABLE_ENTRY: with RZ for a bit that must be zero, also one of a feature that is absent
        or not enabled; without RZ for an encoding that cannot be. Features count as there unless --features or --features2 say otherwise.

        """;

    internal static Command Create(Session session)
    {
        Argument<ulong[]> words = new("Q0 Q1 Q2 Q3")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "The entry's four quadwords, eight 32-bit words or 32 bytes, lowest first, hexadecimal, or the kernel's lines DTE[0] to DTE[3].",
            CustomParser = static result => PrintedWords.Quadwords(result, 'Q', "DTE")
        };
        Command command = new("dte", "Decodes an AMD IOMMU's device table entry, and says whether it is legal.") { words };
        IommuOptions registers = new();
        registers.AddTo(command);
        command.SetAction(parse =>
        {
            ulong[] value = parse.GetValue(words)!;
            IommuState iommu = registers.State(parse, default, isSnpEnabled: false);
            return EntryCommands.Write<int>(
                session, [0], _ => DeviceTableEntryText.Fields(new DeviceTableEntry(value[0], value[1], value[2], value[3]), iommu));
        });
        return command;
    }
}
