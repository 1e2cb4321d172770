using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml.Linq;
using FastRmp.Benchmarks.Gating;
using FastRmp.Benchmarks.Releases;
using Xunit;

namespace FastRmp.Benchmarks.Tests;

public class HistoryTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private static string Recorded => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "history.jsonl"));

    [Fact]
    public void The_file_is_as_the_command_would_write_it()
    {
        List<ReleaseRow> rows = ReleaseHistory.Parse(Recorded);
        Assert.NotEmpty(rows);
        Assert.Equal(Recorded, ReleaseHistory.Format(rows));
        Assert.Equal(rows.Count, rows.Select(static row => row.Version + row.Machine).Distinct().Count());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("no JSON")]
    [InlineData("null")]
    [InlineData("""{"version":"1","date":"","cpu":"","vector_bits":0,"processor":"","ratios":{"Sample":0}}""")]
    public void A_line_that_is_no_row_is_named(string line)
    {
        FormatException wrong = Assert.Throws<FormatException>(() => ReleaseHistory.Parse("\n" + line + "\n"));
        Assert.StartsWith("history.jsonl, line 2: ", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_release_is_added_once_for_each_machine()
    {
        List<ReleaseRow> rows = ReleaseHistory.With([], "1.0", SampleReports.Entry(1.5, "GenuineIntel 6/207", 512));
        rows = ReleaseHistory.With(rows, "1.0", SampleReports.Entry(1.2, "AuthenticAMD 25/17", 512));
        rows = ReleaseHistory.With(rows, "1.1", SampleReports.Entry(1.1, "AuthenticAMD 25/17", 512));
        rows = ReleaseHistory.With(rows, "1.1", SampleReports.Entry(0.9, "AuthenticAMD 25/17", 512)); // measured anew
        Assert.Equal([1.5, 1.2, 0.9], rows.Select(static row => row.Ratios[SampleReports.Operation.Name]));
        Assert.Equal(ReleaseHistory.Format(rows), ReleaseHistory.Format(ReleaseHistory.Parse(ReleaseHistory.Format(rows))));
    }

    [Fact]
    public void The_drawing_has_a_point_for_each_ratio_and_a_line_for_each_machine_with_more_than_one()
    {
        List<ReleaseRow> rows =
        [
            Row("1.0", "GenuineIntel 6/207", 2), Row("1.0", "AuthenticAMD 25/17", 1), Row("1.1", "AuthenticAMD 25/17", 0.5),
        ];
        XElement drawing = XDocument.Parse(HistoryDrawing.Svg(rows, [SampleReports.Operation])).Root!;
        XElement[] points = [.. drawing.Elements(Svg + "circle").Where(static circle => circle.Element(Svg + "title") is not null)];
        Assert.Equal(
            [
                "1.0, GenuineIntel 6/207, 512 bits: 2.00", "1.0, AuthenticAMD 25/17, 512 bits: 1.00",
                "1.1, AuthenticAMD 25/17, 512 bits: 0.50",
            ],
            points.Select(static point => point.Value.Trim()));
        double[] heights = [.. points.Select(static point => (double)point.Attribute("cy")!)];
        Assert.True(heights[0] < heights[1] && heights[1] < heights[2]); // slower is higher
        Assert.Single(drawing.Elements(Svg + "polyline"));
        Assert.Single(drawing.Elements(Svg + "text"), static text => text.Value == "sample");
        Assert.Contains("prefers-color-scheme: dark", drawing.Element(Svg + "style")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void The_recorded_releases_are_drawn_within_the_paper()
    {
        XElement drawing = XDocument.Parse(HistoryDrawing.Svg(ReleaseHistory.Parse(Recorded), Operation.All)).Root!;
        double height = (double)drawing.Attribute("height")!;
        double width = (double)drawing.Attribute("width")!;
        Assert.All(drawing.Descendants(Svg + "circle"), circle => Assert.InRange((double)circle.Attribute("cy")!, 0, height));
        Assert.All(drawing.Descendants(Svg + "text"), text => Assert.InRange((double)text.Attribute("x")!, 0, width));
        Assert.DoesNotContain(drawing.Elements(Svg + "text"), static text => text.Value == "no longer measured");
    }

    [Fact]
    public void Names_of_any_kind_stay_text()
    {
        ReleaseRow row = Row("<1.0>", "a\" & b", 1);
        XElement drawing = XDocument.Parse(HistoryDrawing.Svg([row], [])).Root!;
        Assert.Contains(drawing.Elements(Svg + "text"), static text => text.Value == "<1.0>");
        Assert.Contains(drawing.Elements(Svg + "text"), static text => text.Value == "no longer measured");
    }

    [Fact]
    public void Nothing_recorded_is_a_drawing_too() => Assert.NotNull(XDocument.Parse(HistoryDrawing.Svg([], Operation.All)).Root);

    [Theory]
    [InlineData(0.01, 1)]
    [InlineData(0.5, 1)]
    [InlineData(1, 0)]
    [InlineData(2, -1)]
    [InlineData(100, -1)]
    public void A_strip_ends_at_half_and_twice(double ratio, double height) => Assert.Equal(height, HistoryDrawing.Height(ratio), 9);

    private static ReleaseRow Row(string version, string cpu, double ratio) =>
        ReleaseHistory.With([], version, SampleReports.Entry(ratio, cpu, 512)).Single();
}
