using System;
using System.Collections.Generic;
using System.IO;

namespace FastRmp.Images;

/// <summary>The lines of a trace: of one file as they stand, of several, such as those that ftrace keeps for each processor, in the order
/// of their times.</summary>
/// <remarks>
/// A line without a time (a heading, a note of lost events) stays behind the line before it. Where times are equal the file that was named
/// first comes first. The lines of a file are never put into another order.
/// </remarks>
internal sealed class TraceInputs : IDisposable
{
    private readonly Input[] _inputs;
    private Input _current;

    /// <summary>Takes the inputs.</summary>
    /// <param name="streams">At least one; each stays open.</param>
    internal TraceInputs(IReadOnlyList<InputStream> streams)
    {
        _inputs = new Input[streams.Count];
        for (int i = 0; i < _inputs.Length; i++)
        {
            _inputs[i] = new Input(streams[i]);
        }

        _current = _inputs[0];
        Name = _inputs.Length == 1 ? _current.Name : $"{_current.Name} and {_inputs.Length - 1} more";
    }

    /// <summary>What all of them are called together.</summary>
    internal string Name { get; }

    /// <summary>The file of the line given out last.</summary>
    internal string CurrentName => _current.Name;

    /// <summary>The number of that line in its file, from 1; 0 before the first.</summary>
    internal long LineNumber => _current.Lines.LineNumber;

    /// <summary>Whether that line is longer than is given out.</summary>
    internal bool IsTooLong => _current.Lines.IsTooLong;

    /// <summary>Lines given out of all files.</summary>
    internal long LineCount { get; private set; }

    /// <summary>Bytes read so far of all files, after decompression.</summary>
    internal long BytesRead => _inputs.Length == 1 ? _current.Lines.BytesRead : Sum(static input => input.Lines.BytesRead);

    /// <summary>Bytes consumed so far of all files, before decompression.</summary>
    internal long BytesConsumed => Sum(static input => input.Stream.BytesConsumed);

    /// <summary>The files of several that have lines and no time in any of them: where they belong is not known.</summary>
    internal IEnumerable<string> Timeless
    {
        get
        {
            foreach (Input input in _inputs)
            {
                if (_inputs.Length > 1 && !input.HasTime && input.Lines.LineNumber != 0) yield return input.Name;
            }
        }
    }

    /// <summary>Gives out the next line.</summary>
    /// <param name="line">Valid until the next call.</param>
    /// <returns>False at the end of all files.</returns>
    /// <exception cref="MalformedInputException">The current file is cut or corrupt; it is not read on, the others are.</exception>
    /// <exception cref="IOException">The current file cannot be read; it is not read on, the others are.</exception>
    internal bool TryRead(out ReadOnlySpan<byte> line)
    {
        if (_inputs.Length == 1)
        {
            bool isRead = _current.TryRead(out line);
            LineCount = _current.Lines.LineNumber;
            return isRead;
        }

        return TryReadEarliest(out line);
    }

    /// <summary>Gives the buffers back; the streams stay open.</summary>
    public void Dispose()
    {
        foreach (Input input in _inputs)
        {
            input.Lines.Dispose();
        }
    }

    private bool TryReadEarliest(out ReadOnlySpan<byte> line)
    {
        Input? earliest = null;
        foreach (Input input in _inputs)
        {
            _current = input; // whose trouble it is
            if (!input.HasLine && !input.TryFetch()) continue;
            if (earliest is null || input.Time < earliest.Time) earliest = input;
        }

        line = default;
        if (earliest is null) return false;
        _current = earliest;
        line = earliest.Take();
        LineCount++;
        return true;
    }

    private long Sum(Func<Input, long> of)
    {
        long sum = 0;
        foreach (Input input in _inputs)
        {
            sum += of(input);
        }

        return sum;
    }

    /// <summary>One file, and of several its next line.</summary>
    private sealed class Input(InputStream stream)
    {
        private byte[] _line = [];
        private int _length;
        private bool _isEnded;

        internal InputStream Stream => stream;

        internal string Name => stream.Name;

        internal LineReader Lines { get; } = new(stream, leaveOpen: true);

        internal bool HasLine { get; private set; }

        internal bool HasTime { get; private set; }

        /// <summary>Of the line, or of the last one before it that has any; nanoseconds, or what its digits make of it.</summary>
        internal ulong Time { get; private set; }

        internal bool TryRead(out ReadOnlySpan<byte> line)
        {
            line = default;
            if (_isEnded) return false;
            _isEnded = true; // should the reading fail
            _isEnded = !Lines.TryRead(out line);
            return !_isEnded;
        }

        internal bool TryFetch()
        {
            if (!TryRead(out ReadOnlySpan<byte> line)) return false;
            if (_line.Length < line.Length) _line = new byte[Math.Max(512, line.Length)];
            line.CopyTo(_line);
            _length = line.Length;
            HasLine = true;
            if (LineTime.TryParse(line, out ulong time))
            {
                HasTime = true;
                Time = time;
            }

            return true;
        }

        internal ReadOnlySpan<byte> Take()
        {
            HasLine = false;
            return _line.AsSpan(0, _length);
        }
    }
}
