using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using FastRmp.Internals;

namespace FastRmp;

/// <summary>The segmented RMP: bookkeeping and a segment table (RST) at RMP_BASE, and for each segment of memory entries of its own,
/// anywhere.</summary>
/// <remarks>
/// <para>AMD64 APM vol. 2, 15.36; since Zen 5. The storage of a <see cref="ReverseMapTable{TGeometry}"/> holds the 16 KiB of bookkeeping
/// and then the entries of the segments one after the other, in the order of their indexes: not the addresses in between, and not the RST,
/// which is <see cref="CopySegmentTable"/>.</para>
/// <para>Immutable; any threads may share it.</para>
/// </remarks>
public readonly partial struct SegmentedGeometry : IRmpGeometry, IEquatable<SegmentedGeometry>
{
    /// <summary>Bytes of memory at RMP_BASE: 16 KiB of bookkeeping and the RST, 4 KiB.</summary>
    public const ulong HeaderBytes = ContiguousGeometry.BookkeepingBytes + (SegmentTableEntries * RmpSegmentEntry.SizeInBytes);

    /// <summary>Entries of the RST, and so the most segments there can be: 512.</summary>
    public const int SegmentTableEntries = 512;

    private readonly Window[]? _windows;
    private readonly int _pageShift;
    private readonly RmpSegment[]? _segments;

    /// <summary>Makes the geometry.</summary>
    /// <param name="rmpBase">RMP_BASE: address of the bookkeeping, a multiple of 1 MiB.</param>
    /// <param name="segmentShift">The exponent n of RMP_CFG: a segment spans 2^n bytes.</param>
    /// <param name="segments">The segments, in any order; those without covered memory are left out.</param>
    /// <param name="processor">The processor generation: whether it knows segments, of which size, and how many.</param>
    /// <exception cref="ArgumentException">The processor has no segmented RMP, or refuses the exponent; an address is not 1 MiB aligned or
    /// beyond 2^52; an index is too high or given twice; a size has more than 20 bits; a segment or its entries reach beyond 2^52; two
    /// parts of the RMP overlap.</exception>
    public SegmentedGeometry(PhysicalAddress rmpBase, int segmentShift, ReadOnlySpan<RmpSegment> segments, ProcessorModel processor)
    {
        ArgumentNullException.ThrowIfNull(processor);
        string? refusal = Refusal(rmpBase, segmentShift, segments, processor, out string parameter);
        if (refusal is not null) Throw.Geometry(parameter, refusal);
        this = new SegmentedGeometry(rmpBase, segmentShift, segments);
    }

    /// <summary>RMP_BASE: address of the bookkeeping.</summary>
    public PhysicalAddress Base { get; }

    /// <summary>The exponent n of RMP_CFG: a segment spans 2^n bytes. 0 in the default value.</summary>
    public int SegmentShift => _windows is null ? 0 : _pageShift + PageSize.Size4K.Shift();

    /// <summary>The segments with covered memory, in the order of their indexes.</summary>
    public ReadOnlySpan<RmpSegment> Segments => _segments;

    /// <inheritdoc/>
    public ulong StorageBytes => ContiguousGeometry.BookkeepingBytes + (CoveredPages * RmpEntry.SizeInBytes);

    /// <inheritdoc/>
    public ulong CoveredPages { get; }

    /// <inheritdoc/>
    public bool IsSegmented => true;

    /// <inheritdoc/>
    public int CoveredRanges => Segments.Length;

    /// <inheritdoc/>
    public int OwnRanges => _windows is null ? 0 : Segments.Length + 1;

    /// <summary>Makes the geometry, or says why not.</summary>
    /// <param name="rmpBase">As the constructor's, as the other parameters are.</param>
    /// <param name="segmentShift">The exponent of a segment.</param>
    /// <param name="segments">The segments.</param>
    /// <param name="processor">The processor generation.</param>
    /// <param name="geometry">The geometry; if refused, the default one, which covers nothing.</param>
    /// <param name="refusal">The message of the constructor's exception, or null.</param>
    /// <returns>Whether the geometry was made.</returns>
    public static bool TryCreate(
        PhysicalAddress rmpBase, int segmentShift, ReadOnlySpan<RmpSegment> segments, ProcessorModel processor,
        out SegmentedGeometry geometry, [NotNullWhen(false)] out string? refusal)
    {
        ArgumentNullException.ThrowIfNull(processor);
        refusal = Refusal(rmpBase, segmentShift, segments, processor, out _);
        geometry = refusal is null ? new SegmentedGeometry(rmpBase, segmentShift, segments) : default;
        return refusal is null;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGetIndex(PhysicalAddress address, out nuint index)
    {
        ulong page = address.PageNumber;
        Window[]? windows = _windows;
        uint segment = (uint)(page >> _pageShift); // at most 22 bits: a segment is at least 1 GiB
        if (windows is null || segment >= (uint)windows.Length)
        {
            index = 0;
            return false;
        }

        // A page of the segment is not below its first one: one comparison decides whether it is covered.
        ref readonly Window window = ref windows[segment];
        index = (nuint)(page + window.ToIndex);
        return page < window.EndPage;
    }

    /// <summary>The address of the entry of a page.</summary>
    /// <param name="address">Any address in the page.</param>
    /// <param name="entryAddress">Address of the entry in the machine's memory.</param>
    /// <returns>False if the page is not covered.</returns>
    public bool TryGetEntryAddress(PhysicalAddress address, out PhysicalAddress entryAddress)
    {
        foreach (RmpSegment segment in Segments)
        {
            PhysicalRange covered = Covered(segment, SegmentShift);
            if (address < covered.Start || address.Value >= covered.End) continue;
            entryAddress =
                PhysicalAddress.Create(segment.RmpBase + (((address - covered.Start) >> PageSize.Size4K.Shift()) * RmpEntry.SizeInBytes));
            return true;
        }

        entryAddress = default;
        return false;
    }

    /// <inheritdoc/>
    public PhysicalRange CoveredRange(int index)
    {
        if ((uint)index >= (uint)CoveredRanges) Throw.NoSuchRange(nameof(index), index, CoveredRanges);
        return Covered(Segments[index], SegmentShift);
    }

    /// <inheritdoc/>
    /// <remarks>Range 0 is the bookkeeping with the RST; then the entries of each segment follow, in the order of
    /// <see cref="Segments"/>.</remarks>
    public PhysicalRange OwnRange(int index)
    {
        if ((uint)index >= (uint)OwnRanges) Throw.NoSuchRange(nameof(index), index, OwnRanges);
        return index == 0 ? new PhysicalRange(Base, HeaderBytes) : Entries(Segments[index - 1], SegmentShift);
    }

    /// <inheritdoc/>
    public string? FirmwareRefusal(ReadOnlySpan<PhysicalRange> dram) => FirmwareRules.Refusal(this, dram);

    /// <summary>Writes the RST: all 512 entries, zero where no segment is.</summary>
    /// <param name="destination">Receives the entries, 8 bytes each; at least 512.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public void CopySegmentTable(Span<ulong> destination)
    {
        if (destination.Length < SegmentTableEntries)
        {
            Throw.Geometry(
                nameof(destination),
                $"A segment table has {SegmentTableEntries} entries, but the destination takes {destination.Length}.");
        }

        destination[..SegmentTableEntries].Clear();
        foreach (RmpSegment segment in Segments)
        {
            destination[segment.Index] = new RmpSegmentEntry
            {
                CoveredGib = (uint)segment.CoveredGib,
                RmpBase = PhysicalAddress.Create(segment.RmpBase),
            }.Value;
        }
    }

    /// <inheritdoc/>
    public bool Equals(SegmentedGeometry other) =>
        Base == other.Base && SegmentShift == other.SegmentShift && Segments.SequenceEqual(other.Segments);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SegmentedGeometry other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Base, SegmentShift, CoveredPages, CoveredRanges);

    /// <summary>Equality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether both have the same base, exponent and segments.</returns>
    public static bool operator ==(SegmentedGeometry left, SegmentedGeometry right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether the geometries differ.</returns>
    public static bool operator !=(SegmentedGeometry left, SegmentedGeometry right) => !left.Equals(right);
}
