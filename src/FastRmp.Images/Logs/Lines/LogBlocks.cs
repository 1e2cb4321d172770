using System;
using System.IO;
using System.Threading.Tasks;

namespace FastRmp.Images;

/// <summary>A log in large blocks: finds the lines that have a keyword in them, at the speed of memory, and hands out any line with what
/// follows it.</summary>
/// <remarks>The memory is the block's, whatever the length of the log. For one thread.</remarks>
internal sealed class LogBlocks : IDisposable
{
    /// <summary>The longest line in bytes; the rest of a longer one is skipped.</summary>
    internal const int LongestLine = 64 * 1024;

    /// <summary>How much of the text after a line is there when the line is handed out, unless the log ends or pauses.</summary>
    internal const int LookAhead = 4096;

    private const int BlockBytes = 512 * 1024;
    private const byte NewLine = (byte)'\n';

    private readonly Stream _stream;
    private readonly PooledArray<byte> _bytes = new(BlockBytes);
    private int _start;
    private int _end;
    private bool _isSkipping;

    internal LogBlocks(Stream stream) => _stream = stream;

    /// <summary>Lines handed out or skipped.</summary>
    internal long LineNumber { get; private set; }

    /// <summary>Bytes read.</summary>
    internal long BytesRead { get; private set; }

    /// <summary>Whether the stream has ended.</summary>
    internal bool AtEnd { get; private set; }

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
        if (_isSkipping && !SkipRest()) return false;
        int limit = all || AtEnd ? _end : _end - LookAhead;
        if (limit <= _start) return false;
        if (!any && !FindKeyword(limit)) return false;
        ReadOnlySpan<byte> text = _bytes.Span[_start.._end];
        int length = text.IndexOf(NewLine);
        if (length < 0 && !AtEnd && text.Length < LongestLine) return false;
        LineNumber++;
        if (length < 0 || length > LongestLine)
        {
            int taken = Math.Min(length < 0 ? text.Length : length, LongestLine);
            _isSkipping = length > LongestLine || taken < text.Length || !AtEnd;
            line = text[..taken];
            _start += taken;
            return true;
        }

        line = text[..length];
        ahead = text[(length + 1)..];
        _start += length + 1;
        return true;
    }

    /// <summary>Skips lines that were read as part of the one before.</summary>
    internal void Take(int lines)
    {
        for (; lines > 0; lines--)
        {
            int length = _bytes.Span[_start.._end].IndexOf(NewLine);
            LineNumber++;
            if (length < 0)
            {
                _start = _end;
                return;
            }

            _start += length + 1;
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
        if (_start != 0)
        {
            int kept = _end - _start;
            _bytes.Span[_start.._end].CopyTo(_bytes.Span);
            _start = 0;
            _end = kept;
        }

        if (_end == _bytes.Length) _end = 0; // one line longer than the block: what is there was handed out
        return _bytes.Span;
    }

    /// <summary>Goes to the begin of the next line with a keyword.</summary>
    private bool FindKeyword(int limit)
    {
        int at = LogKeywords.IndexIn(_bytes.Span[_start..limit]);
        ReadOnlySpan<byte> skipped = _bytes.Span[_start..(at < 0 ? limit : _start + at)];
        int lineStart = skipped.LastIndexOf(NewLine) + 1;
        LineNumber += skipped[..lineStart].Count(NewLine);
        _start += lineStart;
        if (at >= 0) return true;

        // A keyword may straddle the limit, but not a line of more than the longest one.
        if (_end - _start > LongestLine + LookAhead)
        {
            _isSkipping = true;
            _start = limit;
            LineNumber++;
        }

        return false;
    }

    private bool SkipRest()
    {
        int length = _bytes.Span[_start.._end].IndexOf(NewLine);
        _isSkipping = length < 0 && !AtEnd;
        _start = length < 0 ? _end : _start + length + 1;
        return length >= 0;
    }
}
