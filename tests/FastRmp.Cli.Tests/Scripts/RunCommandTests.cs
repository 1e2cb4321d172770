using System;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Scripts;

public class RunCommandTests
{
    private const string Table = "rmp contiguous 100000 1103fff\nenable\n";

    [Fact]
    public void Standard_input_is_a_script_too() =>
        Assert.Equal("ok\nok\n0 SUCCESS\n", Run(Table + "rmpupdate 40000000 4k 1 5 0 0").Output);

    [Fact]
    public void Gzip_is_read_transparently()
    {
        using TemporaryFile script = new(Fixture.Gzipped(Tool.Utf8(Table)));
        Assert.Equal("ok\nok\n", Tool.Run("run", script.Path).Output);
    }

    [Fact]
    public void Lines_may_end_as_on_Windows() =>
        Assert.Equal("ok\nok\nHypervisor\n", Run((Table + "state 0\n").ReplaceLineEndings("\r\n")).Output);

    [Fact]
    public void A_byte_order_mark_is_no_part_of_the_first_line() => Assert.Equal("ok\nok\n", Run("\uFEFF" + Table).Output);

    [Fact]
    public void Comments_alone_are_a_script()
    {
        ToolResult result = Run("# nothing\n\n");
        Assert.Equal((0, string.Empty, string.Empty), (result.Code, result.Output, result.Error));
    }

    [Fact]
    public void An_empty_file_is_reported()
    {
        using TemporaryFile empty = new([]);
        Tool.Run("run", empty.Path).IsBadInput(empty.Path, "empty");
        Run(string.Empty).IsBadInput("-: ", "empty");
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Tool.Run("run", "/no/such/script").IsBadInput("fastrmp: /no/such/script: there is no such file");

    [Fact]
    public void Without_a_script_the_command_line_is_wrong() =>
        Tool.Run("run").IsUsageError("Required argument 'SCRIPT' missing for command: 'run'.");

    [Fact]
    public void Bad_lines_are_counted_on_standard_error_and_the_rest_runs()
    {
        ToolResult result = Run("x\n" + Table + "y\ncount 1\n");
        Assert.Equal("error: line 1: 'x' is not an operation\nok\nok\nerror: line 4: 'y' is not an operation\n0\n", result.Output);
        result.IsBadInput("fastrmp: -: line 1 is bad, and 1 more");
        Run("x").IsBadInput("fastrmp: -: line 1 is bad");
    }

    [Fact]
    public void Refusals_are_results_and_no_bad_lines()
    {
        ToolResult result = Run(
            "rmp contiguous 100001 1103fff\nrmp segmented 100000 36 0:4:10000000\nentry 0\nmodel turin\n"
                + "rmp segmented 100000 99999999999 0:4:10000000\nrmp segmented 100000 36 99999999999:4:10000000\n");
        Assert.Equal(0, result.Code);
        Assert.Equal(
            "error: RMP_BASE 0x100001 is not a multiple of 8 KiB.\nerror: The processor genoa has no segmented RMP.\nerror: not covered\n"
                + "ok\n"
                +
                "error: The segment exponent 2147483647 is outside 30 to 52, which the processor turin supports.\n"
                    + "error: Segment 2147483647 does not exist: there are 512, counted from 0.\n",
            result.Output);
    }

    [Fact]
    public void A_refused_table_changes_nothing() => Assert.Equal(
        "ok\nok\n0 SUCCESS\nerror: RMP_BASE 0x1 is not a multiple of 8 KiB.\n1\n",
        Run(Table + "rmpupdate 40000000 4k 1 5 0 0\nrmp contiguous 1 1103fff\ncount 5\n").Output);

    [Fact]
    public void A_table_larger_than_memory_is_not_enabled()
    {
        ToolResult result = Run("rmp contiguous 0 fffffffffff\nenable\nstate fff0000000000\nrmpupdate fff0000000000 4k 1 5 0 0\n");
        Assert.StartsWith("ok\nerror: 0x1000000000 bytes of entries would be touched, ", result.Output, StringComparison.Ordinal);
        Assert.EndsWith("\nHypervisor\nUD\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void RMPOPT_verifies_reports_and_is_ended_by_RMPUPDATE() => Assert.Equal(
        ["ok", "UD", "ok", "UD", "ok", "CF=0", "CF=0", "CF=1", "CF=1", "0 SUCCESS", "CF=0", "CF=0", "0 SUCCESS", "CF=0", "CF=1", "ok",
            "UD"],
        Run(
            "model venice\nrmpopt 0 report\nrmp segmented 100000 36 0:4:10000000\nrmpopt 0 verify\nenable\nrmpopt 0 verify\n"
                + "rmpopt 40000000 report\n"
                +
                    "rmpopt 40000000 verify\nrmpopt 7fffffff report\nrmpupdate 40001000 4k 1 5 0 0\nrmpopt 40000000 report\n"
                        + "rmpopt 40000000 verify\n"
                        +
                    "rmpupdate 40001000 4k 0 0 0 0\nrmpopt 40000000 report\nrmpopt 40000000 verify\nmodel turin\n"
                        + "rmpopt 0 verify\n").OutputLines);

    [Fact]
    public void A_cut_gzip_gives_the_results_of_what_was_read()
    {
        StringBuilder text = new(Table);
        for (int i = 0; i < 20_000; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"count {i * 7919 % 2048}\n");
        }

        byte[] packed = Fixture.Gzipped(Tool.Utf8(text.ToString()));
        using TemporaryFile script = new(packed.AsSpan(0, packed.Length / 2));
        ToolResult result = Tool.Run("run", script.Path);
        result.IsBadInput(script.Path, "gzip");
        Assert.InRange(result.OutputLines.Length, 1000, 19_999);
    }

    [Fact]
    public void A_line_that_is_too_long_is_one_bad_line_unless_a_comment_ends_it()
    {
        string filler = new('x', LineReader.MaxLineBytes * 5 / 2);
        ToolResult result = Run($"{Table}count {filler}\ncount 1 # {filler}\n#{filler}\n{filler}");
        Assert.Equal(
            $"ok\nok\nerror: line 3: is longer than 1048576 bytes\n0\nerror: line 6: is longer than 1048576 bytes\n", result.Output);
        Assert.Equal(3, result.Code);
    }

    [Fact]
    public void Results_are_handed_over_before_the_next_line_is_waited_for()
    {
        // The next line is made of the result of the one before: a tool that buffered its results would read the end of the input at once.
        using StringWriter output = new(CultureInfo.InvariantCulture);
        using Dialogue input = new(output);
        Assert.Equal(0, Program.Run(["run", "-"], output, TextWriter.Null, input));
        Assert.Equal("ok\nok\n0\n0\n0\n0\n0\n", output.ToString());
    }

    [Fact]
    public void An_interrupt_ends_a_long_script()
    {
        using CancellationTokenSource interrupt = new();
        interrupt.Cancel();
        StringBuilder comments = new();
        for (int i = 0; i < 70_000; i++)
        {
            comments.Append("#\n");
        }

        using TemporaryFile script = new(Tool.Utf8(comments.ToString()));
        Assert.Equal(130, Tool.RunOn(TerminalState.None, interrupt.Token, "run", script.Path).Code);
    }

    [Fact]
    public void Verbose_reports_the_time() =>
        Assert.Contains("2 operations took", Tool.RunWith(Tool.Utf8(Table), "run", "-", "-v").Error, StringComparison.Ordinal);

    private static ToolResult Run(string script) => Tool.RunWith(Tool.Utf8(script), "run", "-").SpeaksProperly();

    /// <summary>Gives out a line at a time, the next one only if all results so far are there.</summary>
    private sealed class Dialogue(StringWriter output) : MemoryStream
    {
        private int _lines;

        public override bool CanSeek => false;

        public override int Read(Span<byte> buffer)
        {
            int results = output.ToString().Split('\n').Length - 1;
            if (results < _lines || _lines == 7) return 0;
            string line = _lines switch
            {
                0 => "rmp contiguous 100000 1103fff\n",
                1 => "enable\n",
                _ => "count 5\n",
            };
            _lines++;
            return Encoding.ASCII.GetBytes(line, buffer);
        }
    }
}
