namespace FastRmp.Cli.Walk;

/// <summary>A host's or a device's check over the RMP of an image. What cannot be checked passes, and is noted as missing.</summary>
/// <typeparam name="TCheck">The check.</typeparam>
/// <param name="rmp">The RMP.</param>
/// <param name="check">The check over its table.</param>
/// <param name="checksReads">Whether reads are checked, too.</param>
internal readonly struct ImageWalkCheck<TCheck>(ImageRmp rmp, TCheck check, bool checksReads) : IWalkCheck
    where TCheck : struct, IWalkCheck
{
    /// <inheritdoc/>
    public bool MayUseEntry(PhysicalAddress entry, bool writes)
    {
        if (!writes || !rmp.Need(entry) || check.MayUseEntry(entry, writes)) return true;
        rmp.HasRefusedEntry = true;
        return false;
    }

    /// <inheritdoc/>
    public bool MayAccess(PhysicalAddress address, PageSize mapping, AccessKind kind) =>
        (kind != AccessKind.Write && !checksReads) || !rmp.Need(address) || check.MayAccess(address, mapping, kind);
}
