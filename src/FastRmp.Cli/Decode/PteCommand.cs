using System;
using System.CommandLine;
using System.Globalization;
using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli.Decode;

/// <summary><c>fastrmp decode pte</c>: its part of the command line.</summary>
internal static class PteCommand
{
    internal const string Examples = """
        Examples:
          fastrmp decode pte 8000000000a000e3 --level 2
              a 2M page, not executable
          fastrmp decode pte 0x2007 --level 4
          fastrmp decode pte 800000fffffff073 --maxphyaddr 39
              bit 39 is reserved there; without the option the answer says for which widths it is
          fastrmp decode pte 0x167 --level 4 --processor intel
              bit 8, which has to be zero in this level on AMD processors
          fastrmp decode pte 800fffff9edcb062
              not present: what Linux keeps in it, here the inverted frame
          fastrmp decode pte "PGD 2c01067 P4D 2c01067 PUD 107267063 PMD 10382b063 PTE 800fffff9edcb062"
              the last line of an oops: each entry at its own level

        Levels: 1 PTE, 2 PDE, 3 PDPE, 4 PML4E, 5 PML5E. Linux's names: PTE, PMD, PUD, P4D, PGD; with four levels PGD and P4D are one.
        --maxphyaddr is the width that counts, after what memory encryption takes; without it, it is the processor's, with --c-bit
        the narrower one that memory encryption leaves.

        """;

    private const int TopLevel = 5;
    private const int NarrowestWidth = 32;
    private const int WidestAddress = 52;
    private const int LowestEncryptionBit = 32;
    private const int HighestEncryptionBit = 51;

    internal static Command Create(Session session)
    {
        Argument<PrintedEntry[]> values = new("HEX")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "Entries, hexadecimal with or without 0x, or as Linux prints them with their names.",
            CustomParser = PrintedEntries.Parse,
        };
        Option<int?> level = EntryCommands.Level(TopLevel, "Default: 1.");
        Option<string?> processor = new("--processor")
        {
            HelpName = "NAME",
            Description = "milan, genoa, turin, venice or intel. Default: what differs between them is shown with its condition.",
        };
        Option<int?> width =
            Between("--maxphyaddr", "The physical-address width, 32 to 52. Default: the processor's.", NarrowestWidth, WidestAddress);
        Option<int?> encryption = Between(
            "--c-bit", "Memory encryption is on, and bit N, 32 to 51, is the C-bit and no address bit.", LowestEncryptionBit,
            HighestEncryptionBit);
        Command command = new("pte", "Decodes entries of the processor's page tables.") { values, level, processor, width, encryption };
        command.SetAction(parse =>
        {
            ProcessorModel? model = null;
            if (parse.GetValue(processor) is { } name && !ProcessorModel.TryGetPreset(name, out model))
            {
                return UsageErrors.Refuse(session, command, $"--processor: '{name}' is not one of milan, genoa, turin, venice, intel");
            }

            PrintedEntry[] entries = parse.GetValue(values)!;
            int? at = parse.GetValue(level);
            if (at is not null && Array.Exists(entries, static entry => entry.Level is not null))
            {
                return UsageErrors.Refuse(session, command, "--level: the entries have names, which give their levels");
            }

            EntryRules rules = new(model, parse.GetValue(width), parse.GetValue(encryption));
            return EntryCommands.Write(
                session, entries,
                entry => PagingEntryText.Fields(new PagingEntry(entry.Value), entry.Level ?? (PagingLevel)(at ?? 1), rules));
        });
        return command;
    }

    private static Option<int?> Between(string name, string description, int lowest, int highest) => new(name)
    {
        HelpName = "N",
        Description = description,
        CustomParser = result =>
        {
            int? value = Numbers.Count(result);
            if (value is { } number && (number < lowest || number > highest))
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name}: {number} is not {lowest} to {highest}"));
            }

            return value;
        },
    };
}
