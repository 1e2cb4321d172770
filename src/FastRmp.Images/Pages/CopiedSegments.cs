using System;

namespace FastRmp.Images;

/// <summary>Segments of a file that does not lie in memory as it is: read through the cache, a page at a time.</summary>
internal sealed class CopiedSegments(ByteSource bytes, HeldSegments table) : CachedPages
{
    private const ulong PageMask = 0xFFF;

    protected override int BlockBytes => (int)PageSize.Size4K.Bytes();

    protected override ulong Blocks => ulong.MaxValue;

    protected override bool BlocksArePages { get; } = table.AreWholePages;

    internal override ImagePageStatus StatusOf(ulong address) => table.StatusOf(address);

    internal override ulong NextData(ulong address) => table.NextData(bytes, address);

    internal override ImageByteCounts Count() => table.Count();

    internal override bool TryNextHeld(ulong address, out ulong start, out ulong end) => table.TryNextHeld(address, out start, out end);

    internal override bool TryNextKnown(ulong address, out ulong start, out ulong end) => table.TryNextKnown(address, out start, out end);

    protected override ImagePageStatus FindBlock(ulong address, out ulong start, out int length)
    {
        int index = table.Find(address);
        start = 0;
        length = 0;
        if (index < 0) return table.StatusOf(address);
        MemorySegment segment = table.Held[index];
        start = Math.Max(segment.Start.Value, address & ~PageMask);
        length = (int)(Math.Min(segment.End, (address | PageMask) + 1) - start);
        return ImagePageStatus.Present;
    }

    protected override ImagePageStatus Fill(ulong start, Span<byte> destination, ref MemoryRun run)
    {
        MemorySegment segment = table.Held[table.Find(start)];
        return bytes.TryRead(segment.Offset + (start - segment.Start.Value), destination) ? ImagePageStatus.Present : ImagePageStatus.Lost;
    }
}
