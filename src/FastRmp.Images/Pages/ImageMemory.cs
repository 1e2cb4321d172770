using System;

namespace FastRmp.Images;

/// <summary>The physical memory that an image holds, whatever its format. Read-only.</summary>
/// <remarks>
/// <para>A mapped file of plain memory is read where it lies. Compressed pages are decompressed when they are touched, into a cache of at
/// most 16 MiB that all threads share. In steady state reads of what is mapped, cached, or packed with LZO or zstd allocate nothing; the
/// decoder of a page of zlib or Snappy takes less than 512 bytes.</para>
/// <para>Any threads may use it. Valid while its image is.</para>
/// </remarks>
public sealed class ImageMemory
{
    private readonly PageSource _source;

    internal ImageMemory(PageSource source) => _source = source;

    /// <summary>Where the bytes come from.</summary>
    /// <exception cref="ObjectDisposedException">The image was disposed.</exception>
    internal PageSource Source
    {
        get
        {
            ObjectDisposedException.ThrowIf(_source.IsDisposed, this);
            return _source;
        }
    }

    /// <summary>The segments of a mapped file; empty for other kinds.</summary>
    internal ReadOnlySpan<MemorySegment> Segments => Source is MappedSegments mapped ? mapped.Held : [];

    /// <summary>A view for one thread's walks.</summary>
    /// <returns>The view; valid while the image is.</returns>
    /// <exception cref="ObjectDisposedException">The image was disposed.</exception>
    public ImageMemoryView View() => new(Source);

    /// <summary>Copies bytes out of the image.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="destination">Receives the bytes.</param>
    /// <returns>How many bytes were copied before the first that the image does not hold; the rest of the destination is
    /// undefined.</returns>
    /// <exception cref="ObjectDisposedException">The image was disposed.</exception>
    public int Read(PhysicalAddress address, Span<byte> destination) => Source.Read(address.Value, destination);

    /// <summary>What the image has of a page, without decompressing it.</summary>
    /// <param name="address">Any address in the page.</param>
    /// <returns>Whether its bytes are there, and if not, why. <see cref="ImagePageStatus.Damaged"/> comes to light only when the page is
    /// read.</returns>
    public ImagePageStatus StatusOf(PhysicalAddress address) => Source.StatusOf(address.Value);

    /// <summary>Finds the next range whose bytes the image holds.</summary>
    /// <param name="address">Where to begin.</param>
    /// <param name="range">The range from there on, or from where it begins; ranges that touch are one.</param>
    /// <returns>False if there is none.</returns>
    public bool TryNextRange(PhysicalAddress address, out PhysicalRange range) =>
        Range(Source.TryNextHeld(address.Value, out ulong start, out ulong end), start, end, out range);

    /// <summary>Finds the next range of memory that the machine had, as far as the image tells: held, excluded or lost.</summary>
    /// <param name="address">Where to begin.</param>
    /// <param name="range">The range from there on, or from where it begins.</param>
    /// <returns>False if there is none.</returns>
    public bool TryNextKnownRange(PhysicalAddress address, out PhysicalRange range) =>
        Range(Source.TryNextKnown(address.Value, out ulong start, out ulong end), start, end, out range);

    /// <summary>Adds up what the image has of the machine's memory. Looks at every page's descriptor where there are any.</summary>
    /// <returns>The sums.</returns>
    public ImageByteCounts Count() => Source.Count();

    /// <summary>Bytes that lie together in this process and stay there.</summary>
    /// <returns>False if the image has none at this address, or decompresses them.</returns>
    internal unsafe bool TryTogether(ulong address, ulong most, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (Source.Locate(address, out MemoryRun run) != ImagePageStatus.Present || !run.IsFixed) return false;
        ulong offset = address - run.Start;
        // Safety: a fixed run stays where it is until the image is disposed.
        bytes = new ReadOnlySpan<byte>(run.Origin + offset, (int)Math.Min(Math.Min(run.Length - offset, most), int.MaxValue));
        return true;
    }

    /// <summary>Ends the use of the memory, for an owner that is no <see cref="MemoryImage"/>.</summary>
    internal void Release() => _source.Dispose();

    private static bool Range(bool found, ulong start, ulong end, out PhysicalRange range)
    {
        range = found ? new PhysicalRange(PhysicalAddress.Truncate(start), end - start) : default;
        return found;
    }
}
