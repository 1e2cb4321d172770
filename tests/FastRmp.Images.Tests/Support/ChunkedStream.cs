using System;
using System.IO;

namespace FastRmp.Images.Tests.Support;

/// <summary>Gives a few bytes at a time, as a pipe does, and may break at the end.</summary>
internal sealed class ChunkedStream(byte[] content, int step, bool breaks = false) : ReadOnlyForwardStream
{
    private int _position;

    public override int Read(Span<byte> buffer)
    {
        int count = Math.Min(Math.Min(step, buffer.Length), content.Length - _position);
        if (count == 0 && breaks) throw new IOException("the disk is gone");
        content.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }
}
