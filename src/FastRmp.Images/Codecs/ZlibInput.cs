using System;

namespace FastRmp.Images;

/// <summary>A compressed page as the stream that .NET's decoder of zlib takes.</summary>
/// <remarks>It lends bytes that stay where they are until <see cref="End"/>. Whether the decoder asked for more than there is tells a
/// stream that was cut from one that ended: .NET reports both as the end.</remarks>
internal sealed unsafe class ZlibInput : ReadOnlyForwardStream
{
    private byte* _bytes; // Safety: read only between Begin and End, at most _left bytes of it.
    private int _left;

    /// <summary>Whether bytes were asked for behind the last.</summary>
    internal bool IsOverrun { get; private set; }

    /// <summary>Lends bytes.</summary>
    /// <param name="bytes">They must not move until <see cref="End"/>.</param>
    /// <param name="length">How many.</param>
    internal void Begin(byte* bytes, int length)
    {
        _bytes = bytes;
        _left = length;
        IsOverrun = false;
    }

    /// <summary>Gives the bytes back.</summary>
    internal void End()
    {
        _bytes = null;
        _left = 0;
    }

    public override int Read(Span<byte> buffer)
    {
        if (_left == 0)
        {
            IsOverrun = true;
            return 0;
        }

        int count = Math.Min(buffer.Length, _left);
        new ReadOnlySpan<byte>(_bytes, count).CopyTo(buffer);
        _bytes += count;
        _left -= count;
        return count;
    }
}
