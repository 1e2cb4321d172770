namespace FastRmp.Native;

/// <summary>The check of devices' requests: <see cref="DmaRmpCheck{TGeometry}"/> for walks that set no bits, in one reference. The choice
/// about reads is looked up where a read is checked.</summary>
/// <param name="table">The table, or null while SNP is not enabled.</param>
internal readonly struct DeviceCheck(ReverseMapTable<RmpGeometry>? table) : IWalkCheck
{
    private readonly ReverseMapTable<RmpGeometry>? _table = table;

    /// <inheritdoc/>
    public bool MayUseEntry(PhysicalAddress entry, bool writes) => !writes;

    /// <inheritdoc/>
    public bool MayAccess(PhysicalAddress address, PageSize mapping, AccessKind kind) =>
        _table is null || (kind != AccessKind.Write && !_table.Choices.DmaReadsAreChecked) || _table.IsHypervisorOwned(address, mapping);
}
