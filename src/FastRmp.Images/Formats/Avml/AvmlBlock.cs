using System;
using System.Collections.Generic;
using System.Threading;

namespace FastRmp.Images;

/// <summary>A range of an AVML image; its chunks are found when the first of its bytes is asked for.</summary>
/// <param name="source">The file.</param>
/// <param name="at">Where its chunks begin.</param>
/// <param name="end">Where they end at the latest.</param>
/// <param name="start">First physical address.</param>
/// <param name="length">Bytes of the range.</param>
/// <param name="held">How many of them the chunks hold, as far as they were looked at: all, if they were not.</param>
internal sealed class AvmlBlock(ByteSource source, ulong at, ulong end, ulong start, ulong length, ulong held)
{
    private AvmlChunk[]? _chunks;

    /// <summary>First physical address.</summary>
    internal ulong Start => start;

    /// <summary>The address behind the last.</summary>
    internal ulong End => start + length;

    /// <summary>The address behind the last that it holds.</summary>
    internal ulong HeldEnd => start + held;

    /// <summary>How many bytes its chunks hold; looks at all of them.</summary>
    internal ulong CountHeld() => (_chunks ?? Index()) is [.., var last] ? last.Start + (ulong)last.Length - start : 0;

    /// <summary>The chunk that holds an address of the range.</summary>
    /// <returns>False if the file has none: it was cut, or is damaged before it.</returns>
    internal bool TryFind(ulong address, out AvmlChunk chunk)
    {
        AvmlChunk[] chunks = _chunks ?? Index();
        int low = 0;
        int high = chunks.Length - 1;
        while (low <= high)
        {
            int middle = (int)(((uint)low + (uint)high) >> 1);
            chunk = chunks[middle];
            if (address < chunk.Start) high = middle - 1;
            else if (address - chunk.Start >= (ulong)chunk.Length) low = middle + 1;
            else return true;
        }

        chunk = default;
        return false;
    }

    /// <summary>The first address at or above one of the range that a chunk holds, or the range's end.</summary>
    internal ulong NextHeld(ulong address)
    {
        AvmlChunk[] chunks = _chunks ?? Index();
        int low = 0;
        int high = chunks.Length;
        while (low < high)
        {
            int middle = (int)(((uint)low + (uint)high) >> 1);
            if (chunks[middle].Start + (ulong)chunks[middle].Length > address) high = middle;
            else low = middle + 1;
        }

        return low == chunks.Length ? End : Math.Max(address, chunks[low].Start);
    }

    private AvmlChunk[] Index()
    {
        List<AvmlChunk> found = [];
        _ = SnappyFrames.Walk(source, at, end, start, length, found, out _);
        AvmlChunk[] chunks = [.. found];
        return Interlocked.CompareExchange(ref _chunks, chunks, null) ?? chunks;
    }
}
