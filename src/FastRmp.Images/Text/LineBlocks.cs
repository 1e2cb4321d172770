using System;
using System.IO;

namespace FastRmp.Images;

/// <summary>The lines of an input, many at a time: blocks that end where a line ends, so that threads can share the work.</summary>
/// <remarks>The lines are those of <see cref="LineReader"/>: tests compare both. For one thread at a time.</remarks>
internal sealed class LineBlocks
{
    /// <summary>The bytes of a block that are read at once without delay, and stay in a processor's cache.</summary>
    internal const int BlockBytes = 128 * 1024;

    private const byte NewLine = (byte)'\n';

    // one more than a line may have: its end
    private const int MostBytes = LineReader.MaxLineBytes + 1;

    private readonly InputStream _stream;
    private byte[] _rest = [];
    private int _restLength;
    private bool _isSkipping;
    private bool _atEnd;

    /// <summary>Takes an input, which stays open.</summary>
    internal LineBlocks(InputStream stream) => _stream = stream;

    /// <summary>Bytes read so far.</summary>
    internal long BytesRead { get; private set; }

    /// <summary>Whether the next block is known to be no more.</summary>
    internal bool IsAtEnd => _atEnd && _restLength == 0;

    /// <summary>Reads the next block.</summary>
    /// <param name="block">Receives lines, a failure, or both.</param>
    /// <returns>False at the end.</returns>
    internal bool TryRead(LineBlock block)
    {
        block.Length = 0;
        block.IsTooLong = false;
        block.Failure = null;
        if (block.Buffer.Length <= _restLength) block.Grow(Math.Min(_restLength * 2, MostBytes), 0);
        _rest.AsSpan(0, _restLength).CopyTo(block.Buffer);
        int end = _restLength;
        _restLength = 0;
        while (!TryCut(block, ref end))
        {
            // the line goes on
        }

        block.BytesConsumed = _stream.BytesConsumed;
        return block.Length != 0 || block.Failure is not null;
    }

    // Fills the block, and finds where its lines end.
    private bool TryCut(LineBlock block, ref int end)
    {
        Fill(block, ref end);
        if (_isSkipping) Skip(block.Buffer, ref end);
        int last = block.Buffer[..end].LastIndexOf(NewLine);
        if (last >= 0)
        {
            block.Length = last + 1;
            if (block.Failure is null) Keep(block.Buffer[block.Length..end]); // half a line is none
            return true;
        }

        if (end > LineReader.MaxLineBytes)
        {
            block.Length = LineReader.MaxLineBytes;
            block.IsTooLong = true;
            _isSkipping = true;
            return true;
        }

        if (_atEnd)
        {
            block.Length = block.Failure is null ? end : 0;
            return true;
        }

        if (end == block.Buffer.Length) block.Grow(Math.Min(end * 2, MostBytes), end);
        return false;
    }

    private void Fill(LineBlock block, ref int end)
    {
        try
        {
            while (!_atEnd && end < block.Buffer.Length)
            {
                int count = _stream.Read(block.Buffer[end..]);
                _atEnd = count == 0;
                end += count;
                BytesRead += count;
            }
        }
        catch (Exception failure) when (failure is MalformedInputException or IOException)
        {
            block.Failure = failure;
            _atEnd = true;
        }
    }

    // What is left of a line that was too long.
    private void Skip(Span<byte> bytes, ref int end)
    {
        int last = bytes[..end].IndexOf(NewLine);
        int next = last < 0 ? end : last + 1;
        _isSkipping = last < 0;
        bytes[next..end].CopyTo(bytes);
        end -= next;
    }

    private void Keep(ReadOnlySpan<byte> rest)
    {
        if (_rest.Length < rest.Length) _rest = new byte[Math.Max(1024, rest.Length * 2)];
        rest.CopyTo(_rest);
        _restLength = rest.Length;
    }
}
