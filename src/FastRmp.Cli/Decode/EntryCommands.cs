using System;
using System.Collections.Generic;
using System.CommandLine;
using FastRmp.Cli.Shell;
using FastRmp.Images;
using FastRmp.Iommu;

namespace FastRmp.Cli.Decode;

/// <summary><c>fastrmp decode iopte</c>, and what the commands for entries share.</summary>
internal static class EntryCommands
{
    internal const string IoPteExamples = """
        Examples:
          fastrmp decode iopte 7000000000047e01
              a page of 64K in 16 entries
          fastrmp decode iopte 0x6000000101234401 --level 4

        Without --level the value itself decides as far as it can: an encoded size has one level, a table is taken for the next one, any other page
        for 4K.

        """;

    internal static Command IoPte(Session session)
    {
        Argument<ulong[]> values = Values();
        Option<int?> level = Level(IoPageSize.LevelOf(IoPageSize.MaxShift) + 1, "Default: what the value suggests.");
        Command command = new("iopte", "Decodes entries of an AMD IOMMU's host (v1) page tables.") { values, level };
        command.SetAction(parse => Write(session, parse.GetValue(values)!, value =>
        {
            IoPageTableEntry entry = new(value);
            return IoPageTableEntryText.Fields(entry, parse.GetValue(level) ?? IoPageTableEntryText.LikelyLevel(entry));
        }));
        return command;
    }

    /// <summary>Prints values field by field, with an empty line between two.</summary>
    internal static int Write<T>(Session session, T[] values, Func<T, List<EntryField>> fields)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (i != 0) session.Output.WriteLine(string.Empty);
            foreach (EntryField field in fields(values[i]))
            {
                session.Output.WriteLine($"{field.Name}: {field.Value}");
            }
        }

        return ExitCode.Done;
    }

    private static Argument<ulong[]> Values() => new("HEX")
    {
        Arity = ArgumentArity.OneOrMore,
        Description = "Entries, hexadecimal with or without 0x.",
        CustomParser = Numbers.Addresses,
    };

    /// <summary>The option <c>--level</c>.</summary>
    internal static Option<int?> Level(int highest, string otherwise) => new("--level")
    {
        HelpName = "N",
        Description = $"The level of the table that holds the entry, 1 to {highest}. {otherwise}",
        CustomParser = result =>
        {
            int? level = Numbers.Count(result);
            if (level is not null && (level == 0 || level > highest))
            {
                result.AddError($"--level: there is no level {level}; 1 to {highest}");
            }

            return level;
        },
    };
}
