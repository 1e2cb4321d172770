using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace FastRmp.Images;

/// <summary>Reads a kernel's log or trace: dmesg in any of its forms, journald's exports, a serial console, ftrace text, a mail that quotes
/// one of these.</summary>
/// <remarks>
/// <para>gzip and zstd are noticed by content. The memory used does not depend on the log's length. Lines that nothing here knows are
/// skipped unread.</para>
/// <para>For one thread.</para>
/// </remarks>
/// <example>
/// Every page frame that a refused RMPUPDATE of a log is about, with the code's name:
/// <code language="csharp">
/// using LogReader reader = LogReader.Open(path);
/// foreach (LoggedRmpUpdate update in reader.ReadAll().Findings.OfType&lt;LoggedRmpUpdate&gt;())
/// {
///     Console.WriteLine($"{update.Pfn:x} {update.Name}");
/// }
/// </code>
/// </example>
public sealed class LogReader : IDisposable
{
    private readonly LogBlocks _blocks;
    private readonly LogContext _context;
    private readonly LogScanner _scanner;
    private Task<int>? _pending;
    private bool _isLog; // its first bytes were looked at

    private LogReader(Stream stream, string name, LogReport report)
    {
        Name = name;
        Report = report;
        _blocks = new LogBlocks(stream);
        _context = new LogContext(report) { File = name };
        _scanner = new LogScanner(_context);
    }

    /// <summary>The log's name: a path, or <c>-</c>.</summary>
    public string Name { get; }

    /// <summary>Where the findings go.</summary>
    public LogReport Report { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="report">Receives the findings, after those of other logs; null for a new one.</param>
    /// <returns>The reader; dispose it.</returns>
    /// <exception cref="IOException">The file is missing, unreadable or a directory; the message begins with the path.</exception>
    public static LogReader Open(string path, LogReport? report = null)
    {
        InputStream stream = InputStream.Open(path);
        return new LogReader(stream, path, report ?? new LogReport());
    }

    /// <summary>Takes a stream, for instance standard input.</summary>
    /// <param name="stream">The log.</param>
    /// <param name="name">Its name for messages.</param>
    /// <param name="report">Receives the findings, after those of other logs; null for a new one.</param>
    /// <returns>The reader; dispose it. The stream is disposed with it.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static LogReader FromStream(Stream stream, string name, LogReport? report = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        return new LogReader(new InputStream(stream, name), name, report ?? new LogReport());
    }

    /// <summary>Reads to the end.</summary>
    /// <param name="cancellation">Ends the reading between two blocks.</param>
    /// <returns>The report.</returns>
    /// <exception cref="MalformedInputException">The log is empty, no text, or its compressed data is cut or corrupt; what was found before
    /// is in the report.</exception>
    /// <exception cref="IOException">The log cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The reading was cancelled.</exception>
    public LogReport ReadAll(CancellationToken cancellation = default)
    {
        try
        {
            while (!_blocks.AtEnd)
            {
                cancellation.ThrowIfCancellationRequested();
                _blocks.Fill();
                RequireLog();
                _scanner.Read(_blocks, all: false);
            }
        }
        catch (MalformedInputException)
        {
            if (_isLog) _scanner.Read(_blocks, all: true);
            throw;
        }
        finally
        {
            End();
        }

        return Report;
    }

    /// <summary>Reads on in a log that grows.</summary>
    /// <param name="pause">How long to wait for more before what is there is taken for all there is.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>False at the end of the log.</returns>
    /// <exception cref="MalformedInputException">The log is empty, no text, or its compressed data is cut or corrupt; what was found before
    /// is in the report.</exception>
    /// <exception cref="OperationCanceledException">The reading was cancelled.</exception>
    /// <exception cref="IOException">The log cannot be read.</exception>
    public bool ReadOn(TimeSpan pause, CancellationToken cancellation)
    {
        while (!_blocks.AtEnd)
        {
            Task<int> reading = _pending ?? _blocks.StartFill();
            _pending = null;
            if (Task.WaitAny([reading], (int)pause.TotalMilliseconds, cancellation) < 0)
            {
                _pending = reading;
                _scanner.Read(_blocks, all: true);
                return true;
            }

            Take(reading);
        }

        End();
        return false;
    }

    private void Take(Task<int> reading)
    {
        try
        {
            _blocks.Filled(reading.GetAwaiter().GetResult());
            RequireLog();
            _scanner.Read(_blocks, all: false);
        }
        catch (MalformedInputException)
        {
            if (_isLog) _scanner.Read(_blocks, all: true);
            End();
            throw;
        }
    }

    /// <summary>Closes the log.</summary>
    public void Dispose() => _blocks.Dispose();

    private void End()
    {
        if (_isLog) Report.LineCount += _blocks.LineCount;
        Report.ByteCount += _blocks.BytesRead;
        _context.Close();
    }

    /// <summary>Refuses what is no log, by its first bytes.</summary>
    private void RequireLog()
    {
        if (_isLog) return;
        ReadOnlySpan<byte> head = _blocks.Head;
        if (head.IsEmpty) throw new MalformedInputException(InputProblem.AtOffset(Name, 0, "the file is empty"));
        string? kind = head.StartsWith((ReadOnlySpan<byte>)[0x7F, (byte)'E', (byte)'L', (byte)'F'])
            ? "an ELF file, no log"
            : FileKinds.Describe(head[..Math.Min(head.Length, FileKinds.HeadBytes)]);
        if (kind is not null) throw new MalformedInputException(InputProblem.InFile(Name, $"is {kind}"));
        _isLog = true;
    }
}
