using System;
using System.Globalization;
using System.IO;
using FastRmp.Cli.Shell;
using FastRmp.Images;
using Spectre.Console;

namespace FastRmp.Cli.Replay;

/// <summary>The result of a replay for people: one row a policy.</summary>
internal static class ReplayTable
{
    private const int PlainWidth = 160;

    internal static void Print(Session session, ReplayInput input, ReadOnlySpan<ReplayResult> results)
    {
        Table table = new() { Border = TableBorder.Simple, UseSafeBorder = true };
        table.AddColumn(new TableColumn("\npolicy") { NoWrap = true, Padding = new Padding(0, 0, 0, 0) });
        foreach (string heading in (ReadOnlySpan<string>)[
            "guest\npages", "host\nwrites", "rmp-\nupdate", "\npsmash", "viola-\ntions", "\nhandled", "\nfatal", "splits\n2M/1G",
            "rejoins\n2M/1G", "peak\n4K", "end\n4K", "end\n2M", "end\n1G"])
        {
            table.AddColumn(new TableColumn(heading) { NoWrap = true, Alignment = Justify.Right, Padding = new Padding(1, 0, 0, 0) });
        }

        foreach (ReplayResult result in results)
        {
            ReplayCounts counts = result.Counts;
            table.AddRow(
                Markup.Escape(result.Policy),
                Number(counts.GuestPages),
                Number(counts.HostWrites),
                Number(counts.RmpUpdates),
                Number(counts.PSmashes),
                Number(counts.Violations),
                Number(counts.Handled),
                counts.Fatal == 0 ? "0" : $"[red]{Number(counts.Fatal)}[/]",
                $"{Number(counts.Splits2M)}/{Number(counts.Splits1G)}",
                $"{Number(counts.Rejoins2M)}/{Number(counts.Rejoins1G)}",
                Number(result.Peak4K),
                Number(result.End.Leaves4K),
                Number(result.End.Leaves2M),
                Number(result.End.Leaves1G));
        }

        using StringWriter text = new(CultureInfo.InvariantCulture) { NewLine = "\n" };
        IAnsiConsole console = Console(session, text);
        console.Write(table);
        session.Output.Write(Heading(input, results[0]));
        foreach (string note in input.Notes)
        {
            session.Output.Write($"{note}\n");
        }

        foreach (ReadOnlySpan<char> line in text.ToString().AsSpan().EnumerateLines())
        {
            // The border's own blank lines and blanks at line ends carry no information.
            ReadOnlySpan<char> trimmed = line.TrimEnd();
            if (!trimmed.IsEmpty) session.Output.WriteLine(trimmed);
        }
    }

    private static string Number(long count) => count.ToString(CultureInfo.InvariantCulture);

    // Trace and memory, and what no policy changes.
    private static string Heading(ReplayInput input, ReplayResult any)
    {
        LeafCounts start = any.Start;
        ReplayCounts counts = any.Counts;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {input.Summary}; {input.Guests} guests; {input.RamBytes >> 20} MiB of RAM
            direct map at start: {start.Leaves4K} of 4K, {start.Leaves2M} of 2M, {start.Leaves1G} of 1G; pages: {counts.Stale} stale, {counts.OwnedAtEnd} owned at the end; {counts.Outside} blocks outside RAM

            """).ReplaceLineEndings("\n");
    }

    private static IAnsiConsole Console(Session session, TextWriter writer)
    {
        bool colour = session.Terminal.ColoursOutput;
        AnsiConsoleSettings settings = new()
        {
            Ansi = colour ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = colour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new TextOutput(writer, PlainWidth), // a narrow terminal wraps lines by itself; cut numbers would be worse
        };
        settings.Enrichment.UseDefaultEnrichers = false;
        return AnsiConsole.Create(settings);
    }
}
