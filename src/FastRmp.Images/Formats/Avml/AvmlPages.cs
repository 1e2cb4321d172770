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

    internal override bool TryNextHeld(ulong address, out ulong start, out ulong end) => TryNext(address, isHeld: true, out start, out end);

    internal override bool TryNextKnown(ulong address, out ulong start, out ulong end) =>
        TryNext(address, isHeld: false, out start, out end);

    internal override ImageByteCounts Count()
    {
        ulong held = 0;
        ulong lost = 0;
        foreach (AvmlBlock block in blocks)
        {
            ulong count = block.CountHeld();
            held += count;
            lost += block.End - block.Start - count;
        }

        return new ImageByteCounts(held, 0, lost, 0);
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

    private bool TryNext(ulong address, bool isHeld, out ulong start, out ulong end)
    {
        start = 0;
        end = 0;
        for (int index = FirstEndingAbove(address); index < blocks.Length; index++)
        {
            ulong last = isHeld ? blocks[index].HeldEnd : blocks[index].End;
            if (end == 0)
            {
                if (last <= address || last == blocks[index].Start) continue;
                start = Math.Max(address, blocks[index].Start);
            }
            else if (blocks[index].Start != end)
            {
                break;
            }

            end = last;
        }

        return end != 0;
    }

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
