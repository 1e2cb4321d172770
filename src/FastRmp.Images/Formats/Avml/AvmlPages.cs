using System;

namespace FastRmp.Images;

/// <summary>The memory of an AVML image: chunks of at most 64 KiB.</summary>
/// <param name="source">The file.</param>
/// <param name="blocks">Its ranges in order of address, none over another.</param>
internal sealed class AvmlPages(ByteSource source, AvmlBlock[] blocks) : CachedPages
{
    private readonly PageDecoders _decoders = new();

    protected override int BlockBytes => SnappyFrames.MaxChunkBytes;

    protected override ulong Blocks => source.HeldBytes / 16;

    internal override ImagePageStatus StatusOf(ulong address) => FindBlock(address, out _, out _);

    internal override bool TryNextHeld(ulong address, out ulong start, out ulong end)
    {
        int index = FirstEndingAbove(address);
        start = 0;
        end = 0;
        if (index == blocks.Length) return false;
        start = Math.Max(address, blocks[index].Start);
        end = blocks[index].End;
        while (++index < blocks.Length && blocks[index].Start == end)
        {
            end = blocks[index].End;
        }

        return true;
    }

    // A header may speak of more than its chunks hold: what is lost is not looked at page by page.
    internal override ulong NextData(ulong address)
    {
        int index = FirstEndingAbove(address);
        return index == blocks.Length || blocks[index].Start > address ? address : blocks[index].NextHeld(address);
    }

    public override void Dispose()
    {
        base.Dispose();
        _decoders.Dispose();
    }

    protected override ImagePageStatus FindBlock(ulong address, out ulong start, out int length)
    {
        start = 0;
        length = 0;
        int index = FirstEndingAbove(address);
        if (index == blocks.Length || blocks[index].Start > address) return ImagePageStatus.Absent;
        if (!blocks[index].TryFind(address, out AvmlChunk chunk)) return ImagePageStatus.Lost;
        start = chunk.Start;
        length = chunk.Length;
        return ImagePageStatus.Present;
    }

    protected override ImagePageStatus Fill(ulong start, Span<byte> destination, ref MemoryRun run)
    {
        if (!blocks[FirstEndingAbove(start)].TryFind(start, out AvmlChunk chunk)) return ImagePageStatus.Lost;
        if (source.TrySpan(chunk.At, chunk.Size, out ReadOnlySpan<byte> data)) return Decompress(data, chunk, destination);
        PageDecoder decoder = _decoders.Take();
        try
        {
            Span<byte> input = decoder.Input(chunk.Size);
            return source.TryRead(chunk.At, input) ? Decompress(input, chunk, destination) : ImagePageStatus.Lost;
        }
        finally
        {
            _decoders.Return(decoder);
        }
    }

    private static ImagePageStatus Decompress(ReadOnlySpan<byte> data, in AvmlChunk chunk, Span<byte> destination) =>
        SnappyFrames.TryDecompress(data, chunk, destination) ? ImagePageStatus.Present : ImagePageStatus.Damaged;

    private int FirstEndingAbove(ulong address)
    {
        int low = 0;
        int high = blocks.Length;
        while (low < high)
        {
            int middle = (int)(((uint)low + (uint)high) >> 1);
            if (blocks[middle].End > address) high = middle;
            else low = middle + 1;
        }

        return low;
    }
}
