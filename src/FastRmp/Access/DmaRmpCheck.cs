using System;

namespace FastRmp;

/// <summary>The RMP check of devices' requests, as an IOMMU's walk asks for it: devices and the IOMMU itself may touch hypervisor-owned
/// memory only.</summary>
/// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
/// <remarks>Whether reads are checked, too, is <see cref="ModelChoices.DmaReadsAreChecked"/>. While SNP is not enabled nothing is checked.
/// Trusted I/O is not modelled.</remarks>
public readonly struct DmaRmpCheck<TGeometry> : IWalkCheck, IEquatable<DmaRmpCheck<TGeometry>>
    where TGeometry : struct, IRmpGeometry
{
    private readonly ReverseMapTable<TGeometry>? _table;
    private readonly bool _checksReads;

    /// <summary>Makes the check.</summary>
    /// <param name="table">The table, or null while SNP is not enabled.</param>
    public DmaRmpCheck(ReverseMapTable<TGeometry>? table)
    {
        _table = table;
        _checksReads = table is not null && table.Choices.DmaReadsAreChecked;
    }

    /// <summary>Whether the IOMMU may use a page-table entry: it writes with 4 KiB reach, and its reads are not checked.</summary>
    /// <param name="entry">Address of the entry.</param>
    /// <param name="writes">Whether the IOMMU is about to set its Accessed or Dirty bit.</param>
    /// <returns>Whether the check passes.</returns>
    public bool MayUseEntry(PhysicalAddress entry, bool writes) =>
        !writes || _table is null || _table.IsHypervisorOwned(entry, PageSize.Size4K);

    /// <summary>Whether a request may happen.</summary>
    /// <param name="address">The physical address accessed.</param>
    /// <param name="mapping">Size of the mapping as the check sees it; a large one reaches all 512 pages of the 2 MiB region.</param>
    /// <param name="kind">Read or write.</param>
    /// <returns>Whether the check passes.</returns>
    public bool MayAccess(PhysicalAddress address, PageSize mapping, AccessKind kind) =>
        _table is null || (kind != AccessKind.Write && !_checksReads) || _table.IsHypervisorOwned(address, mapping);

    /// <inheritdoc/>
    public bool Equals(DmaRmpCheck<TGeometry> other) => ReferenceEquals(_table, other._table);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is DmaRmpCheck<TGeometry> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _table?.GetHashCode() ?? 0;

    /// <summary>Equality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether both ask the same table.</returns>
    public static bool operator ==(DmaRmpCheck<TGeometry> left, DmaRmpCheck<TGeometry> right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether the tables differ.</returns>
    public static bool operator !=(DmaRmpCheck<TGeometry> left, DmaRmpCheck<TGeometry> right) => !left.Equals(right);
}
