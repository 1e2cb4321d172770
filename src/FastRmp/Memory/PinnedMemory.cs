using System;
using System.IO;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using FastRmp.Internals;
using Microsoft.Win32.SafeHandles;

namespace FastRmp;

/// <summary>A block of memory that begins at a page and never moves: allocated, sparsely reserved, mapped from a file, a part of another
/// block, or owned by the caller.</summary>
/// <remarks>
/// <para>What is taken from a block (<see cref="Pointer"/>, spans, a table laid over it) does not keep it alive: dispose it only when none
/// of them is used any more, and keep it reachable while one is. A <see cref="Slice"/> and a <see cref="View"/> do keep it
/// reachable.</para>
/// <para>After a <c>fork</c> every block is there in both processes. Each has its own copy of what
/// <see cref="Allocate"/>, <see cref="Reserve"/> and a file copy-on-write hold. They share what a file read-only or
/// read-write holds: each sees what the other writes. A borrowed block behaves as its owner mapped it. A
/// <see cref="ReverseMapTable{TGeometry}"/> keeps a part of its state (versions, in-use marks, RMPOPT, stamps; in storage of its own the
/// counters by ASID) outside its storage, in memory of which each process has its own copy, too: so a table in storage of its own is two
/// tables after a fork, alike at that moment. No instruction may be executing then; what another thread had locked stays locked in the
/// child.</para>
/// <para>Thread-safety: the block itself is plain memory that any threads may share; <see cref="Dispose"/> must not overlap anything
/// else.</para>
/// </remarks>
public sealed unsafe class PinnedMemory : IDisposable
{
    private readonly SafeBuffer? _buffer; // null for a borrowed block and for a slice
    private readonly PinnedMemory? _whole; // what a slice is a part of
    private readonly bool _isMapped;
    private readonly bool _wantsLargePages;
    private byte* _origin;

    private PinnedMemory(
        byte* origin, ulong length, SafeBuffer? buffer = null, bool isMapped = false, bool isReadOnly = false, PinnedMemory? whole = null,
        bool wantsLargePages = false)
    {
        _buffer = buffer;
        _whole = whole;
        _isMapped = isMapped;
        _wantsLargePages = wantsLargePages;
        _origin = origin;
        Length = length;
        IsReadOnly = isReadOnly;
    }

    /// <summary>The size in bytes: whole pages, but for a file, which may end inside one.</summary>
    public ulong Length { get; }

    /// <summary>Whether the block is a file mapped read-only, or a part of one.</summary>
    public bool IsReadOnly { get; }

    /// <summary>Whether the block is a file's mapping, of which a forked child has none of its own.</summary>
    internal bool IsSharedByFork => _isMapped;

    /// <summary>The first byte, at a multiple of 4096; for other code of the process. Valid until <see cref="Dispose"/> of the block, or of
    /// that which it is a part of.</summary>
    /// <exception cref="ObjectDisposedException">The block, or that which it is a part of, was disposed.</exception>
    /// <remarks>A write to a read-only block through it terminates the process.</remarks>
    public byte* Pointer
    {
        get
        {
            for (PinnedMemory? block = this; block is not null; block = block._whole)
            {
                if (block._origin is null) Throw.Disposed(nameof(PinnedMemory));
            }

            return _origin;
        }
    }

    /// <summary>Which pages the block asked for, and what it got: read from the system each time, in time proportional to the number of
    /// mappings of the process. Of a part, what the whole block has.</summary>
    /// <exception cref="ObjectDisposedException">The block, or that which it is a part of, was disposed.</exception>
    public MemoryBacking Backing
    {
        get
        {
            ulong start = (ulong)Pointer;
            if (_whole is not null) return _whole.Backing;
            (ulong resident, ulong large, bool isRefused) = MappedBytes.Of(start, start + Length);
            bool isGranted = !_wantsLargePages || (_buffer is AnonymousMapping { IsGranted: true } && !isRefused);
            return new MemoryBacking(_wantsLargePages ? PageSize.Size2M : PageSize.Size4K, isGranted, resident, large);
        }
    }

    /// <summary>Allocates zeroed memory at once.</summary>
    /// <param name="bytes">Size in bytes, a positive multiple of 4096.</param>
    /// <param name="pages">Whether to ask for pages of 2 MiB.</param>
    /// <returns>The owner.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The size is zero or no whole number of pages.</exception>
    /// <exception cref="OutOfMemoryException">There is not that much memory.</exception>
    public static PinnedMemory Allocate(ulong bytes, LargePages pages = LargePages.Automatic)
    {
        RequireWholePages(bytes);
        return Allocated(bytes, pages, isPortable: false);
    }

    /// <summary>Reserves zeroed memory sparsely: Linux commits a page when it is first touched, also by a read, so that a large reservation
    /// uses little memory. Other systems may commit all of it at once, or refuse.</summary>
    /// <param name="bytes">Size in bytes, a positive multiple of 4096.</param>
    /// <param name="pages">Whether to ask for pages of 2 MiB, of which each is committed as a whole.</param>
    /// <returns>The owner.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The size is zero or no whole number of pages.</exception>
    /// <exception cref="IOException">The operating system refused; the message names the size.</exception>
    /// <remarks>Where the system has no private mapping of that size to give, as Linux when told to promise no more memory than there is
    /// (<c>vm.overcommit_memory=2</c>), the block is a file without a name, which a forked child shares.</remarks>
    public static PinnedMemory Reserve(ulong bytes, LargePages pages = LargePages.Automatic)
    {
        RequireWholePages(bytes);
        return Reserved(bytes, pages, isPortable: false);
    }

#pragma warning disable CA2000 // the block that is returned owns the mapping
    /// <summary>What <see cref="Allocate"/> returns; portable: as on a system other than Linux.</summary>
    internal static PinnedMemory Allocated(ulong bytes, LargePages pages, bool isPortable)
    {
        bool wantsLargePages = pages == LargePages.Always || (pages == LargePages.Automatic && bytes >= PageSize.Size2M.Bytes());
        bool isMapped = wantsLargePages || bytes >= PageSize.Size2M.Bytes(); // the heap would give large pages where all get them
        if (isMapped && !isPortable && AnonymousMapping.TryMap(bytes, wantsLargePages, isSparse: false, out AnonymousMapping? mapping))
        {
            return new PinnedMemory(mapping.Pointer, bytes, mapping, wantsLargePages: wantsLargePages);
        }

        AlignedBuffer buffer = new(checked((nuint)bytes));
        return new PinnedMemory(buffer.Pointer, bytes, buffer, wantsLargePages: wantsLargePages);
    }

    /// <summary>What <see cref="Reserve"/> returns; portable: as on a system other than Linux.</summary>
    internal static PinnedMemory Reserved(ulong bytes, LargePages pages, bool isPortable)
    {
        bool wantsLargePages = pages == LargePages.Always || (pages == LargePages.Automatic && IsWorthLargePages(bytes));
        if (!isPortable && AnonymousMapping.TryMap(bytes, wantsLargePages, isSparse: true, out AnonymousMapping? mapping))
        {
            return new PinnedMemory(mapping.Pointer, bytes, mapping, wantsLargePages: wantsLargePages);
        }

        try
        {
            // Inheritable, or .NET would have a forked child find nothing at these addresses.
            using MemoryMappedFile file = MemoryMappedFile.CreateNew(
                null, checked((long)bytes), MemoryMappedFileAccess.ReadWrite, MemoryMappedFileOptions.None,
                HandleInheritability.Inheritable);
            return Map(file, bytes, MemoryMappedFileAccess.ReadWrite, wantsLargePages);
        }
        catch (Exception refusal) when (refusal is IOException or OutOfMemoryException or OverflowException or ArgumentException
            or UnauthorizedAccessException)
        {
            Throw.ReservationRefused(bytes, refusal);
            throw;
        }
    }
#pragma warning restore CA2000

    /// <summary>Uses memory that the caller owns, such as the RAM of an emulated machine. <see cref="Dispose"/> does not free
    /// it.</summary>
    /// <param name="pointer">The first byte, at a multiple of 4096. The owner must keep it mapped and writable until after the last use of
    /// the block; this cannot be checked.</param>
    /// <param name="bytes">Size in bytes, a positive multiple of 4096.</param>
    /// <returns>The block.</returns>
    /// <exception cref="ArgumentNullException">The pointer is null.</exception>
    /// <exception cref="ArgumentException">The pointer is not page-aligned.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The size is zero or no whole number of pages, or the block would go beyond the end of
    /// the address space.</exception>
    public static PinnedMemory Borrow(void* pointer, ulong bytes)
    {
        ArgumentNullException.ThrowIfNull(pointer);
        if (((ulong)pointer & PageSize.Size4K.OffsetMask()) != 0)
        {
            Throw.Misaligned(nameof(pointer), (ulong)pointer, PageSize.Size4K.Bytes());
        }

        RequireWholePages(bytes);
        ulong available = nuint.MaxValue - (ulong)pointer + 1;
        if (bytes > available) Throw.RangeOutside(nameof(bytes), (ulong)pointer, bytes, nuint.MaxValue);
        return new PinnedMemory((byte*)pointer, bytes);
    }

    /// <summary>Maps a file, whole.</summary>
    /// <param name="path">The file; not empty. It must not shrink while it is mapped.</param>
    /// <param name="access">What happens to writes. <see cref="MemoryMappedFileAccess.Read"/>: writes of other processes to the file are
    /// visible, and the block refuses to be changed. <see cref="MemoryMappedFileAccess.ReadWrite"/>: writes reach the file and every other
    /// mapping of it. <see cref="MemoryMappedFileAccess.CopyOnWrite"/>: the first write to a page makes a copy for this mapping, and the
    /// file, which need not be writable, is not changed; pages not written yet may show writes of other processes to the file.</param>
    /// <returns>The owner; its <see cref="Length"/> is the file's, and does not grow with it.</returns>
    /// <exception cref="IOException">The file is missing, unreadable or empty.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or not be written as asked for.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The access is another one.</exception>
    public static PinnedMemory OpenFile(string path, MemoryMappedFileAccess access = MemoryMappedFileAccess.Read)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (access is not (MemoryMappedFileAccess.Read or MemoryMappedFileAccess.ReadWrite or MemoryMappedFileAccess.CopyOnWrite))
        {
            throw new ArgumentOutOfRangeException(nameof(access), $"{access} is not a way to map a file.");
        }

        bool isShared = access == MemoryMappedFileAccess.ReadWrite;
        using SafeFileHandle handle = File.OpenHandle(
            path, FileMode.Open, isShared ? FileAccess.ReadWrite : FileAccess.Read, isShared ? FileShare.ReadWrite : FileShare.Read);
        long length = RandomAccess.GetLength(handle);
        if (length == 0) throw new IOException($"{path}: the file is empty.");
        using MemoryMappedFile file =
            MemoryMappedFile.CreateFromFile(handle, null, length, access, HandleInheritability.Inheritable, leaveOpen: true);
        return Map(file, (ulong)length, access);
    }

    /// <summary>A part of the block, as a block: for instance the RMP in an emulator's RAM, as storage of a table.</summary>
    /// <param name="offset">First byte, a multiple of 4096.</param>
    /// <param name="bytes">Size in bytes: a positive multiple of 4096, or all that the block has from there on.</param>
    /// <returns>The same bytes; they stay this block's, and its <see cref="Dispose"/> ends the part.</returns>
    /// <exception cref="ArgumentException">The offset is not page-aligned.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The size is zero or ends inside a page before the block does, or the part does not lie
    /// inside the block.</exception>
    /// <exception cref="ObjectDisposedException">The block was disposed.</exception>
    public PinnedMemory Slice(ulong offset, ulong bytes)
    {
        byte* origin = Pointer;
        if ((offset & PageSize.Size4K.OffsetMask()) != 0) Throw.Misaligned(nameof(offset), offset, PageSize.Size4K.Bytes());
        if (offset > Length || bytes > Length - offset) Throw.RangeOutside(nameof(bytes), offset, bytes, Length);
        if (bytes == 0 || bytes != Length - offset) RequireWholePages(bytes);
        // Safety: the range was checked against Length.
        return new PinnedMemory(origin + offset, bytes, isReadOnly: IsReadOnly, whole: this);
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
        return new Span<byte>(Pointer + offset, length); // Safety: the range was checked against Length.
    }

    /// <summary>A read-only span over a part of the block.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>The span.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie inside the block.</exception>
    public ReadOnlySpan<byte> ReadOnlySpan(ulong offset, int length)
    {
        RequireInside(offset, length);
        return new ReadOnlySpan<byte>(Pointer + offset, length); // Safety: the range was checked against Length.
    }

    /// <summary>The block as physical memory that starts at an address.</summary>
    /// <param name="start">The physical address of the block's first byte, a multiple of 4096.</param>
    /// <returns>A view of the whole quadwords; valid until <see cref="Dispose"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="start"/> is not page-aligned.</exception>
    /// <exception cref="InvalidOperationException">The memory is read-only: make it a segment of a <see cref="SparsePhysicalMemory"/>, or
    /// map the file <see cref="MemoryMappedFileAccess.CopyOnWrite"/>.</exception>
    public PinnedMemoryView View(PhysicalAddress start)
    {
        if (IsReadOnly) Throw.ReadOnlyMemory();
        if (!start.IsAligned(PageSize.Size4K)) Throw.Misaligned(nameof(start), start.Value, PageSize.Size4K.Bytes());
        return new PinnedMemoryView(this, start.Value);
    }

    /// <summary>Releases the memory, unless it is borrowed or a part. What was taken from it before must not be used
    /// afterwards.</summary>
    public void Dispose()
    {
        if (_origin is null) return;
        _origin = null;
        if (_isMapped) _buffer!.ReleasePointer();
        _buffer?.Dispose();
    }

    /// <summary>Even if a byte of every 2 MiB is touched, and no more, the block is to cost a small part of memory.</summary>
    private static bool IsWorthLargePages(ulong bytes) =>
        bytes >= PageSize.Size2M.Bytes() && bytes <= PageSize.Size1G.Bytes()
        && bytes <= (ulong)GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8;

    private static PinnedMemory Map(MemoryMappedFile file, ulong bytes, MemoryMappedFileAccess access, bool wantsLargePages = false)
    {
        // The view's handle stays acquired until Dispose and needs neither the accessor, which is only its factory, nor the file.
        MemoryMappedViewAccessor accessor = file.CreateViewAccessor(0, 0, access);
        SafeBuffer buffer = accessor.SafeMemoryMappedViewHandle;
        byte* origin = null;
        buffer.AcquirePointer(ref origin);
        return new PinnedMemory(
            origin + accessor.PointerOffset, bytes, buffer, isMapped: true, isReadOnly: access == MemoryMappedFileAccess.Read,
            wantsLargePages: wantsLargePages);
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
