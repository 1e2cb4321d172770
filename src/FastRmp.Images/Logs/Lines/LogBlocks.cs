using System;
using System.IO;
using System.Threading.Tasks;

namespace FastRmp.Images;

/// <summary>A log in large blocks: finds the lines that have a keyword in them, at the speed of memory, and hands out any line with what
/// follows it.</summary>
/// <remarks>The memory is the block's, whatever the length of the log. For one thread.</remarks>
internal sealed class LogBlocks : IDisposable
{
    /// <summary>The longest line in bytes; a longer one is handed out in pieces.</summary>
    internal const int LongestLine = 256 * 1024;

    /// <summary>How much of the text after a line is there when the line is handed out, unless the log ends or pauses.</summary>
    internal const int LookAhead = 4096;

    /// <summary>How much of the text before a line is kept.</summary>
    internal const int LookBehind = 2048;

    private const int BlockBytes = 512 * 1024;
    private const byte LineFeed = (byte)'\n';
    private const byte CarriageReturn = (byte)'\r';

    private readonly Stream _stream;
    private readonly PooledArray<byte> _bytes = new(BlockBytes);
    private int _start;
    private int _end;
    private int _lineStart;
    private long _lineEnds;
    private bool _isInLine; // what stands at _start belongs to a line that began before
    private bool _isCut; // and no carriage return separates them
    private bool _hasLineEnd; // it is known what ends a line

    internal LogBlocks(Stream stream) => _stream = stream;

    /// <summary>The number of the line that was handed out last, from 1.</summary>
    internal long LineNumber { get; private set; }

    /// <summary>How many lines were handed out or skipped.</summary>
    internal long LineCount => _lineEnds + (_isInLine || _start != _end ? 1 : 0);

    /// <summary>Bytes read.</summary>
    internal long BytesRead { get; private set; }

    /// <summary>Whether the stream has ended.</summary>
    internal bool AtEnd { get; private set; }

    /// <summary>What ends a line: a line feed; a carriage return in a log that has no other line ends.</summary>
    internal byte LineEnd { get; private set; } = LineFeed;

    /// <summary>What may end a line besides.</summary>
    internal byte OtherEnd => LineEnd == LineFeed ? CarriageReturn : LineFeed;

    /// <summary>Whether what was handed out last is the rest of a line that is too long, and a message may have been cut.</summary>
    internal bool IsRest { get; private set; }

    /// <summary>Reads on. Every line that was handed out before is gone then.</summary>
    /// <exception cref="MalformedInputException">The stream is cut or corrupt.</exception>
    internal void Fill()
    {
        Span<byte> bytes = Room();
        int count = _stream.Read(bytes[_end..]);
        Filled(count);
    }

    /// <summary>Begins to read on; <see cref="Filled"/> needs to know how many bytes came. Nothing may be handed out in between but what
    /// is there.</summary>
    internal Task<int> StartFill()
    {
        Room();
        Memory<byte> vacant = _bytes.Array.AsMemory(_end, _bytes.Length - _end);
        return Task.Run(() => _stream.Read(vacant.Span));
    }

    /// <summary>What has been read and not handed out.</summary>
    internal ReadOnlySpan<byte> Head => _bytes.Span[_start.._end];

    /// <summary>What stands before the line that was handed out last, as far as it was kept.</summary>
    internal ReadOnlySpan<byte> Behind => _bytes.Span[Math.Max(0, _lineStart - LookBehind).._lineStart];

    /// <summary>Bytes have arrived.</summary>
    internal void Filled(int count)
    {
        AtEnd = count == 0;
        BytesRead += count;
        _end += count;
    }

    /// <summary>Hands out the next line with a keyword, or the next line of all.</summary>
    /// <param name="any">Whether a line without a keyword will do.</param>
    /// <param name="all">Whether lines near the end are handed out, too: the log ends here or pauses.</param>
    /// <param name="line">The line without its end.</param>
    /// <param name="ahead">What follows it.</param>
    /// <returns>False if there is none: read on.</returns>
    internal bool TryNext(bool any, bool all, out ReadOnlySpan<byte> line, out ReadOnlySpan<byte> ahead)
    {
        line = ahead = default;
        if (!_hasLineEnd && !FindLineEnd()) return false;
        int limit = all || AtEnd ? _end : _end - LookAhead;
        if (limit <= _start) return false;
        if (!any && !FindKeyword(limit)) return false;
        ReadOnlySpan<byte> text = _bytes.Span[_start.._end];
        int length = text.IndexOf(LineEnd);
        if (length < 0 && !AtEnd && text.Length < LongestLine) return false;
        LineNumber = _lineEnds + 1;
        _lineStart = _start;
        if (length > LongestLine || (length < 0 && text.Length > LongestLine))
        {
            line = Piece(text[..LongestLine]);
            return true;
        }

        line = length < 0 ? text : text[..length];
        IsRest = _isCut && LogKeywords.IndexIn(line) >= 0;
        if (length >= 0) ahead = text[(length + 1)..];
        Pass(length < 0 ? text.Length : length + 1, length < 0 ? 0 : 1);
        return true;
    }

    /// <summary>Skips lines that were read as part of the one before.</summary>
    internal void Take(int lines)
    {
        for (; lines > 0 && _start != _end; lines--)
        {
            int length = _bytes.Span[_start.._end].IndexOf(LineEnd);
            Pass(length < 0 ? _end - _start : length + 1, length < 0 ? 0 : 1);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _bytes.Dispose();
        _stream.Dispose();
    }

    private Span<byte> Room()
    {
        int first = Math.Max(0, _start - LookBehind);
        if (first != 0)
        {
            _bytes.Span[first.._end].CopyTo(_bytes.Span);
            _start -= first;
            _end -= first;
            _lineStart = Math.Max(0, _lineStart - first);
        }

        if (_end == _bytes.Length) _start = _end = 0; // one line longer than the block: what is there was handed out
        return _bytes.Span;
    }

    /// <summary>Goes on by so many bytes, of which so many end lines.</summary>
    private void Pass(int bytes, long ends)
    {
        _start += bytes;
        _lineEnds += ends;
        _isInLine = ends == 0 || (_start > 0 && _bytes.Span[_start - 1] != LineEnd);
        _isCut = false;
    }

    /// <summary>Finds out what ends a line. It may take as much as the longest line.</summary>
    /// <returns>Whether it is known.</returns>
    private bool FindLineEnd()
    {
        ReadOnlySpan<byte> head = _bytes.Span[_start.._end];
        bool hasLineFeed = head.Contains(LineFeed);
        _hasLineEnd = hasLineFeed || AtEnd || head.Length > LongestLine;
        if (_hasLineEnd && !hasLineFeed && head.Contains(CarriageReturn)) LineEnd = CarriageReturn;
        return _hasLineEnd;
    }

    /// <summary>Hands out the head of a line that is too long: to the last of the other line ends, else to a message that may go on behind
    /// the head.</summary>
    private ReadOnlySpan<byte> Piece(ReadOnlySpan<byte> head)
    {
        int end = head.LastIndexOf(OtherEnd) + 1;
        bool isCut = end == 0;
        if (isCut)
        {
            int message = LogKeywords.IndexIn(head[^LookAhead..]);
            end = head.Length - (message < 0 ? LogKeywords.Longest : LookAhead - message);
        }

        ReadOnlySpan<byte> piece = head[..end];
        IsRest = _isCut && LogKeywords.IndexIn(piece) >= 0;
        Pass(end, 0);
        _isCut = isCut;
        return piece;
    }

    /// <summary>Goes to the begin of the next line with a keyword.</summary>
    private bool FindKeyword(int limit)
    {
        int at = LogKeywords.IndexIn(_bytes.Span[_start..limit]);
        ReadOnlySpan<byte> skipped = _bytes.Span[_start..(at < 0 ? limit : _start + at)];
        int lineStart = skipped.LastIndexOf(LineEnd) + 1;
        if (lineStart != 0) Pass(lineStart, skipped[..lineStart].Count(LineEnd));
        if (at >= 0) return true;

        // A keyword may straddle the limit. Of a line of more than the longest one, what is before that is not needed.
        int kept = _end - limit + LogKeywords.Longest;
        if (_end - _start - kept > LongestLine)
        {
            Pass(_end - _start - kept, 0);
            _isCut = true;
        }

        return false;
    }
}
