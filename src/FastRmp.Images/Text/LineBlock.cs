using System;

namespace FastRmp.Images;

/// <summary>Many whole lines of a text, in memory that is used again and again.</summary>
/// <param name="length">Its bytes; more if a line has more.</param>
internal sealed class LineBlock(int length) : IDisposable
{
    private PooledArray<byte> _buffer = new(length);

    /// <summary>The lines with their ends; the last one of a text may have none.</summary>
    internal ReadOnlySpan<byte> Bytes => _buffer.Span[..Length];

    /// <summary>All of the memory.</summary>
    internal Span<byte> Buffer => _buffer.Span;

    /// <summary>How many of its bytes are lines.</summary>
    internal int Length { get; set; }

    /// <summary>Whether the block is the beginning of one line, of which no more is given out.</summary>
    internal bool IsTooLong { get; set; }

    /// <summary>Why there is nothing after these lines; null if there is.</summary>
    internal Exception? Failure { get; set; }

    /// <summary>How much of the input had been read, before decompression.</summary>
    internal long BytesConsumed { get; set; }

    /// <summary>Makes the memory larger, and keeps its beginning.</summary>
    internal void Grow(int bytes, int kept)
    {
        PooledArray<byte> larger = new(bytes);
        _buffer.Span[..kept].CopyTo(larger.Span);
        _buffer.Dispose();
        _buffer = larger;
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();
}
