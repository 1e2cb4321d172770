using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security;
using System.Text;
using FastRmp.Benchmarks.Gating;

namespace FastRmp.Benchmarks.Releases;

/// <summary>Draws the releases: a strip for each operation, the ratio to C upwards, releases from left to right, a line for each kind of
/// processor. Readable on light and on dark paper.</summary>
internal static class HistoryDrawing
{
    private const int TextWidth = 470;
    private const int StripHeight = 30;
    private const int Step = 84; // from one release to the next
    private const int Margin = 24;
    private const int FigureWidth = 44; // of each kind of processor
    private const int HeaderHeight = 64;
    private const double Reach = 2; // what is above twice C or below half of it stands at the edge
    private const int Colours = 6; // then they begin anew

    private const string Explanation = "Dashed: as long as C. A strip reaches from half to twice that, by the logarithm; lower is faster.";

    private const string Style = """
        <style>
        :root { --paper: #ffffff; --ink: #1f2328; --faint: #59636e; --rule: #d0d7de;
          --c0: #0969da; --c1: #bc4c00; --c2: #1a7f37; --c3: #8250df; --c4: #bf3989; --c5: #7d4e00; }
        @media (prefers-color-scheme: dark) { :root { --paper: #0d1117; --ink: #e6edf3; --faint: #9198a1; --rule: #30363d;
          --c0: #58a6ff; --c1: #f0883e; --c2: #3fb950; --c3: #bc8cff; --c4: #f778ba; --c5: #d29922; } }
        text { font: 12px system-ui, sans-serif; fill: var(--ink); }
        .faint { fill: var(--faint); } .group { font-weight: 600; } .middle { text-anchor: middle; }
        .rule { stroke: var(--rule); stroke-width: 1; } .even { stroke: var(--faint); stroke-dasharray: 3 3; }
        polyline { fill: none; stroke-width: 2; }
        </style>
        """;

    /// <summary>Draws.</summary>
    /// <param name="rows">The rows of history.jsonl.</param>
    /// <param name="operations">Gives order, titles and groups; what is not among them comes last, by its name.</param>
    internal static string Svg(IReadOnlyList<ReleaseRow> rows, IReadOnlyList<Operation> operations)
    {
        string[] versions = [.. rows.Select(static row => row.Version).Distinct()];
        string[] machines = [.. rows.Select(static row => row.Machine).Distinct()];
        List<(string? Name, string Title)> lines = Lines(rows, operations);
        int left = Margin + TextWidth;
        int right = left + (Math.Max(1, versions.Length) * Step);
        int width = right + (Math.Max(1, machines.Length) * FigureWidth) + Margin;
        int top = Margin + HeaderHeight + (machines.Length * 18);
        int height = top + (lines.Count * StripHeight) + Margin;
        StringBuilder svg = new();
        Add(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">");
        svg.AppendLine("<title>FastRmp, time by that of the same algorithm in C, by release</title>");
        svg.AppendLine(Style);
        Add(svg, $"<rect width=\"{width}\" height=\"{height}\" fill=\"var(--paper)\"/>");
        Add(svg, $"<text x=\"{Margin}\" y=\"{Margin + 12}\" class=\"group\">FastRmp / C, by release</text>");
        svg.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{Margin}\" y=\"{Margin + 30}\" class=\"faint\">{Explanation}</text>");
        for (int i = 0; i < machines.Length; i++)
        {
            string processor = rows.Last(row => row.Machine == machines[i]).Processor;
            Add(svg, $"<circle cx=\"{Margin + 5}\" cy=\"{Margin + 44 + (i * 18)}\" r=\"4\" fill=\"{Colour(i)}\"/>");
            Add(svg, $"<text x=\"{Margin + 16}\" y=\"{Margin + 48 + (i * 18)}\">{Safe($"{processor} ({machines[i]})")}</text>");
        }

        for (int i = 0; i < versions.Length; i++)
        {
            string date = rows.First(row => row.Version == versions[i]).Date;
            Add(svg, $"<text x=\"{X(left, i)}\" y=\"{top - 18}\" class=\"middle\">{Safe(versions[i])}</text>");
            Add(svg, $"<text x=\"{X(left, i)}\" y=\"{top - 4}\" class=\"middle faint\">{Safe(date)}</text>");
        }

        for (int line = 0; line < lines.Count; line++)
        {
            int middle = top + (line * StripHeight) + (StripHeight / 2);
            (string? name, string title) = lines[line];
            Add(svg, $"<text x=\"{Margin}\" y=\"{middle + 4}\"{(name is null ? " class=\"group\"" : "")}>{Safe(title)}</text>");
            if (name is null) continue;
            Add(svg, $"<line x1=\"{left}\" x2=\"{right}\" y1=\"{middle}\" y2=\"{middle}\" class=\"rule even\"/>");
            Strip(svg, rows, versions, machines, name, (left, right), middle);
        }

        svg.AppendLine("</svg>");
        return svg.ToString();
    }

    /// <summary>Where a ratio is in its strip, from 1 at half of C's time down to −1 at twice it.</summary>
    internal static double Height(double ratio) => Math.Clamp(-Math.Log2(ratio) / Math.Log2(Reach), -1, 1);

    private static void Strip(
        StringBuilder svg, IReadOnlyList<ReleaseRow> rows, string[] versions, string[] machines, string name, (int Left, int Right) strip,
        int middle)
    {
        const int Reaching = (StripHeight / 2) - 3;
        for (int machine = 0; machine < machines.Length; machine++)
        {
            List<(int X, double Y, ReleaseRow Row)> points = [];
            foreach (ReleaseRow row in rows.Where(row => row.Machine == machines[machine] && row.Ratios.ContainsKey(name)))
            {
                // slower is higher: what rises got worse
                points.Add((X(strip.Left, Array.IndexOf(versions, row.Version)), middle + (Reaching * Height(row.Ratios[name])), row));
            }

            if (points.Count == 0) continue;
            if (points.Count > 1)
            {
                IEnumerable<string> places =
                    points.Select(static point => string.Create(CultureInfo.InvariantCulture, $"{point.X},{point.Y:F1}"));
                string path = string.Join(' ', places);
                Add(svg, $"<polyline points=\"{path}\" stroke=\"{Colour(machine)}\"/>");
            }

            foreach ((int x, double y, ReleaseRow row) in points)
            {
                string what = Safe($"{row.Version}, {row.Machine}");
                Add(svg, $"<circle cx=\"{x}\" cy=\"{y:F1}\" r=\"3\" fill=\"{Colour(machine)}\">");
                Add(svg, $"<title>{what}: {row.Ratios[name]:F2}</title></circle>");
            }

            double latest = points[^1].Row.Ratios[name];
            int at = strip.Right + 8 + (machine * FigureWidth);
            Add(svg, $"<text x=\"{at}\" y=\"{middle + 4}\" style=\"fill: {Colour(machine)}\">{latest:F2}</text>");
        }
    }

    /// <summary>Titles of groups, which have no name, and the operations under them.</summary>
    private static List<(string? Name, string Title)> Lines(IReadOnlyList<ReleaseRow> rows, IReadOnlyList<Operation> operations)
    {
        HashSet<string> names = [.. rows.SelectMany(static row => row.Ratios.Keys)];
        List<(string? Name, string Title)> lines = [];
        string group = string.Empty;
        foreach (Operation operation in operations.Where(operation => names.Remove(operation.Name)))
        {
            if (operation.Group != group) lines.Add((null, operation.Group));
            group = operation.Group;
            lines.Add((operation.Name, operation.Title));
        }

        if (names.Count != 0) lines.Add((null, "no longer measured"));
        lines.AddRange(names.Order(StringComparer.Ordinal).Select(static name => ((string?)name, name)));
        return lines;
    }

    private static int X(int left, int version) => left + (version * Step) + (Step / 2);

    private static string Colour(int machine) => $"var(--c{machine % Colours})";

    private static string Safe(string text) => SecurityElement.Escape(text);

    private static void Add(StringBuilder svg, FormattableString line) => svg.AppendLine(line.ToString(CultureInfo.InvariantCulture));
}
