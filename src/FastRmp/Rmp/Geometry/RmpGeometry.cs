using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace FastRmp;

/// <summary>A geometry chosen at run time: a contiguous or a segmented RMP. For a host that emulates several processors without being
/// generic in the geometry.</summary>
/// <remarks>A look-up in a contiguous table costs the same as with <see cref="ContiguousGeometry"/>; in a segmented one, it costs one
/// comparison more than with <see cref="SegmentedGeometry"/>. Immutable; any threads may share it. The default value covers
/// nothing.</remarks>
public readonly struct RmpGeometry : IRmpGeometry, IEquatable<RmpGeometry>
{
    private readonly ContiguousGeometry _contiguous; // covers nothing if the RMP is segmented: one look-up decides for both
    private readonly SegmentedGeometry _segmented;

    /// <summary>A contiguous RMP.</summary>
    /// <param name="geometry">The geometry.</param>
    public RmpGeometry(ContiguousGeometry geometry) => _contiguous = geometry;

    /// <summary>A segmented RMP.</summary>
    /// <param name="geometry">The geometry.</param>
    public RmpGeometry(SegmentedGeometry geometry) => _segmented = geometry;

    /// <inheritdoc/>
    public ulong StorageBytes => IsSegmented ? _segmented.StorageBytes : CoveredPages == 0 ? 0 : _contiguous.StorageBytes;

    /// <inheritdoc/>
    public ulong CoveredPages => IsSegmented ? _segmented.CoveredPages : _contiguous.CoveredPages;

    /// <inheritdoc/>
    public bool IsSegmented => _segmented.SegmentShift != 0;

    /// <inheritdoc/>
    public int CoveredRanges => IsSegmented ? _segmented.CoveredRanges : _contiguous.CoveredRanges;

    /// <inheritdoc/>
    public int OwnRanges => IsSegmented ? _segmented.OwnRanges : _contiguous.OwnRanges;

    /// <summary>The contiguous geometry, if it is one.</summary>
    /// <param name="geometry">The geometry, or the default one.</param>
    /// <returns>Whether the RMP is contiguous and covers something.</returns>
    public bool TryGetContiguous(out ContiguousGeometry geometry)
    {
        geometry = _contiguous;
        return _contiguous.CoveredPages != 0;
    }

    /// <summary>The segmented geometry, if it is one.</summary>
    /// <param name="geometry">The geometry, or the default one.</param>
    /// <returns>Whether the RMP is segmented.</returns>
    public bool TryGetSegmented(out SegmentedGeometry geometry)
    {
        geometry = _segmented;
        return IsSegmented;
    }

    /// <summary>The RMP that registers describe, of either kind, or why there is none.</summary>
    /// <param name="registers">RMP_BASE, RMP_END and RMP_CFG.</param>
    /// <param name="segmentTable">The RST, 8 bytes an entry, if the RMP is segmented; else it may be empty.</param>
    /// <param name="processor">The processor generation.</param>
    /// <param name="geometry">The geometry; if refused, the default one, which covers nothing.</param>
    /// <param name="refusal">What is wrong, or null.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryCreate(
        RmpRegisters registers, ReadOnlySpan<ulong> segmentTable, ProcessorModel processor, out RmpGeometry geometry,
        [NotNullWhen(false)] out string? refusal)
    {
        bool isMade;
        if (registers.IsSegmented)
        {
            isMade = registers.TryGetSegmented(segmentTable, processor, out SegmentedGeometry segmented, out refusal);
            geometry = new RmpGeometry(segmented);
        }
        else
        {
            isMade = registers.TryGetContiguous(out ContiguousGeometry contiguous, out refusal);
            geometry = new RmpGeometry(contiguous);
        }

        return isMade;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGetIndex(PhysicalAddress address, out nuint index) =>
        _contiguous.TryGetIndex(address, out index) || _segmented.TryGetIndex(address, out index);

    /// <summary>The address of the entry of a page.</summary>
    /// <param name="address">Any address in the page.</param>
    /// <param name="entryAddress">Address of the entry in the machine's memory.</param>
    /// <returns>False if the page is not covered.</returns>
    public bool TryGetEntryAddress(PhysicalAddress address, out PhysicalAddress entryAddress) => IsSegmented
        ? _segmented.TryGetEntryAddress(address, out entryAddress)
        : _contiguous.TryGetEntryAddress(address, out entryAddress);

    /// <inheritdoc/>
    public PhysicalRange CoveredRange(int index) => IsSegmented ? _segmented.CoveredRange(index) : _contiguous.CoveredRange(index);

    /// <inheritdoc/>
    public PhysicalRange OwnRange(int index) => IsSegmented ? _segmented.OwnRange(index) : _contiguous.OwnRange(index);

    /// <inheritdoc/>
    public string? FirmwareRefusal(ReadOnlySpan<PhysicalRange> dram) =>
        IsSegmented ? _segmented.FirmwareRefusal(dram) : _contiguous.FirmwareRefusal(dram);

    /// <inheritdoc/>
    public bool Equals(RmpGeometry other) => _contiguous.Equals(other._contiguous) && _segmented.Equals(other._segmented);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RmpGeometry other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_contiguous, _segmented);

    /// <summary>Equality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether both are of one kind and equal.</returns>
    public static bool operator ==(RmpGeometry left, RmpGeometry right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether they differ.</returns>
    public static bool operator !=(RmpGeometry left, RmpGeometry right) => !left.Equals(right);
}
