using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FastRmp.Images;

/// <summary>The pages of a compressed kdump.</summary>
internal sealed class KdumpPages(KdumpPart[] parts) : CachedPages
{
    private const int PageBytes = KdumpHeader.BlockBytes;
    private const int PageShift = 12;
    private const uint MaxSize = 2 * PageBytes; // a codec's worst case is a little above a page

    private readonly PageDecoders _decoders = new();

    private PageBitmap Dumped => parts[0].Dumped;

    protected override int BlockBytes => PageBytes;

    protected override ulong Blocks => Dumped.Set;

    protected override bool BlocksArePages => true;

    internal override ImagePageStatus StatusOf(ulong address)
    {
        ulong page = address >> PageShift;
        if (!Dumped.Has(page)) return parts[0].Known is { } known && known.Has(page) ? ImagePageStatus.Excluded : ImagePageStatus.Absent;
        return TryDescriptor(page, out _, out _) ? ImagePageStatus.Present : ImagePageStatus.Lost;
    }

    internal override bool TryNextHeld(ulong address, out ulong start, out ulong end) => TryNext(Dumped, address, out start, out end);

    internal override bool TryNextKnown(ulong address, out ulong start, out ulong end) =>
        TryNext(parts[0].Known ?? Dumped, address, out start, out end);

    /// <summary>The compression that the dump's pages have; null if none of the first has any.</summary>
    internal string? CompressionName()
    {
        const int Looked = 4096;
        ulong page = 0;
        for (int count = 0; count < Looked && (page = Dumped.Next(page, isSet: true)) < Dumped.Pages; count++, page++)
        {
            if (!TryDescriptor(page, out _, out KdumpDescriptor descriptor)) continue;
            if (KdumpDescriptor.CompressionName(descriptor.Flags) is { } name) return name;
        }

        return null;
    }

    internal override ImageByteCounts Count()
    {
        ImageByteCounts counts = base.Count();
        ulong lost = 0;
        ulong page = 0;
        while ((page = Dumped.Next(page, isSet: true)) < Dumped.Pages)
        {
            if (!TryDescriptor(page, out _, out _)) lost += PageBytes;
            page++;
        }

        return counts with { Held = counts.Held - lost, Lost = lost };
    }

    protected override ImagePageStatus FindBlock(ulong address, out ulong start, out int length)
    {
        ulong page = address >> PageShift;
        start = page << PageShift;
        length = PageBytes;
        return Dumped.Has(page) ? ImagePageStatus.Present : StatusOf(address);
    }

    protected override unsafe ImagePageStatus Fill(ulong start, Span<byte> destination, ref MemoryRun run)
    {
        if (!TryDescriptor(start >> PageShift, out KdumpPart part, out KdumpDescriptor descriptor)) return ImagePageStatus.Lost;
        if (descriptor.Compression is not { } compression || descriptor.Size > MaxSize) return ImagePageStatus.Damaged;
        bool isInPlace = part.Source.TrySpan(descriptor.Offset, (int)descriptor.Size, out ReadOnlySpan<byte> stored);
        if (compression == PageCompression.None)
        {
            if (descriptor.Size != PageBytes) return ImagePageStatus.Damaged;
            if (!isInPlace) return part.Source.TryRead(descriptor.Offset, destination) ? ImagePageStatus.Present : ImagePageStatus.Lost;
            run.Origin = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(stored)); // Safety: spans of a source lie in pinned memory.
            run.Version = FixedVersion.Pointer;
            return ImagePageStatus.Present;
        }

        PageDecoder decoder = _decoders.Take();
        try
        {
            if (!isInPlace)
            {
                Span<byte> input = decoder.Input((int)descriptor.Size);
                if (!part.Source.TryRead(descriptor.Offset, input)) return ImagePageStatus.Lost;
                stored = input;
            }

            int count = compression switch
            {
                PageCompression.Zlib => decoder.Zlib(stored, destination),
                PageCompression.Lzo => Lzo1x.Decompress(stored, destination),
                PageCompression.Snappy => SnappyBlock.Decompress(stored, destination),
                _ => decoder.Zstd(stored, destination),
            };
            return count == PageBytes ? ImagePageStatus.Present : ImagePageStatus.Damaged;
        }
        finally
        {
            _decoders.Return(decoder);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _decoders.Dispose();
        for (int index = 1; index < parts.Length; index++)
        {
            parts[index].Dispose(); // the first is the image's own file
        }
    }

    // What a full disk cut off has no descriptor, or an empty one; what a part that is not here has, nobody knows.
    private bool TryDescriptor(ulong page, out KdumpPart part, out KdumpDescriptor descriptor)
    {
        foreach (KdumpPart candidate in parts)
        {
            if (page < candidate.FirstPage || page >= candidate.EndPage) continue;
            part = candidate;
            return candidate.TryDescriptor(page, out descriptor) && !descriptor.IsEmpty
                && candidate.Source.Contains(descriptor.Offset, descriptor.Size);
        }

        part = parts[0];
        descriptor = default;
        return false;
    }

    private static bool TryNext(PageBitmap pages, ulong address, out ulong start, out ulong end)
    {
        ulong first = pages.Next(address >> PageShift, isSet: true);
        start = 0;
        end = 0;
        if (first >= pages.Pages) return false;
        start = Math.Max(address, first << PageShift);
        end = pages.Next(first, isSet: false) << PageShift;
        return true;
    }
}
