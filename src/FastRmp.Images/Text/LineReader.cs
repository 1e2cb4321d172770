using System;
using System.IO;

namespace FastRmp.Images;

/// <summary>The lines of a stream as spans of bytes: one pooled buffer, no allocation a line, line numbers from 1.</summary>
/// <remarks>Lines end in <c>\n</c> or <c>\r\n</c>; the last one needs no end. Any other byte, NUL included, is content. For one
/// thread.</remarks>
internal sealed class LineReader : IDisposable
{
    /// <summary>The longest line in bytes. For a longer one only so many bytes are given out, and <see cref="IsTooLong"/> is set.</summary>
    public const int MaxLineBytes = 1 << 20;

    private const int FirstBufferBytes = 256 * 1024;
    private const byte NewLine = (byte)'\n';
    private const byte CarriageReturn = (byte)'\r';

    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private PooledArray<byte> _buffer = new(FirstBufferBytes);
    private int _start;
    private int _end;
    private bool _atEnd;

    /// <summary>Makes a reader.</summary>
    /// <param name="stream">The text.</param>
    /// <param name="leaveOpen">Whether the stream stays open when the reader is disposed.</param>
    public LineReader(Stream stream, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
        _leaveOpen = leaveOpen;
    }

    /// <summary>The number of the line given out last, from 1; 0 before the first.</summary>
    public long LineNumber { get; private set; }

    /// <summary>Whether the line given out last was longer than <see cref="MaxLineBytes"/>.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Bytes read from the stream so far, including those of lines not given out yet.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Called before more is read from the stream, which may wait: the moment to hand over what came of the lines so
    /// far.</summary>
    public Action? Filling { get; init; }

    /// <summary>Gives out the next line.</summary>
    /// <param name="line">Its bytes without the line end; valid until the next call.</param>
    /// <returns>False at the end.</returns>
    /// <exception cref="MalformedInputException">The stream is cut or corrupt; every complete line before was given out, and the incomplete
    /// one is not.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        if (IsTooLong) SkipRest();
        int searched = 0;
        while (true)
        {
            ReadOnlySpan<byte> bytes = _buffer.Span[_start.._end];
            int length = bytes[searched..].IndexOf(NewLine);
            if (length >= 0)
            {
                length += searched;
                return GiveOut(bytes[..length], length + 1, out line);
            }

            if (bytes.Length > MaxLineBytes) return GiveOut(bytes, MaxLineBytes, out line);
            searched = bytes.Length;
            if (!TryFill())
            {
                // The bytes may have moved to the front of the buffer.
                line = default;
                return searched != 0 && GiveOut(_buffer.Span[_start.._end], searched, out line);
            }
        }
    }

    /// <summary>Gives the buffer back to the pool.</summary>
    public void Dispose()
    {
        _buffer.Dispose();
        if (!_leaveOpen) _stream.Dispose();
    }

    private bool GiveOut(ReadOnlySpan<byte> bytes, int consumed, out ReadOnlySpan<byte> line)
    {
        LineNumber++;
        IsTooLong = bytes.Length > MaxLineBytes;
        if (IsTooLong)
        {
            _start += MaxLineBytes;
            line = bytes[..MaxLineBytes];
            return true;
        }

        _start += consumed;
        line = bytes is [.., CarriageReturn] ? bytes[..^1] : bytes;
        return true;
    }

    private void SkipRest()
    {
        int length;
        while ((length = _buffer.Span[_start.._end].IndexOf(NewLine)) < 0)
        {
            _start = _end;
            if (!TryFill()) break;
        }

        _start += length + 1;
        IsTooLong = false;
    }

    private bool TryFill()
    {
        if (_atEnd) return false;
        if (_start != 0)
        {
            _buffer.Span[_start.._end].CopyTo(_buffer.Span);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            PooledArray<byte> larger = new(_buffer.Length * 2);
            _buffer.Span.CopyTo(larger.Span);
            _buffer.Dispose();
            _buffer = larger;
        }

        Filling?.Invoke();
        int count = _stream.Read(_buffer.Span[_end..]);
        _atEnd = count == 0;
        _end += count;
        BytesRead += count;
        return count != 0;
    }
}
