using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Report;

/// <summary>Physical memory, a cell for each region of 2 MiB or for several: what guests own, and what a policy has split. Some instants
/// are drawn for all readers; a script lets one move through all of them.</summary>
internal static class MemoryPictures
{
    private const int Columns = 64;
    private const int Cell = 10;
    private const int Left = 84;
    private const int RowsOfLabel = 4;
    private const int Instants = 4;
    private const int GuestLevels = 4;
    private const int Fill = 9;
    private const int Baseline = 9;
    private const int LabelGap = 6;

    private static readonly string[] GuestNames = ["", "guest pages, less than half", "guest pages, half or more", "guest pages only"];

    internal static void Write(HtmlWriter html, IReadOnlyList<ShownPolicy> shown, string policy)
    {
        PolicyHistory first = shown.Select(static one => one.History).FirstOrDefault(one => one.Policy == policy) ?? shown[^1].History;
        MemoryHistory memory = first.Memory;
        ulong cellBytes = (ulong)memory.CellRegions * PageSize.Size2M.Bytes();
        string cell = memory.CellRegions == 1
            ? "a cell is a region of 2 MiB"
            : $"a cell is {Figures.Count(memory.CellRegions)} regions of 2 MiB";
        html.Element("p", $"Physical memory from left to right and top to bottom; {cell}, a row {Size(cellBytes * Columns)}.");
        Legend(html, memory.CellRegions != 1);
        html.Open("div", ("class", "charts instants"));
        int last = -1;
        for (int instant = 0; instant < Instants; instant++)
        {
            int frame = instant * (memory.Times.Count - 1) / (Instants - 1);
            if (frame == last) continue;
            last = frame;
            WriteInstant(html, first, frame, string.Create(CultureInfo.InvariantCulture, $"memory-{instant}"));
        }

        html.Close();
        WriteInteractive(html, shown, first);
    }

    private static void WriteInstant(HtmlWriter html, PolicyHistory history, int frame, string id)
    {
        string what = Describe(history, frame);
        string time = Figures.Duration(history.Memory.Times[frame]);
        html.Open("figure").Open("figcaption").Element("b", time)
            .Text($", {history.Policy}: {what}").Close();
        Drawing.Open(html, id, ViewBox(history.Memory), $"Physical memory after {time}", what, "memory");
        Frame(html, history.Memory);
        byte[] guests = history.Memory.Guests[frame];
        for (byte level = 1; level < GuestLevels; level++)
        {
            html.Empty("path", ("class", Name("guest", level)), ("d", Path(guests, level, 0, Fill)));
        }

        byte[] splits = history.Splits[frame];
        html.Empty("path", ("class", "split"), ("d", Path(splits, 1, 7, 2) + Path(splits, 2, 5, 4)));
        html.Close().Close();
    }

    private static void WriteInteractive(HtmlWriter html, IReadOnlyList<ShownPolicy> shown, PolicyHistory first)
    {
        MemoryHistory memory = first.Memory;
        html.Open("div", ("class", "moving"), ("id", "memory"), ("hidden", "hidden"))
            .Open("div", ("class", "controls"))
            .Element("label", "Policy", ("for", "memory-policy"))
            .Open("select", ("id", "memory-policy"));
        for (int index = 0; index < shown.Count; index++)
        {
            string value = index.ToString(CultureInfo.InvariantCulture);
            if (shown[index].History == first)
            {
                html.Element("option", shown[index].Name, ("value", value), ("selected", "selected"));
            }
            else
            {
                html.Element("option", shown[index].Name, ("value", value));
            }
        }

        html.Close()
            .Element("label", "Time", ("for", "memory-time"))
            .Empty(
                "input", ("type", "range"), ("id", "memory-time"), ("min", "0"),
                ("max", (memory.Times.Count - 1).ToString(CultureInfo.InvariantCulture)),
                ("value", Fullest(memory).ToString(CultureInfo.InvariantCulture)), ("step", "1"))
            .Open("output", ("for", "memory-policy memory-time"), ("id", "memory-now")).Close()
            .Close();
        html.Open("div", ("class", "scroll"));
        Drawing.Open(
            html, "memory-moving", ViewBox(memory), "Physical memory at the chosen time", "What it shows is in words above.", "memory");
        Frame(html, memory);
        for (byte level = 1; level < GuestLevels; level++)
        {
            html.Empty("path", ("class", Name("guest", level)), ("d", string.Empty));
        }

        html.Empty("path", ("class", "split"), ("d", string.Empty));
        html.Close().Close().Close();
        html.Open("script", ("type", "application/json"), ("id", "memory-data")).Verbatim(Data(shown)).Close();
    }

    /// <summary>Letters a, b, c and so on for levels, each with how often it follows itself: digits, letters and brackets only, so that
    /// nothing in it can end the script's element.</summary>
    private static string Data(IReadOnlyList<ShownPolicy> shown)
    {
        List<MemoryHistory> memories = [.. shown.Select(static one => one.History.Memory).Distinct()];
        StringBuilder text = new("{\"columns\":");
        text.Append(CultureInfo.InvariantCulture, $"{Columns},\"cell\":{Cell},\"left\":{Left},\"times\":[");
        text.AppendJoin(',', memories[0].Times.Select(static time => $"\"{Figures.Duration(time)}\""));
        text.Append("],\n\"guests\":[");
        text.AppendJoin(",\n", memories.Select(static one => Frames(one.Guests)));
        text.Append("],\n\"policies\":[");
        text.AppendJoin(",\n", shown.Select(one =>
        {
            string guests = memories.IndexOf(one.History.Memory).ToString(CultureInfo.InvariantCulture);
            return $"{{\"guests\":{guests},\"splits\":{Frames(one.History.Splits)}}}";
        }));
        return text.Append("]}").ToString();
    }

    private static string Frames(IReadOnlyList<byte[]> frames) =>
        $"[{string.Join(",\n", frames.Select(static one => $"\"{Runs(one)}\""))}]";

    private static string Runs(byte[] levels)
    {
        StringBuilder text = new();
        int end;
        for (int start = 0; start < levels.Length; start = end)
        {
            end = start + 1;
            while (end < levels.Length && levels[end] == levels[start])
            {
                end++;
            }

            text.Append((char)('a' + levels[start]));
            if (end - start > 1) text.Append(CultureInfo.InvariantCulture, $"{end - start}");
        }

        return text.ToString();
    }

    /// <summary>What an instant shows, in words.</summary>
    private static string Describe(PolicyHistory history, int frame)
    {
        string cells = history.Memory.CellRegions == 1 ? "region" : "cell";
        int guests = history.Memory.Guests[frame].Count(static level => level != 0);
        int splits = history.Splits[frame].Count(static level => level != 0);
        return $"guests own pages in {Figures.Count(guests, cells)}, {Figures.Count(splits)} split";
    }

    // The first instant with most guest memory: there is most to see.
    private static int Fullest(MemoryHistory memory)
    {
        int fullest = 0;
        long most = -1;
        for (int frame = 0; frame < memory.Guests.Count; frame++)
        {
            long sum = memory.Guests[frame].Sum(static level => (long)level);
            if (sum > most) (fullest, most) = (frame, sum);
        }

        return fullest;
    }

    private static void Frame(HtmlWriter html, MemoryHistory memory)
    {
        byte[] ram = [.. memory.IsRam.Select(static one => one ? (byte)1 : (byte)0)];
        html.Empty("path", ("class", "ram"), ("d", Path(ram, 1, 0, Fill)));
        ulong cellBytes = (ulong)memory.CellRegions * PageSize.Size2M.Bytes();
        for (int row = 0; row < Rows(memory); row += RowsOfLabel)
        {
            html.Element(
                "text", string.Create(CultureInfo.InvariantCulture, $"0x{(ulong)row * Columns * cellBytes:x}"),
                ("x", Figures.Place(Left - LabelGap)), ("y", Figures.Place((row * Cell) + Baseline)), ("text-anchor", "end"));
        }
    }

    /// <summary>Rectangles around neighbours of one level.</summary>
    private static string Path(byte[] levels, byte level, int top, int height)
    {
        StringBuilder path = new();
        int end;
        for (int start = 0; start < levels.Length; start = end)
        {
            end = start + 1;
            if (levels[start] != level) continue;
            while (end < levels.Length && levels[end] == level && end % Columns != 0)
            {
                end++;
            }

            path.Append(
                CultureInfo.InvariantCulture,
                $"M{Left + (start % Columns * Cell)} {(start / Columns * Cell) + top}h{(end - start) * Cell}v{height}h-{(end - start) * Cell}z");
        }

        return path.ToString();
    }

    private static void Legend(HtmlWriter html, bool areManyRegions)
    {
        html.Open("ul", ("class", "legend row"));
        Key(html, "ram", "the host alone", 0, Fill);
        for (int level = 1; level < GuestLevels; level++)
        {
            Key(html, Name("guest", level), GuestNames[level], 0, Fill);
        }

        if (areManyRegions) Key(html, "split", "split, less than half", 7, 2);
        Key(html, "split", areManyRegions ? "split, half or more" : "split to 4K", 5, 4);
        html.Close();
    }

    private static void Key(HtmlWriter html, string kind, string text, int top, int height) => html.Open("li")
        .Open("svg", ("xmlns", "http://www.w3.org/2000/svg"), ("viewBox", "0 0 10 9"), ("aria-hidden", "true"))
        .Empty("path", ("class", "ram"), ("d", "M0 0h10v9h-10z"))
        .Empty("path", ("class", kind), ("d", string.Create(CultureInfo.InvariantCulture, $"M0 {top}h10v{height}h-10z")))
        .Close().Element("span", text).Close();

    private static string ViewBox(MemoryHistory memory) => string.Create(
        CultureInfo.InvariantCulture, $"0 0 {Left + (Columns * Cell)} {Math.Max(2, Rows(memory)) * Cell}");

    private static int Rows(MemoryHistory memory) => (memory.IsRam.Count + Columns - 1) / Columns;

    private static string Name(string what, int level) => string.Create(CultureInfo.InvariantCulture, $"{what}{level}");

    private static string Size(ulong bytes) => bytes >= 1UL << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes >> 30} GiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20} MiB");
}
