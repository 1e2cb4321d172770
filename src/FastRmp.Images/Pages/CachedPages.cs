using System;
using System.Threading;

namespace FastRmp.Images;

/// <summary>Memory whose blocks are decompressed or gathered when they are asked for, behind a small cache.</summary>
/// <remarks>In steady state nothing is allocated but what the decoder of a block takes.</remarks>
internal abstract class CachedPages : PageSource
{
    private const ulong PageMask = 0xFFF;

    private PageCache? _cache;
    private bool _arePages; // false until there is a cache

    /// <summary>The size of the largest block.</summary>
    protected abstract int BlockBytes { get; }

    /// <summary>How many blocks there are at most.</summary>
    protected abstract ulong Blocks { get; }

    /// <summary>Whether each block is a page of 4 KiB that begins at a multiple of its size: then a block in the cache is found without
    /// asking whether the image has it.</summary>
    protected virtual bool BlocksArePages => false;

    /// <summary>The block of an address.</summary>
    /// <param name="address">Physical byte address.</param>
    /// <param name="start">Address of the block's first byte: its key.</param>
    /// <param name="length">Bytes, at most <see cref="BlockBytes"/>.</param>
    /// <returns>Whether the image may have it.</returns>
    protected abstract ImagePageStatus FindBlock(ulong address, out ulong start, out int length);

    /// <summary>Writes a block's bytes.</summary>
    /// <param name="start">The block's key.</param>
    /// <param name="destination">Receives them; its length is that of the block.</param>
    /// <param name="run">Where they already lie, if nothing need be written: then its version is set.</param>
    /// <returns>Whether they are there.</returns>
    protected abstract ImagePageStatus Fill(ulong start, Span<byte> destination, ref MemoryRun run);

    internal sealed override ImagePageStatus Locate(ulong address, out MemoryRun run)
    {
        // What is there already is found without the frame that a page's decompression needs.
        if (Volatile.Read(ref _arePages) && !IsDisposed)
        {
            run = new MemoryRun { Start = address & ~PageMask, Length = PageMask + 1 };
            if (_cache!.TryFind(run.Start, ref run)) return ImagePageStatus.Present;
        }

        return Load(address, out run);
    }

    private unsafe ImagePageStatus Load(ulong address, out MemoryRun run)
    {
        run = default;
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        PageCache cache = _cache ?? MakeCache();
        ImagePageStatus status = FindBlock(address, out ulong start, out int length);
        if (status != ImagePageStatus.Present) return status;
        run.Start = start;
        run.Length = (uint)length;
        if (cache.TryFind(start, ref run)) return ImagePageStatus.Present;
        int slot = cache.Claim(start);
        bool isFilled = false;
        try
        {
            status = Fill(start, cache.Bytes(slot)[..length], ref run);
            isFilled = status == ImagePageStatus.Present && run.Version == null;
        }
        finally
        {
            if (isFilled) cache.Publish(slot, start, ref run);
            else cache.Abandon(slot);
        }

        return status;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _cache?.Dispose();
    }

    private PageCache MakeCache()
    {
        PageCache made = new(BlockBytes, Blocks);
        PageCache? other = Interlocked.CompareExchange(ref _cache, made, null);
        if (other is null)
        {
            Volatile.Write(ref _arePages, BlocksArePages); // behind the cache, which is then there
            return made;
        }

        made.Dispose();
        return other;
    }
}
