using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Traces;

/// <summary>A trace in several files, put together by the times of its lines.</summary>
public class MergedTraceTests
{
    private static readonly string[] Lines =
        Encoding.ASCII.GetString(Fixture.Gunzipped("page-trace/trace.txt.gz")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Files_of_processors_give_the_events_of_the_whole_in_the_order_of_their_times(int files)
    {
        Random random = new(files);
        List<string>[] parts = [.. Enumerable.Range(0, files).Select(static _ => new List<string>(Lines.TakeWhile(IsHeading)))];
        foreach (string line in Lines.SkipWhile(IsHeading)) parts[random.Next(files)].Add(line);
        IEnumerable<string> ordered = parts.SelectMany(static (part, index) => part.SkipWhile(IsHeading).Select(line => (line, index)))
            .OrderBy(static one => TimeOf(one.line)).ThenBy(static one => one.index).Select(static one => one.line);
        using PageTrace expected = Read(string.Join('\n', Lines.TakeWhile(IsHeading).Concat(ordered)) + "\n");
        using PageTrace merged = Open(parts.Select(static part => Encoding.ASCII.GetBytes(string.Join('\n', part) + "\n")));
        Assert.Equal(0, merged.Problems.Count);
        Assert.Equal(expected.EventCount, merged.EventCount);
        Assert.Equal(expected.LineCount + ((files - 1) * Lines.TakeWhile(IsHeading).Count()), merged.LineCount);
        Assert.Equal(Events(expected), Events(merged));
    }

    [Fact]
    public void Other_forms_of_time_order_lines_too()
    {
        const string Perf = "  cat  12 [001]  10.000002: kmem:mm_page_free: page=0x1 pfn=0x2 order=0\n";
        const string Ftrace = "  a.b: 1.5: c-7     [000] .....    10.000001: mm_page_free: page=0x1 pfn=0x1 order=0\n";
        const string Graph = "   10.000003 |  1)               |  /* mm_page_free: page=0x1 pfn=0x3 order=0 */\n";
        const string Long = "  d-7     [000] .....    10.0000021: mm_page_free: page=0x1 pfn=0x4 order=0\n";
        using PageTrace trace = Open(new[] { Graph, Long, Perf, Ftrace }.Select(Encoding.ASCII.GetBytes));
        Assert.Equal(0, trace.Problems.Count);
        Assert.Equal([1UL, 2, 4, 3], Events(trace).Select(static item => item.Frame));
    }

    [Fact]
    public void A_note_of_lost_events_stays_behind_the_line_before_it_and_a_heading_comes_first()
    {
        const string First = "# tracer: nop\n  a-1 [000] ..... 1.0: mm_page_free: page=0 pfn=0x1 order=0\nCPU:0 [LOST 7 EVENTS]\n";
        const string Second = "  a-1 [000] ..... 1.5: mm_page_free: page=0 pfn=0x2 order=0\n";
        using PageTrace trace = Open(new[] { Second, First }.Select(Encoding.ASCII.GetBytes));
        Assert.Equal([1UL, 2], Events(trace).Select(static item => item.Frame));
        Assert.Equal((1L, 7UL, 4L), (trace.LostNotes, trace.LostEvents, trace.LineCount));
    }

    [Fact]
    public void Of_several_files_one_without_times_is_a_problem_and_alone_it_is_none()
    {
        byte[] bare = Encoding.ASCII.GetBytes("mm_page_free: page=0 pfn=0x2 order=0\n");
        byte[] timed = Encoding.ASCII.GetBytes("  a-1 [000] ..... 1.0: mm_page_free: page=0 pfn=0x1 order=0\n");
        using PageTrace both = Open([timed, bare, []]);
        Assert.Equal("2: has no time in any line, by which several files are put together", Assert.Single(Reasons(both)));
        using PageTrace alone = Open([bare]);
        Assert.Empty(Reasons(alone));
    }

    [Fact]
    public void A_file_that_is_cut_does_not_keep_the_others_from_being_read()
    {
        byte[] text = Encoding.ASCII.GetBytes(string.Join('\n', Lines.Take(4000)) + "\n");
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(text);
        using PageTrace whole = Open([text]);
        using PageTrace trace = Open([packed.ToArray()[..(int)(packed.Length / 2)], text]);
        Assert.InRange(trace.EventCount, whole.EventCount + 1, (2 * whole.EventCount) - 1);
        Assert.StartsWith("1", Assert.Single(Reasons(trace)), StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_files_give_the_events_of_each_and_no_exception()
    {
        Random random = new(3);
        string[] some = Lines[..300];
        for (int round = 0; round < 300; round++)
        {
            byte[][] parts = [.. Enumerable.Range(0, 3).Select(_ =>
            {
                byte[] part = Encoding.ASCII.GetBytes(string.Join('\n', some.Where(_ => random.Next(3) == 0)) + "\n");
                for (int change = random.Next(12); change > 0; change--) part[random.Next(part.Length)] = (byte)random.Next(256);
                return part;
            })];
            using PageTrace merged = Open(parts);
            long separate = 0;
            foreach (byte[] part in parts)
            {
                using PageTrace one = Open([part]);
                separate += one.EventCount;
            }

            Assert.Equal(separate, merged.EventCount);
        }
    }

    [Fact]
    public void No_path_is_an_argument_error() => Assert.Throws<ArgumentException>("paths", static () => PageTrace.Open([]));

    private static bool IsHeading(string line) => line[0] == '#';

    private static decimal TimeOf(string line) => decimal.Parse(
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3].TrimEnd(':'), System.Globalization.CultureInfo.InvariantCulture);

    private static PageTrace Read(string text) => PageTrace.Read(new MemoryStream(Encoding.ASCII.GetBytes(text)), "in");

    /// <summary>Files named 1, 2, … in a folder of their own.</summary>
    private static PageTrace Open(IEnumerable<byte[]> files)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory();
        try
        {
            List<string> paths = [];
            foreach (byte[] file in files)
            {
                paths.Add(Path.Combine(folder.FullName, $"{paths.Count + 1}"));
                File.WriteAllBytes(paths[^1], file);
            }

            return PageTrace.Open(paths);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string[] Reasons(PageTrace trace)
    {
        List<string> reasons = [];
        foreach (InputProblem problem in trace.Problems.First) reasons.Add(Path.GetFileName(problem.ToString()));
        return [.. reasons];
    }

    private static List<(PageEventKind Kind, ulong Frame, int Order, bool IsMovable, string Task)> Events(PageTrace trace)
    {
        List<(PageEventKind, ulong, int, bool, string)> events = [];
        foreach (ReadOnlySpan<PageEvent> block in trace.Blocks)
        {
            foreach (PageEvent item in block) events.Add((item.Kind, item.Frame, item.Order, item.IsMovable, trace.Tasks[item.Task]));
        }

        return events;
    }
}
