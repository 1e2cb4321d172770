using System;
using FastRmp.Benchmarks.Gating;

namespace FastRmp.Benchmarks;

/// <summary>The command <c>widths</c>: what baseline.json has of processors that were measured with several widths of vectors.</summary>
internal static class WidthsCommand
{
    /// <summary>Prints the tables.</summary>
    /// <returns>0 if there is one, else 1.</returns>
    internal static int Run()
    {
        string tables = Tables.Widths(Operation.All, GateCommand.Load());
        if (tables.Length == 0)
        {
            Console.Error.WriteLine("benchmarks: no row is recorded with two widths of vectors");
            return 1;
        }

        Console.Write(tables);
        return 0;
    }
}
