using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using System.Threading;
using FastRmp.Cli.Report;
using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli.Replay.Sweeps;

/// <summary>The rows of a sweep, in a file or on standard output. A file that is there is gone on with: what it has is not done again, and
/// a row that was cut when the writer died is.</summary>
internal sealed class SweepRows : IDisposable
{
    private const int MostOfRow = 1 << 24;

    private readonly Session _session;
    private readonly SweepPlan _plan;
    private readonly string _path;
    private readonly FileStream? _file;
    private readonly Lock _lock = new();
    private readonly Dictionary<int, SweptReplay> _rows = [];
    private readonly Dictionary<(string Trace, string Input), string> _hashes = [];

    /// <summary>Opens them, and reads what is there.</summary>
    /// <exception cref="MalformedInputException">The file holds something else, or rows of another plan.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    internal SweepRows(Session session, SweepPlan plan, string? path)
    {
        _session = session;
        _plan = plan;
        _path = path ?? "standard output";
        if (path is null) return;
        try
        {
            _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
            if (!_file.CanSeek) throw new IOException("it is no file that could be read again; without --rows, rows go to standard output");
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            _file?.Dispose();
            throw Refused(refusal);
        }

        try
        {
            ReadAll(_file);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>Whether a row had lines that are not what they have to be.</summary>
    internal bool HasProblems { get; private set; }

    /// <summary>How many there are.</summary>
    internal int Count
    {
        get
        {
            lock (_lock) return _rows.Count;
        }
    }

    /// <summary>What they say, in the order of their numbers.</summary>
    internal IReadOnlyList<SweptReplay> Replays
    {
        get
        {
            lock (_lock)
            {
                List<SweptReplay> all = [.. _rows.Values];
                all.Sort(static (left, right) => left.Task.CompareTo(right.Task));
                return all;
            }
        }
    }

    /// <summary>The inputs, with the SHA-256 of each.</summary>
    internal IReadOnlyDictionary<(string Trace, string Input), string> Hashes => _hashes;

    /// <summary>Whether a replay is done.</summary>
    internal bool Has(int task)
    {
        lock (_lock) return _rows.ContainsKey(task);
    }

    /// <summary>Adds a row and writes it at once. Any thread may.</summary>
    /// <exception cref="MalformedInputException">An input has changed since an earlier row was made of it.</exception>
    /// <exception cref="IOException">It cannot be written; what was written before is whole.</exception>
    internal void Add(SweepRow row)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(row, SweepJsonContext.Default.SweepRow);
        byte[] line = new byte[json.Length + 1];
        json.CopyTo(line, 0);
        line[^1] = (byte)'\n';
        lock (_lock)
        {
            if (Note(row) is { } other)
            {
                throw new MalformedInputException(
                    $"{_path}: '{other}' has changed since the rows that are there were made; name another file with --rows");
            }

            Write(line);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private void Write(byte[] line)
    {
        if (_file is null)
        {
            _session.Output.WriteUtf8(line);
            _session.Output.Flush();
            return;
        }

        long end = _file.Length;
        try
        {
            _file.Position = end;
            _file.Write(line);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            Cut(end);
            throw Refused(refusal);
        }
    }

    // What of a row went onto a full disk.
    private void Cut(long end)
    {
        try
        {
            _file!.SetLength(end);
        }
        catch (IOException)
        {
            // the next run does it
        }
    }

    private void ReadAll(FileStream file)
    {
        long number = 0;
        long whole = 0;
        try
        {
            foreach (ReadOnlyMemory<byte> line in Lines(file))
            {
                number++;
                if (line.Span[^1] != (byte)'\n')
                {
                    if (!IsBeginOfRow(line.Span)) throw NoRow(number, null);
                    file.SetLength(whole);
                    _session.Remark($"{_path}: line {number} is cut: its replay is done again");
                    return;
                }

                whole += line.Length;
                if (line.Length > 1) Take(line.Span[..^1], number);
            }
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            throw Refused(refusal);
        }
    }

    // What is cut away must have been ours.
    private static bool IsBeginOfRow(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> begin = "{\"task\":"u8;
        int length = Math.Min(line.Length, begin.Length);
        return line.Length <= MostOfRow && line[..length].SequenceEqual(begin[..length]);
    }

    private MalformedInputException NoRow(long number, Exception? wrong)
    {
        string message = $"{_path}: line {number}: is no row of a sweep";
        return wrong is null ? new MalformedInputException(message) : new MalformedInputException(message, wrong);
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Lines(FileStream file)
    {
        byte[] buffer = new byte[1 << 18];
        int filled = 0;
        file.Position = 0;
        while (true)
        {
            if (filled > MostOfRow) break; // a device may go on for ever
            if (filled == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
            int read = file.Read(buffer, filled, buffer.Length - filled);
            if (read == 0) break;
            filled += read;
            int start = 0;
            for (int end; (end = Array.IndexOf(buffer, (byte)'\n', start, filled - start)) >= 0; start = end + 1)
            {
                yield return buffer.AsMemory(start, end + 1 - start);
            }

            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
        }

        if (filled != 0) yield return buffer.AsMemory(0, filled);
    }

    private void Take(ReadOnlySpan<byte> line, long number)
    {
        SweepRow? row;
        try
        {
            row = JsonSerializer.Deserialize(line, SweepJsonContext.Default.SweepRow);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or NotSupportedException)
        {
            throw NoRow(number, wrong);
        }

        if (row is null || !row.IsOf(_plan))
        {
            throw new MalformedInputException($"{_path}: line {number}: is no row of this plan; name another file with --rows");
        }

        if (_rows.ContainsKey(row.Task))
        {
            _session.Remark($"{_path}: line {number}: replay {row.Task} is there twice; the first one counts");
        }
        else if (Note(row) is { } other)
        {
            throw new MalformedInputException($"{_path}: line {number}: '{other}' was another file in lines before");
        }
    }

    // The name of an input that has changed; null if none has.
    private string? Note(SweepRow row)
    {
        foreach (SweepFile file in row.Inputs)
        {
            if (_hashes.TryGetValue((row.Trace, file.Name), out string? hash) && hash != file.Sha256) return file.Name;
        }

        foreach (SweepFile file in row.Inputs)
        {
            _hashes[(row.Trace, file.Name)] = file.Sha256;
        }

        HasProblems |= row.Problems != 0;
        _rows.Add(row.Task, SweptReplays.From(row));
        return null;
    }

    private IOException Refused(Exception refusal) => new($"{_path}: cannot be written: {refusal.Message}", refusal);
}
