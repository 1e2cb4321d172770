using System.IO;
using System.Linq;
using System.Text;
using Xunit;

namespace FastRmp.Images.Tests.Logs;

/// <summary>Lines of any length and with any end: nothing of a log is left out in silence.</summary>
public sealed class LogLongLineTests
{
    private const string Message = "SEV-SNP: RMPUPDATE failed for PFN 12, pg_level: 1, ret: 2";

    [Theory]
    [InlineData(10)]
    [InlineData(30_000)]
    [InlineData(200_000)]
    public void A_log_whose_lines_end_in_carriage_returns_has_lines(int before)
    {
        string filler = string.Concat(Enumerable.Repeat("[    1.000000] ordinary\r", before));
        LogReport report = Read($"{filler}{Message}\r{filler}{Message}\r");
        Assert.Equal([before + 1L, (before + 1L) * 2], report.Findings.Select(finding => finding.Place.Line));
        Assert.Equal((before + 1L) * 2, report.LineCount);
        Assert.False(report.Problems.Any);
    }

    [Fact]
    public void A_mail_with_carriage_returns_is_unwrapped()
    {
        const string Wrapped = "[    1.000000] SEV-SNP: RMPUPDATE failed for PFN 12,\rpg_level: 1, ret: 2\r";
        Assert.IsType<LoggedRmpUpdate>(Assert.Single(Read(Wrapped).Findings));
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\r\r\n")]
    [InlineData("\r50%\r100%\n")]
    public void Carriage_returns_before_a_line_end_are_no_lines_of_their_own(string end)
    {
        LogReport report = Read($"boot{end}{Message}{end}{Message}{end}");
        Assert.Equal([2L, 3L], report.Findings.Select(finding => finding.Place.Line));
        Assert.Equal(3, report.LineCount);
    }

    /// <summary>A console that draws over a line for hours, then goes on.</summary>
    [Fact]
    public void Carriage_returns_cut_a_line_that_is_too_long()
    {
        string bar = string.Concat(Enumerable.Repeat("downloading 12 of 345 MB\r", 100_000));
        LogReport report = Read($"first\n{bar}{Message}\r{bar}\n{Message}\n");
        Assert.Equal([2L, 3L], report.Findings.Select(finding => finding.Place.Line));
        Assert.Equal(3, report.LineCount);
        Assert.False(report.Problems.Any);
    }

    [Theory]
    [InlineData(70_000, false)]
    [InlineData(250_000, false)]
    [InlineData(300_000, true)]
    [InlineData(3_000_000, true)]
    public void A_long_field_of_a_journal_hides_no_message_behind_it(int length, bool isTooLong)
    {
        string line = $$"""{"_PID":"1","COREDUMP":"{{new string('A', length)}}","MESSAGE":"{{Message}}","PRIORITY":"3"}""";
        LogReport report = Read($"{{}}\n{line}\n{{}}\n");
        Assert.Equal(2, Assert.IsType<LoggedRmpUpdate>(Assert.Single(report.Findings)).Place.Line);
        Assert.Equal(isTooLong, report.Problems.Any);
        if (!isTooLong) return;
        InputProblem problem = Assert.Single(report.Problems.First.ToArray());
        Assert.Equal(("log", 2L), (problem.File, problem.Line));
        Assert.StartsWith("the line is longer than 262144 bytes: it was read in pieces", problem.Reason, System.StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_that_is_too_long_is_a_problem_only_where_words_stand_behind_its_head()
    {
        string long1 = Message + new string(' ', 300_000);
        Assert.False(Read($"{long1}\n").Problems.Any);
        LogReport report = Read($"{long1}{Message}{long1}{Message}\n{Message}\n");
        Assert.Equal(1, report.Problems.Count);
        Assert.Equal(2, report.Findings[^1].Place.Line);
    }

    /// <summary>Wherever the cut falls, the message at it is read.</summary>
    [Fact]
    public void A_message_at_the_cut_of_a_line_is_read()
    {
        for (int before = (256 * 1024) - 120; before < (256 * 1024) + 20; before++)
        {
            LogReport report = Read($"RMP {new string('.', before - 4)}{Message}");
            Assert.Contains(report.Findings, static finding => finding is LoggedRmpUpdate { Code: 2 });
        }
    }

    private static LogReport Read(string text)
    {
        using LogReader reader = LogReader.FromStream(new MemoryStream(Encoding.UTF8.GetBytes(text)), "log");
        return reader.ReadAll();
    }
}
