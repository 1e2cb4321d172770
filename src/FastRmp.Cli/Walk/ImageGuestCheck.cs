namespace FastRmp.Cli.Walk;

/// <summary>A guest's checks over the RMP of an image. What cannot be checked passes, and is noted as missing.</summary>
/// <param name="rmp">The RMP.</param>
/// <param name="guest">The guest; null for one without SNP.</param>
internal readonly struct ImageGuestCheck(ImageRmp rmp, GuestIdentity? guest) : INestedWalkCheck
{
    private readonly GuestRmpCheck<RmpGeometry> _check =
        new(rmp.Table, guest?.Asid ?? 1, guest?.Vmpl ?? 0, isSnpGuest: guest is not null);

    /// <inheritdoc/>
    public bool MayUseNestedEntry(PhysicalAddress entry, bool writes)
    {
        if (!writes || !rmp.Need(entry) || _check.MayUseNestedEntry(entry, writes)) return true;
        rmp.HasRefusedEntry = true;
        return false;
    }

    /// <inheritdoc/>
    public NestedCheckResult CheckGuestEntry(GuestPhysicalAddress gpa, PhysicalAddress address, PageSize mapping, bool isPrivate) =>
        rmp.Need(address) ? _check.CheckGuestEntry(gpa, address, mapping, isPrivate) : NestedCheckResult.Allowed;

    /// <inheritdoc/>
    public NestedCheckResult CheckAccess(
        GuestPhysicalAddress gpa, PhysicalAddress address, PageSize mapping, MemoryAccess access, bool isPrivate)
    {
        bool isChecked = access.Kind == AccessKind.Write || (guest is not null && (isPrivate || access.Kind == AccessKind.Fetch));
        return !isChecked || rmp.Need(address) ? _check.CheckAccess(gpa, address, mapping, access, isPrivate) : NestedCheckResult.Allowed;
    }
}
