using System;

namespace FastRmp.Images;

/// <summary>The beginning of a file whose rest is taken to be there.</summary>
internal sealed class HeadOnly(byte[] head) : ByteSource
{
    internal override ulong Length => long.MaxValue;

    internal override int Read(ulong offset, Span<byte> destination)
    {
        if (offset >= (ulong)head.Length) return 0;
        int count = Math.Min(destination.Length, head.Length - (int)offset);
        head.AsSpan((int)offset, count).CopyTo(destination);
        return count;
    }
}
