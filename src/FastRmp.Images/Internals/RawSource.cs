using System;
using System.IO;

namespace FastRmp.Images;

/// <summary>The raw bytes of an input behind one pooled buffer: peeking, and taking back the last chunk that was handed out.</summary>
/// <remarks>Taking back is what finds the end of a gzip member: the inflater does not say how much of its last chunk it used.</remarks>
internal sealed class RawSource : ReadOnlyForwardStream
{
    /// <summary>The longest chunk that one <see cref="Read"/> hands out.</summary>
    internal const int ChunkBytes = 16 * 1024;

    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly PooledArray<byte> _buffer = new(256 * 1024);
    private int _chunk;
    private int _start;
    private int _end;
    private bool _atEnd;

    internal RawSource(Stream stream, bool leaveOpen)
    {
        _stream = stream;
        _leaveOpen = leaveOpen;
    }

    /// <summary>Bytes taken from the stream below so far.</summary>
    internal long BytesConsumed { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        _chunk = _start;
        if (_start == _end && !TryFill()) return 0;

        int count = Math.Min(Math.Min(buffer.Length, ChunkBytes), _end - _start);
        _buffer.Span.Slice(_start, count).CopyTo(buffer);
        _chunk = _start;
        _start += count;
        return count;
    }

    /// <summary>Reads straight into the destination, past the small chunks.</summary>
    internal int ReadThrough(Span<byte> destination)
    {
        if (_start < _end)
        {
            int count = Math.Min(destination.Length, _end - _start);
            _buffer.Span.Slice(_start, count).CopyTo(destination);
            _start += count;
            return count;
        }

        int read = _stream.Read(destination);
        BytesConsumed += read;
        return read;
    }

    /// <summary>The next bytes without taking them; fewer than asked for only at the end of the input.</summary>
    internal ReadOnlySpan<byte> Peek(int count)
    {
        while (_end - _start < count && TryFill())
        {
        }

        return _buffer.Span[_start..Math.Min(_end, _start + count)];
    }

    /// <summary>Takes bytes that were peeked at.</summary>
    internal void Skip(int count) => _start += count;

    /// <summary>The chunk handed out last, followed by up to <paramref name="more"/> bytes after it.</summary>
    internal ReadOnlySpan<byte> LastChunkAnd(int more)
    {
        int available = Peek(more).Length;
        return _buffer.Span[_chunk..(_start + available)];
    }

    /// <summary>Goes on reading at a byte of <see cref="LastChunkAnd"/>.</summary>
    internal void ContinueAt(int offset) => _start = _chunk + offset;

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _buffer.Dispose();
            if (!_leaveOpen) _stream.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool TryFill()
    {
        if (_atEnd) return false;
        Span<byte> buffer = _buffer.Span;
        if (_end == buffer.Length || _start == _end)
        {
            // What is kept begins with the last chunk: it may be taken back.
            buffer[_chunk.._end].CopyTo(buffer);
            _start -= _chunk;
            _end -= _chunk;
            _chunk = 0;
        }

        int read = _stream.Read(buffer[_end..]);
        _atEnd = read == 0;
        _end += read;
        BytesConsumed += read;
        return read != 0;
    }
}
