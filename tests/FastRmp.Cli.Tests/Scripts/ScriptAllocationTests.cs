using System;
using System.IO;
using System.Threading;
using FastRmp.Cli.Scripts;
using FastRmp.Cli.Shell;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Scripts;

public class ScriptAllocationTests
{
    private static readonly byte[][] Lines = Array.ConvertAll(
        [
            "rmpupdate 40001000 4k 1 5 1000 0", "pvalidate 5 0 1000 40001000 4k 4k 1", "guest 5 0 0 write 1 1000 40001000 4k",
            "host write 40001000 2m user",
            "rmpadjust 5 0 1000 40001000 4k 4k 1 0x3 0", "rmpquery 5 0 1000 40001000 1", "entry 40001000", "state 40001000", "count 5",
            "rmpupdate 40001000 4k 0 0 0 0", "rmpupdate 40000000 2m 1 5 200000 0", "psmash 40000000", "rmpupdate 40000000 2m 0 0 0 0",
            "rmpread 40000000",
            "rmpopt 0 verify", "nonsense", "psmash", "psmash zz", "count 99999", "host write 0 4k 5", "", "# comment",
        ],
        static line => System.Text.Encoding.ASCII.GetBytes(line));

    [Fact]
    public void A_line_costs_no_allocation_good_or_bad()
    {
        using RowWriter rows = new(
            new Session(
                new Output(TextWriter.Null), TextWriter.Null, static () => Stream.Null, TerminalState.None, CancellationToken.None));
        using ScriptRunner runner = new(new ResultWriter(rows));
        runner.Execute(1, "rmp contiguous 100000 1103fff"u8);
        runner.Execute(2, "enable"u8);
        Allocations.RequireNone(() => Run(runner, rows));
    }

    private static void Run(ScriptRunner runner, RowWriter rows)
    {
        foreach (byte[] line in Lines)
        {
            runner.Execute(3, line);
            rows.EndRow();
        }
    }
}
