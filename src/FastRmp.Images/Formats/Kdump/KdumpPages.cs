using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FastRmp.Images;

/// <summary>The pages of a compressed kdump.</summary>
internal sealed class KdumpPages(KdumpPart[] parts) : CachedPages
{
    private const int PageBytes = KdumpHeader.BlockBytes;
    private const int PageShift = 12;

    private readonly PageDecoders _decoders = new();

    private PageBitmap Dumped => parts[0].Dumped;

    protected override int BlockBytes => PageBytes;

    protected override ulong Blocks => Dumped.Set;

    protected override bool BlocksArePages => true;

    internal override ImagePageStatus StatusOf(ulong address)
    {
        ulong page = address >> PageShift;
        return StatusOf(page, out _, out _);
    }

    internal override bool TryNextHeld(ulong address, out ulong start, out ulong end) => TryNext(Dumped, address, out start, out end);

    internal override bool TryNextKnown(ulong address, out ulong start, out ulong end) =>
        TryNext(parts[0].Known ?? Dumped, address, out start, out end);

    /// <summary>The compression that the dump's pages have; null if none of the first has any.</summary>
    /// <param name="isWhole">Whether these are all that the dump has.</param>
    internal string? CompressionName(out bool isWhole)
    {
        const int Looked = 4096;
        ulong page = 0;
        isWhole = false;
        for (int count = 0; count < Looked; count++, page++)
        {
            page = Dumped.Next(page, isSet: true);
            isWhole = page >= Dumped.Pages;
            if (isWhole) break;
            if (StatusOf(page, out _, out KdumpDescriptor descriptor) != ImagePageStatus.Present) continue;
            if (KdumpDescriptor.CompressionNames(descriptor.Flags) is { } name) return name;
        }

        return null;
    }

    internal override ImageByteCounts Count()
    {
        ImageByteCounts all = base.Count();
        ulong present = 0;
        ulong damaged = 0;
        foreach (KdumpPart part in parts)
        {
            part.Count(ref present, ref damaged);
        }

        ulong held = Math.Min(present * PageBytes, all.Held);
        ulong broken = Math.Min(damaged * PageBytes, all.Held - held);
        return all with { Held = held, Damaged = broken, Lost = all.Held - held - broken };
    }

    protected override ImagePageStatus FindBlock(ulong address, out ulong start, out int length)
    {
        ulong page = address >> PageShift;
        start = page << PageShift;
        length = PageBytes;
        return PartOf(page) is { } part && part.Dumped.Has(page) ? ImagePageStatus.Present : StatusOf(address);
    }

    protected override unsafe ImagePageStatus Fill(ulong start, Span<byte> destination, ref MemoryRun run)
    {
        ImagePageStatus status = StatusOf(start >> PageShift, out KdumpPart part, out KdumpDescriptor descriptor);
        if (status != ImagePageStatus.Present) return status;
        PageCompression compression = descriptor.Compression.GetValueOrDefault();
        bool isInPlace = part.Source.TrySpan(descriptor.Offset, (int)descriptor.Size, out ReadOnlySpan<byte> stored);
        if (compression == PageCompression.None)
        {
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

    // Each part has both bitmaps whole; of its own pages its own ones count.
    private ImagePageStatus StatusOf(ulong page, out KdumpPart part, out KdumpDescriptor descriptor)
    {
        KdumpPart? own = PartOf(page);
        part = own ?? parts[0];
        descriptor = default;
        if (!part.Dumped.Has(page))
        {
            return part.Known is { } known && known.Has(page) ? ImagePageStatus.Excluded : ImagePageStatus.Absent;
        }

        // What a part that is not here has, nobody knows.
        return own is null ? ImagePageStatus.Lost : own.StatusOf(page, out descriptor);
    }

    private KdumpPart? PartOf(ulong page)
    {
        foreach (KdumpPart part in parts)
        {
            if (page >= part.FirstPage && page < part.EndPage) return part;
        }

        return null;
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
