using System;
using System.Runtime.CompilerServices;

namespace FastRmp;

/// <summary>The host's RMP check, as a walk asks for it: data writes and the walker's own writes need hypervisor-owned memory that no
/// running guest uses; reads and fetches need nothing.</summary>
/// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
/// <remarks>AMD64 APM vol. 2, 15.36, table of checks by access. While SNP is not enabled nothing is checked.</remarks>
public readonly struct HostRmpCheck<TGeometry> : IWalkCheck, IEquatable<HostRmpCheck<TGeometry>>
    where TGeometry : struct, IRmpGeometry
{
    private readonly ReverseMapTable<TGeometry>? _table;
    private readonly bool _checksTableReads; // a walk asks at every level

    /// <summary>Makes the check.</summary>
    /// <param name="table">The table, or null while SNP is not enabled.</param>
    public HostRmpCheck(ReverseMapTable<TGeometry>? table)
    {
        _table = table;
        _checksTableReads = table is not null && table.Choices.CheckTableReads;
    }

    /// <summary>Whether the walker may use an entry. It writes with 4 KiB reach; whether a read of a paging structure that sets no bit is
    /// checked is <see cref="ModelChoices.CheckTableReads"/>.</summary>
    /// <param name="entry">Address of the entry.</param>
    /// <param name="writes">Whether the walker is about to set its Accessed or Dirty bit.</param>
    /// <returns>Whether the check passes.</returns>
    public bool MayUseEntry(PhysicalAddress entry, bool writes) =>
        (!writes && !_checksTableReads) || MayWriteEntry(_table, entry);

    /// <summary>Whether an access may happen.</summary>
    /// <param name="address">The physical address accessed.</param>
    /// <param name="mapping">Size of the mapping; a large one reaches all 512 pages of the 2 MiB region, and a 1 GiB one is treated as the
    /// 2 MiB piece touched.</param>
    /// <param name="kind">Read, write or fetch.</param>
    /// <returns>Whether the check passes.</returns>
    public bool MayAccess(PhysicalAddress address, PageSize mapping, AccessKind kind) =>
        _table is null || MayAccess(_table, address, mapping, kind);

    /// <summary>The rule of <see cref="MayAccess(PhysicalAddress,PageSize,AccessKind)"/>, for callers that have the table: SNP is
    /// enabled.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool MayAccess(ReverseMapTable<TGeometry> table, PhysicalAddress address, PageSize mapping, AccessKind kind) =>
        kind != AccessKind.Write || table.IsHostWritable(address, mapping);

    /// <summary>Out of line: it is rare, and inlined it would be repeated at every level of a walk.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool MayWriteEntry(ReverseMapTable<TGeometry>? table, PhysicalAddress entry) =>
        table is null || table.IsHostWritable(entry, PageSize.Size4K);

    /// <inheritdoc/>
    public bool Equals(HostRmpCheck<TGeometry> other) => ReferenceEquals(_table, other._table);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is HostRmpCheck<TGeometry> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _table?.GetHashCode() ?? 0;

    /// <summary>Equality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether both ask the same table.</returns>
    public static bool operator ==(HostRmpCheck<TGeometry> left, HostRmpCheck<TGeometry> right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether the tables differ.</returns>
    public static bool operator !=(HostRmpCheck<TGeometry> left, HostRmpCheck<TGeometry> right) => !left.Equals(right);
}
