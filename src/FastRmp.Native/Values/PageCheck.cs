namespace FastRmp.Native;

/// <summary>The host's check of the page that a walk leads to: <see cref="HostRmpCheck{TGeometry}"/> for walks that set no bits, by a table
/// that does not check reads of paging structures. Then no level but the last calls anything.</summary>
/// <param name="table">The table, or null while SNP is not enabled.</param>
internal readonly struct PageCheck(ReverseMapTable<RmpGeometry>? table) : IWalkCheck
{
    private readonly ReverseMapTable<RmpGeometry>? _table = table;

    /// <inheritdoc/>
    public bool MayUseEntry(PhysicalAddress entry, bool writes) => true;

    /// <inheritdoc/>
    public bool MayAccess(PhysicalAddress address, PageSize mapping, AccessKind kind) =>
        kind != AccessKind.Write || _table is null || _table.IsHostWritable(address, mapping);
}
