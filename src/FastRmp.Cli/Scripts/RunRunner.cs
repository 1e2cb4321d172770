using System;
using System.Diagnostics;
using System.IO;
using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli.Scripts;

/// <summary><c>fastrmp run</c>: executes a script line by line.</summary>
internal static class RunRunner
{
    private const string StandardInput = "-";
    private const long InterruptEvery = 1 << 16;

    private static ReadOnlySpan<byte> ByteOrderMark => "\uFEFF"u8;

    internal static int Run(Session session, string script)
    {
        using InputStream input = script == StandardInput ? new InputStream(session.OpenInput(), StandardInput) : InputStream.Open(script);
        using RowWriter rows = new(session);
        ResultWriter results = new(rows);
        Stopwatch watch = Stopwatch.StartNew();
        try
        {
            long operations = Execute(session, input, rows, results);
            session.Detail($"{operations} operations took {watch.ElapsedMilliseconds} ms");
        }
        catch (Exception cut) when (cut is MalformedInputException or IOException)
        {
            rows.Flush(); // what was read before the damage has its results
            throw;
        }

        if (results.BadLines == 0) return ExitCode.Done;
        string more = results.BadLines == 1 ? string.Empty : $", and {results.BadLines - 1} more";
        session.Error($"{input.Name}: line {results.FirstBadLine} is bad{more}");
        return ExitCode.BadInput;
    }

    private static long Execute(Session session, InputStream input, RowWriter rows, ResultWriter results)
    {
        using ScriptRunner runner = new(results);
        using LineReader lines = new(input, leaveOpen: true) { Filling = () => HandOver(session, rows) };
        long operations = 0;
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (lines.LineNumber == 1 && line.StartsWith(ByteOrderMark)) line = line[ByteOrderMark.Length..];
            if (lines.LineNumber % InterruptEvery == 0) session.Cancellation.ThrowIfCancellationRequested();
            bool isOperation = lines.IsTooLong && !line.Contains((byte)'#')
                ? results.TooLong(lines.LineNumber)
                : runner.Execute(lines.LineNumber, line);
            if (!isOperation) continue;
            operations++;
            rows.EndRow();
        }

        if (lines.LineNumber == 0) throw new MalformedInputException(InputProblem.InFile(input.Name, "the file is empty"));
        rows.Flush();
        return operations;
    }

    // A program that drives the tool through a pipe waits for the result before it sends the next line.
    private static void HandOver(Session session, RowWriter rows)
    {
        rows.Flush();
        session.Output.Flush();
    }
}
