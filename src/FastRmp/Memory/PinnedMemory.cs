using System;
using System.IO;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using FastRmp.Internals;

namespace FastRmp;

/// <summary>Owns a 4 KiB-aligned block of memory that never moves: allocated, sparsely reserved, or a file mapped read-only.</summary>
/// <remarks>
/// <para>The views that it hands out hold bare pointers: dispose the owner only when no view is used any more, and keep it reachable while one is.</para>
/// <para>Thread-safety: the block itself is plain memory that any threads may share; <see cref="Dispose"/> must not overlap anything else.</para>
/// </remarks>
public sealed unsafe class PinnedMemory : IDisposable
{
    private readonly SafeBuffer _buffer;
    private readonly MemoryMappedFile? _file;
    private byte* _origin;

    private PinnedMemory(SafeBuffer buffer, byte* origin, ulong length, bool isReadOnly, MemoryMappedFile? file)
    {
        _buffer = buffer;
        _file = file;
        _origin = origin;
        Length = length;
        IsReadOnly = isReadOnly;
    }

    /// <summary>The size in bytes.</summary>
    public ulong Length { get; }

    /// <summary>Whether the block is a file mapped read-only.</summary>
    public bool IsReadOnly { get; }

    /// <summary>The first byte; a multiple of 4096. Valid until <see cref="Dispose"/>.</summary>
    internal byte* Origin
    {
        get
        {
            if (_origin is null) Throw.Disposed(nameof(PinnedMemory));
            return _origin;
        }
    }

    /// <summary>Allocates zeroed memory at once.</summary>
    /// <param name="bytes">Size in bytes, a positive multiple of 4096.</param>
    /// <returns>The owner.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The size is zero or no whole number of pages.</exception>
    /// <exception cref="OutOfMemoryException">There is not that much memory.</exception>
    public static PinnedMemory Allocate(ulong bytes)
    {
        RequireWholePages(bytes);
        AlignedBuffer buffer = new(checked((nuint)bytes));
        return new PinnedMemory(buffer, buffer.Pointer, bytes, isReadOnly: false, file: null);
    }

    /// <summary>Reserves zeroed memory sparsely: Linux commits a page when it is first touched, by a read too, so that even hundreds of GiB cost next to nothing until used. Other systems may commit it all at once, or refuse.</summary>
    /// <param name="bytes">Size in bytes, a positive multiple of 4096.</param>
    /// <returns>The owner.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The size is zero or no whole number of pages.</exception>
    /// <exception cref="IOException">The operating system refused; the message names the size.</exception>
    public static PinnedMemory Reserve(ulong bytes)
    {
        RequireWholePages(bytes);
        MemoryMappedFile? file = null;
        try
        {
            file = MemoryMappedFile.CreateNew(null, checked((long)bytes), MemoryMappedFileAccess.ReadWrite);
            return FromFile(file, bytes, MemoryMappedFileAccess.ReadWrite);
        }
        catch (Exception refusal) when (refusal is IOException or OutOfMemoryException or OverflowException or ArgumentException or UnauthorizedAccessException)
        {
            file?.Dispose();
            Throw.ReservationRefused(bytes, refusal);
            throw;
        }
    }

    /// <summary>Maps a file read-only, whole.</summary>
    /// <param name="path">The file; not empty. It must not shrink while it is mapped.</param>
    /// <returns>The owner; its <see cref="Length"/> is the file's.</returns>
    /// <exception cref="IOException">The file is missing, unreadable or empty.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static PinnedMemory OpenFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        long length = new FileInfo(path).Length;
        if (length == 0) throw new IOException($"{path}: the file is empty.");
        MemoryMappedFile file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, length, MemoryMappedFileAccess.Read);
        return FromFile(file, (ulong)length, MemoryMappedFileAccess.Read);
    }

    /// <summary>A span over a part of the block.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>The span.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie inside the block.</exception>
    /// <exception cref="InvalidOperationException">The memory is read-only; use <see cref="ReadOnlySpan"/>.</exception>
    public Span<byte> Span(ulong offset, int length)
    {
        if (IsReadOnly) Throw.ReadOnlyMemory();
        RequireInside(offset, length);
        return new Span<byte>(Origin + offset, length); // Safety: the range was checked against Length.
    }

    /// <summary>A read-only span over a part of the block.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>The span.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie inside the block.</exception>
    public ReadOnlySpan<byte> ReadOnlySpan(ulong offset, int length)
    {
        RequireInside(offset, length);
        return new ReadOnlySpan<byte>(Origin + offset, length); // Safety: the range was checked against Length.
    }

    /// <summary>The block as physical memory that starts at an address.</summary>
    /// <param name="start">The physical address of the block's first byte, a multiple of 4096.</param>
    /// <returns>A view; valid until <see cref="Dispose"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="start"/> is not page-aligned.</exception>
    /// <exception cref="InvalidOperationException">The memory is read-only; make it a segment of a <see cref="SparsePhysicalMemory"/>.</exception>
    public PinnedMemoryView View(PhysicalAddress start)
    {
        if (IsReadOnly) Throw.ReadOnlyMemory();
        if (!start.IsAligned(PageSize.Size4K)) Throw.Misaligned(nameof(start), start.Value, PageSize.Size4K.Bytes());
        return new PinnedMemoryView(Origin, start.Value, Length);
    }

    /// <summary>Gives the memory back. Views taken before must not be used afterwards.</summary>
    public void Dispose()
    {
        if (_origin is null) return;
        _origin = null;
        if (_file is not null) _buffer.ReleasePointer();
        _buffer.Dispose();
        _file?.Dispose();
    }

    private static PinnedMemory FromFile(MemoryMappedFile file, ulong bytes, MemoryMappedFileAccess access)
    {
        // The handle stays acquired until Dispose; the accessor object itself is only its factory.
        MemoryMappedViewAccessor accessor = file.CreateViewAccessor(0, 0, access);
        SafeBuffer buffer = accessor.SafeMemoryMappedViewHandle;
        byte* origin = null;
        buffer.AcquirePointer(ref origin);
        return new PinnedMemory(buffer, origin + accessor.PointerOffset, bytes, access == MemoryMappedFileAccess.Read, file);
    }

    private static void RequireWholePages(ulong bytes)
    {
        if (bytes == 0 || (bytes & PageSize.Size4K.OffsetMask()) != 0) Throw.NotWholePages(nameof(bytes), bytes);
    }

    private void RequireInside(ulong offset, int length)
    {
        if (length < 0 || offset > Length || (ulong)length > Length - offset)
        {
            Throw.RangeOutside(nameof(length), offset, (ulong)length, Length);
        }
    }
}
