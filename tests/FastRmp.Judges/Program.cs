using System;
using System.IO;
using FastRmp.Images;
using FastRmp.Judges.Access;
using FastRmp.Judges.Firmware;
using FastRmp.Judges.Nested;
using FastRmp.Judges.Scripts;

namespace FastRmp.Judges;

/// <summary>
/// Holds the library against rows that other software wrote: AMD's firmware, QEMU and Bochs, kvm-unit-tests, scripts with expected results.
/// </summary>
internal static class Program
{
    private const string Usage = """
        usage: FastRmp.Judges access FILE      rows of kvm-unit-tests: paging structures of one address, an access, and what becomes of it
               FastRmp.Judges firmware DIR     files *.rows and *.rows.gz: commands of AMD's published SEV firmware, each from a given situation
               FastRmp.Judges nested FILE      rows of QEMU and Bochs: a guest's access through its own and nested tables
               FastRmp.Judges scripts DIR      pairs NAME.txt and NAME.expected (or .gz): a script of 'fastrmp run', and what each operation prints

        Prints the first differences with their row, what was left out by tag, and as its last line 'N of M equal, K left out'.
        Exit code: 0 all compared rows are equal, 1 some differ, 2 wrong command line, 3 unreadable or malformed rows.
        """;

    internal static int Main(string[] args) => Run(args, Console.Out, Console.Error);

    internal static int Run(string[] args, TextWriter output, TextWriter error)
    {
        if (args.Length != 2)
        {
            error.WriteLine(Usage);
            return 2;
        }

        try
        {
            RowCounts? counts = Judge(args[0], args[1], output);
            if (counts is null)
            {
                error.WriteLine(Usage);
                return 2;
            }

            return counts.Report();
        }
        catch (Exception failure) when (failure
            is IOException or InvalidDataException or UnauthorizedAccessException or FormatException or MalformedInputException)
        {
            error.WriteLine($"judges: {failure.Message}");
            return 3;
        }
    }

    private static RowCounts? Judge(string judge, string path, TextWriter output) => judge switch
    {
        "access" => AccessJudge.Run(path, new RowCounts(output)),
        "firmware" => FirmwareJudge.Run(path, new RowCounts(output)),
        "nested" => NestedJudge.Run(path, new RowCounts(output)),
        "scripts" => ScriptJudge.Run(path, new RowCounts(output)),
        _ => null,
    };
}
