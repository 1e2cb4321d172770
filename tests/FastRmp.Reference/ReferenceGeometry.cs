using System;
using System.Collections.Generic;

namespace FastRmp.Reference;

/// <summary>Where the entry of a page stands and which pages have one, in one table or in segments (rmp 1.1 to 1.4).</summary>
/// <remarks>Addresses are system physical ones without a C-bit.</remarks>
public sealed partial class ReferenceGeometry
{
    private const ulong Bookkeeping = 16 * 1024;
    private const ulong SegmentTable = 4 * 1024;
    private const ulong EntrySize = 16;
    private const ulong PageBytes = 4096;
    private const ulong Granularity = 8 * 1024;
    private const ulong AddressSpace = 1UL << 52;
    private const ulong Gib = 1UL << 30;

    // By index; a contiguous table is the segment 0 of the whole address space (rmp 1.4).
    private readonly Dictionary<ulong, Piece> _pieces = [];
    private readonly List<ReferenceRange> _covered = [];
    private readonly List<ReferenceRange> _own = [];
    private readonly ulong _pieceBytes;

    /// <summary>Reads the two registers as hardware does: with a granularity of 8 KiB, bits 51:13 (rmp 1.1).</summary>
    /// <param name="rmpBase">RMP_BASE, the first byte of the table.</param>
    /// <param name="rmpEnd">RMP_END, the last byte of the table.</param>
    public ReferenceGeometry(ulong rmpBase, ulong rmpEnd)
    {
        Base = rmpBase % AddressSpace / Granularity * Granularity;
        ulong behindEnd = ((rmpEnd % AddressSpace) + 1) / Granularity * Granularity;
        _pieceBytes = AddressSpace;

        // Two registers without an address bit are a machine without an RMP, and so is a table without room for entries.
        if (behindEnd <= Base + Bookkeeping) return;
        End = behindEnd - 1;
        _own.Add(new ReferenceRange(Base, End));
        AddPiece(0, (behindEnd - Base - Bookkeeping) / EntrySize, Base + Bookkeeping);
    }

    // The builder has made sure that the segments are sound.
    private ReferenceGeometry(ulong rmpBase, int segmentShift, IReadOnlyList<ReferenceSegment> segments)
    {
        Base = rmpBase;
        SegmentShift = segmentShift;
        _pieceBytes = 1UL << segmentShift;
        _own.Add(new ReferenceRange(rmpBase, rmpBase + Bookkeeping + SegmentTable - 1));
        List<ReferenceSegment> ascending = [.. segments];
        ascending.Sort(static (one, other) => one.Index.CompareTo(other.Index));
        foreach (ReferenceSegment segment in ascending)
        {
            ulong mapped = Mapped(segment, segmentShift);
            if (mapped == 0) continue;
            _own.Add(new ReferenceRange(segment.RmpBase, segment.RmpBase + (mapped / 256) - 1));
            AddPiece(segment.Index, mapped / PageBytes, segment.RmpBase);
        }
    }

    /// <summary>The first byte of the table, RMP_BASE.</summary>
    public ulong Base { get; }

    /// <summary>The last byte of a contiguous table, RMP_END; 0 for a segmented one.</summary>
    public ulong End { get; }

    /// <summary>The exponent of the segment size in bytes; 0 for a contiguous table.</summary>
    public int SegmentShift { get; }

    /// <summary>Whether the table is segmented.</summary>
    public bool IsSegmented => SegmentShift != 0;

    /// <summary>RMP_CFG: bit 0 and the exponent in bits 13:8, or 0 for a contiguous table (rmp 1.4).</summary>
    public ulong Configuration => IsSegmented ? 1 + ((ulong)SegmentShift * 256) : 0;

    /// <summary>How many 4 KiB pages have an entry.</summary>
    public ulong CoveredPages { get; private set; }

    /// <summary>How many bytes of memory are covered.</summary>
    public ulong CoveredBytes => CoveredPages * PageBytes;

    /// <summary>The covered memory in ascending order; always whole regions of 2 MiB.</summary>
    public IReadOnlyList<ReferenceRange> CoveredRanges => _covered;

    /// <summary>The memory that the RMP itself takes: bookkeeping, segment table and entries, each in one piece.</summary>
    public IReadOnlyList<ReferenceRange> OwnRanges => _own;

    /// <summary>Whether a page has an entry.</summary>
    /// <param name="spa">Any address in the page.</param>
    /// <returns>Whether it is covered.</returns>
    public bool IsCovered(ulong spa) =>
        spa < AddressSpace && _pieces.TryGetValue(spa / _pieceBytes, out Piece piece) && spa % _pieceBytes / PageBytes < piece.Pages;

    /// <summary>Whether the RMP lies in a range, at least in part.</summary>
    /// <param name="first">The first byte.</param>
    /// <param name="last">The last byte.</param>
    /// <returns>Whether it does.</returns>
    public bool OwnsAnyOf(ulong first, ulong last)
    {
        foreach (ReferenceRange range in _own)
        {
            if (first <= range.Last && last >= range.First) return true;
        }

        return false;
    }

    /// <summary>Whether a page is one of the RMP's own.</summary>
    /// <param name="spa">Any address in the page.</param>
    /// <returns>Whether the RMP lies there.</returns>
    public bool IsOwn(ulong spa)
    {
        foreach (ReferenceRange range in _own)
        {
            if (spa >= range.First && spa <= range.Last) return true;
        }

        return false;
    }

    /// <summary>The address of the entry of a page; of a contiguous table also computed for a page that is not covered.</summary>
    /// <param name="spa">Any address in the page.</param>
    /// <returns>The address of its first byte.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The page lies in a segment without entries.</exception>
    public ulong EntryAddress(ulong spa)
    {
        if (!IsSegmented) return Base + Bookkeeping + (spa / PageBytes * EntrySize);
        if (!IsCovered(spa)) throw new ArgumentOutOfRangeException(nameof(spa), spa, "The page has no RMP entry.");
        return _pieces[spa / _pieceBytes].Entries + (spa % _pieceBytes / PageBytes * EntrySize);
    }

    private void AddPiece(ulong index, ulong pages, ulong entries)
    {
        _pieces.Add(index, new Piece(pages, entries));
        CoveredPages += pages;
        ulong first = index * _pieceBytes;
        _covered.Add(new ReferenceRange(first, first + (pages * PageBytes) - 1));
    }

    private readonly record struct Piece(ulong Pages, ulong Entries);
}
