using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using FastRmp.Cli.Report;
using FastRmp.Cli.Shell;
using FastRmp.Images;
using FastRmp.Images.Study;
using Spectre.Console;

namespace FastRmp.Cli.Replay;

/// <summary>The result of a replay for people: one row a policy, in three tables. What was counted and what is modelled never
/// share one.</summary>
internal static class ReplayTable
{
    private const int PlainWidth = 160;
    private const string Unknown = "-";

    internal const string OptimumName = Verdict.OptimumName;

    internal static void Print(Session session, ReplayInput input, StudyResult study, bool showsOptimum)
    {
        session.Output.Write(Heading(input, study.Rows[0].Counts));
        foreach (string note in input.Notes)
        {
            session.Output.Write($"{note}\n");
        }

        if (study.Converted is { } converted) session.Output.Write($"{ConversionsReport.Line(converted)}\n");

        Print(session, Counted(study, showsOptimum));
        Print(session, Flushed(study, showsOptimum));
        Print(session, Modelled(study, showsOptimum));
        session.Output.Write(Constants(study.Costs));
    }

    // What was done to the map.
    private static Table Counted(StudyResult study, bool showsOptimum)
    {
        Table table = Create([
            "guest\npages", "host\nwrites", "rmp-\nupdate", "\npsmash", "viola-\ntions", "\nhandled", "\nfatal", "splits\n2M/1G",
            "rejoins\n2M/1G", "peak\n4K", "end\n4K", "end\n2M", "end\n1G"]);
        foreach (StudyRow row in study.Rows)
        {
            AddCounts(table, row.Counts, Number(row.Counts.Peak4K));
        }

        if (showsOptimum) AddCounts(table, study.OptimumCounts, Unknown);
        return table;
    }

    private static void AddCounts(Table table, ReplayResult result, string peak)
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
            peak,
            Number(result.End.Leaves4K),
            Number(result.End.Leaves2M),
            Number(result.End.Leaves1G));
    }

    // What that took of memory and of processors.
    private static Table Flushed(StudyResult study, bool showsOptimum)
    {
        Table table = Create([
            "flushes of\neverything", "flushes\nof pages", "table pages,\npeak", "\nmean", "\nend", "walks of\nhost accesses",
            "beyond the\nfirst map's", "blocks for the\nallocator to move"]);
        foreach (StudyRow row in study.Rows)
        {
            table.AddRow(
                Markup.Escape(row.Counts.Policy), Number(row.GlobalFlushes), Number(row.RangedFlushes), Number(row.PeakTables),
                row.MeanTables.ToString("F2", CultureInfo.InvariantCulture), Number(row.EndTables), Number(row.Walks),
                Number(row.ExtraWalks), row.Counts.Counts.Fatal == 0 ? Number(row.AdvisedBlocks) : Unknown);
        }

        if (showsOptimum)
        {
            table.AddRow(OptimumName, Number(study.Optimum.Splits2M), "0", Unknown, Unknown, Unknown, Unknown, Unknown, Unknown);
        }

        return table;
    }

    // What it costs, if the constants are right.
    private static Table Modelled(StudyResult study, bool showsOptimum)
    {
        Table table = Create([
            "modelled us:\ntables", "\nflushes", "\nfaults", "\nscans", "\nTLB", "\nall", "times the\noptimum"]);
        foreach (StudyRow row in study.Rows)
        {
            StudyCost cost = row.Cost;
            table.AddRow(
                Markup.Escape(row.Counts.Policy), Microseconds(cost.Tables), Microseconds(cost.Flushes), Microseconds(cost.Faults),
                Microseconds(cost.Scans), Microseconds(cost.Tlb), Microseconds(cost.Total),
                study.Ratio(row) is { } ratio ? ratio.ToString("F3", CultureInfo.InvariantCulture) : Unknown);
        }

        if (showsOptimum)
        {
            table.AddRow(
                OptimumName, Unknown, Unknown, Unknown, Unknown, Unknown, Microseconds(study.Optimum.Nanoseconds), "1.000");
        }

        return table;
    }

    private static string Constants(StudyCosts costs)
    {
        List<string> constants = [];
        foreach ((string key, _) in StudyCosts.Keys)
        {
            constants.Add(string.Create(CultureInfo.InvariantCulture, $"{key} {costs.Value(key)}"));
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"modelled for {costs.Cpus} processors, TLBs of {costs.Tlb.Name}; in nanoseconds:\n{string.Join(", ", constants)}\n");
    }

    private static Table Create(ReadOnlySpan<string> headings)
    {
        Table table = new() { Border = TableBorder.Simple, UseSafeBorder = true };
        table.AddColumn(new TableColumn("\npolicy") { NoWrap = true, Padding = new Padding(0, 0, 0, 0) });
        foreach (string heading in headings)
        {
            table.AddColumn(new TableColumn(heading) { NoWrap = true, Alignment = Justify.Right, Padding = new Padding(1, 0, 0, 0) });
        }

        return table;
    }

    private static void Print(Session session, Table table)
    {
        using StringWriter text = new(CultureInfo.InvariantCulture) { NewLine = "\n" };
        IAnsiConsole console = Console(session, text);
        console.Write(table);
        foreach (ReadOnlySpan<char> line in text.ToString().AsSpan().EnumerateLines())
        {
            // The border's own blank lines and blanks at line ends carry no information.
            ReadOnlySpan<char> trimmed = line.TrimEnd();
            if (!trimmed.IsEmpty) session.Output.WriteLine(trimmed);
        }
    }

    private static string Microseconds(double nanoseconds) => (nanoseconds / 1000).ToString("F1", CultureInfo.InvariantCulture);

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
