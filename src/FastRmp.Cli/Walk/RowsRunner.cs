using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli.Walk;

/// <summary><c>fastrmp walk --rows</c>: performs each row's access and prints what came of it.</summary>
internal static class RowsRunner
{
    private const string StandardInput = "-";
    private const int NarrowestWidth = 36;
    private const int Widths = 52 - NarrowestWidth + 1;
    private const long Shown = 5;

    private static ReadOnlySpan<byte> ByteOrderMark => "\uFEFF"u8;

    internal static int Run(Session session, string file, ProcessorModel processor)
    {
        using InputStream input = file == StandardInput ? new InputStream(session.OpenInput(), StandardInput) : InputStream.Open(file);
        using RowWriter rows = new(session);
        Stopwatch watch = Stopwatch.StartNew();
        long differing;
        try
        {
            differing = Walk(session, input, rows, ByWidth(processor), out long count);
            rows.Flush();
            session.Detail($"{count} rows took {watch.ElapsedMilliseconds} ms");
        }
        catch (Exception cut) when (cut is MalformedInputException or IOException)
        {
            rows.Flush(); // the rows before the bad one have their results
            throw;
        }

        if (differing == 0) return ExitCode.Done;
        session.Error(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{input.Name}: {differing} {(differing == 1 ? "row differs" : "rows differ")} from what the file expects"));
        return ExitCode.Found;
    }

    private static long Walk(Session session, InputStream input, RowWriter rows, ProcessorModel[] byWidth, out long count)
    {
        using LineReader lines = new(input, leaveOpen: true);
        if (!lines.TryRead(out ReadOnlySpan<byte> line))
        {
            throw new MalformedInputException(InputProblem.InFile(input.Name, "the file is empty"));
        }

        if (line.StartsWith(ByteOrderMark)) line = line[ByteOrderMark.Length..];
        RowLayout layout = RowLayout.Parse(line, out string problem) ?? throw Bad(input, lines, problem);
        RowParser row = new(layout);
        long differing = 0;
        count = 0;
        while (lines.TryRead(out line))
        {
            if (line.IsEmpty) continue;
            if (!row.TryRead(line)) throw Bad(input, lines, row.Problem);
            ProcessorModel processor = byWidth[(int)row[RowColumn.MaxPhyAddr].Value - NarrowestWidth];
            if (row.IsFiveLevel && !processor.HasLa57)
            {
                throw Bad(input, lines, $"levels: a {processor.Name} has no five-level paging");
            }

            RowWalk walk = RowWalk.Of(row, processor);
            Write(rows, row[RowColumn.Id].Value, walk);
            count++;
            if (walk.Difference(row, layout) is not { } column) continue;
            if (differing++ >= Shown) continue;
            string id = string.Create(CultureInfo.InvariantCulture, $"row {row[RowColumn.Id].Value}: {RowLayout.Name(column)}");
            session.Error(
                $"{input.Name}: line {lines.LineNumber}: {id} is {Text(walk.Cell(column))}, the file expects {Text(row[column])}");
        }

        return differing;
    }

    private static void Write(RowWriter rows, ulong id, in RowWalk walk)
    {
        rows.Decimal(id);
        rows.Text(walk.Fault ? "\t1\t" : "\t0\t");
        Write(rows, walk.Err);
        rows.Char('\t');
        Write(rows, walk.Pa);
        rows.Char('\t');
        Write(rows, walk.PteAfter);
        rows.Char('\t');
        Write(rows, walk.PdeAfter);
        rows.Char('\n');
        rows.EndRow();
    }

    private static void Write(RowWriter rows, RowCell cell)
    {
        if (cell.Applies) rows.HexDigits(cell.Value);
        else rows.Char('-');
    }

    // One model for each width a row may have, so that no row makes one.
    private static ProcessorModel[] ByWidth(ProcessorModel processor)
    {
        ProcessorModel[] models = new ProcessorModel[Widths];
        for (int i = 0; i < models.Length; i++)
        {
            models[i] = processor with { PhysicalAddressWidth = NarrowestWidth + i };
        }

        return models;
    }

    private static string Text(RowCell cell) => cell.Applies ? string.Create(CultureInfo.InvariantCulture, $"{cell.Value:x}") : "-";

    private static MalformedInputException Bad(InputStream input, LineReader lines, string problem) =>
        new(InputProblem.AtLine(input.Name, lines.LineNumber, problem));
}
