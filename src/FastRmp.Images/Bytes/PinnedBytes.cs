using System;
using System.Numerics;

namespace FastRmp.Images;

/// <summary>Bytes in memory: a mapped file, or what was unpacked.</summary>
/// <param name="memory">The block.</param>
/// <param name="length">How many of its bytes count.</param>
/// <param name="written">For unpacked data a bit for each page that was written: all others are zero. Null if nothing is known.</param>
internal sealed class PinnedBytes(PinnedMemory memory, ulong length, ulong[]? written = null) : ByteSource
{
    private const int PageShift = 12;

    internal override ulong Length => length;

    /// <summary>The block; what it has beyond <see cref="Length"/> does not count.</summary>
    internal PinnedMemory Memory => memory;

    internal override ulong NextData(ulong offset)
    {
        if (written is null) return offset;
        ulong page = offset >> PageShift;
        for (ulong word = page / 64; word < (ulong)written.Length; page = ++word * 64)
        {
            ulong rest = written[word] >> (int)(page % 64);
            if (rest != 0) return Math.Max(offset, (page + (uint)BitOperations.TrailingZeroCount(rest)) << PageShift);
        }

        return Math.Max(offset, length);
    }

    internal override int Read(ulong offset, Span<byte> destination)
    {
        if (offset >= length) return 0;
        int count = (int)Math.Min((ulong)destination.Length, length - offset);
        memory.ReadOnlySpan(offset, count).CopyTo(destination);
        return count;
    }

    internal override bool TrySpan(ulong offset, int count, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (count < 0 || !Contains(offset, (ulong)count)) return false;
        bytes = memory.ReadOnlySpan(offset, count);
        return true;
    }

    public override void Dispose()
    {
        base.Dispose();
        memory.Dispose();
    }
}
