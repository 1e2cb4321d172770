using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace FastRmp.Cli.Report;

/// <summary>The area of a drawing whose horizontal axis is time: axes, and values that hold until the next one.</summary>
internal sealed class TimePlot
{
    internal const int Width = 420;
    internal const int Height = 200;

    private const int Left = 62;
    private const int Right = 8;
    private const int Top = 10;
    private const int Bottom = 34;
    private const int LabelGap = 5;
    private const int LabelDrop = 14;
    private const int Baseline = 4;

    private readonly IReadOnlyList<long> _times;
    private readonly Axis _values;
    private readonly Axis _time;
    private readonly double _unit;
    private readonly string _unitName;

    internal TimePlot(IReadOnlyList<long> times, Axis values)
    {
        _times = times;
        _values = values;
        double span = Math.Max(1, times[^1]);
        (_unit, _unitName) = Figures.Unit(span);
        _time = Axis.To(span / _unit);
    }

    internal static double PlotRight => Width - Right;

    internal static double PlotBottom => Height - Bottom;

    /// <summary>The shape of the drawing.</summary>
    internal static string ViewBox { get; } = string.Create(CultureInfo.InvariantCulture, $"0 0 {Width} {Height}");

    internal static double PlotLeft => Left;

    internal static double PlotTop => Top;

    internal double X(int sample) => Left + (_time.Part(_times[sample] / _unit) * (Width - Left - Right));

    internal double Y(double value) => PlotBottom - (_values.Part(value) * (PlotBottom - Top));

    /// <summary>The lines and numbers of both axes.</summary>
    internal void Axes(HtmlWriter html, Func<double, string> label)
    {
        StringBuilder grid = new();
        for (int index = 0; index < _values.Count; index++)
        {
            double y = Y(_values.Mark(index));
            grid.Append(CultureInfo.InvariantCulture, $"M{Left} {Figures.Place(y)}H{Width - Right}");
            Label(html, label(_values.Mark(index)), Left - LabelGap, y + Baseline, "end");
        }

        for (int index = 0; index < _time.Count; index++)
        {
            double x = Left + (_time.Part(_time.Mark(index)) * (Width - Left - Right));
            grid.Append(CultureInfo.InvariantCulture, $"M{Figures.Place(x)} {Figures.Place(PlotBottom)}v4");
            string text = string.Create(CultureInfo.InvariantCulture, $"{_time.Mark(index):0.######}");
            Label(html, text, x, PlotBottom + LabelDrop, "middle");
        }

        Label(html, $"time, {_unitName}", PlotRight, Height - Baseline, "end");
        html.Empty("path", ("class", "grid"), ("d", grid.ToString()));
    }

    /// <summary>A line of values, each of which holds until the next.</summary>
    internal string Steps(IReadOnlyList<double> values)
    {
        StringBuilder path = new();
        path.Append(CultureInfo.InvariantCulture, $"M{Figures.Place(X(0))} {Figures.Place(Y(values[0]))}");
        for (int index = 1; index < values.Count; index++)
        {
            if (values[index] == values[index - 1]) continue;
            path.Append(CultureInfo.InvariantCulture, $"H{Figures.Place(X(index))}V{Figures.Place(Y(values[index]))}");
        }

        return path.Append(CultureInfo.InvariantCulture, $"H{Figures.Place(X(values.Count - 1))}").ToString();
    }

    /// <summary>The area below such a line.</summary>
    internal string Area(IReadOnlyList<double> values) => string.Create(
        CultureInfo.InvariantCulture, $"{Steps(values)}V{Figures.Place(PlotBottom)}H{Figures.Place(X(0))}Z");

    private static void Label(HtmlWriter html, string text, double x, double y, string anchor) =>
        html.Element("text", text, ("x", Figures.Place(x)), ("y", Figures.Place(y)), ("text-anchor", anchor));
}
