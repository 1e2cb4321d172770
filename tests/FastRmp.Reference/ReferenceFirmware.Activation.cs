namespace FastRmp.Reference;

/// <content>ACTIVATE and ACTIVATE_EX (rmp 13.3).</content>
public sealed partial class ReferenceFirmware
{
    private const int CounterCount = 2048;

    /// <summary>SNP_ACTIVATE: binds an ASID to a guest on all cores.</summary>
    /// <param name="context">The guest.</param>
    /// <param name="asid">The ASID.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus Activate(ulong context, uint asid) => Activate(context, asid, complexes: null);

    /// <summary>SNP_ACTIVATE_EX: as ACTIVATE, on some core complexes; it may be given again for more of them.</summary>
    /// <param name="context">The guest.</param>
    /// <param name="asid">The ASID.</param>
    /// <param name="complexes">The core complexes, a bit each.</param>
    /// <param name="hasWrongLength">Whether the command buffer says another length than it has to.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus ActivateOn(ulong context, uint asid, int complexes, bool hasWrongLength = false) =>
        hasWrongLength ? ReferenceFirmwareStatus.InvalidParam : Activate(context, asid, complexes);

    // Null: all complexes, by the command that cannot be given twice.
    private ReferenceFirmwareStatus Activate(ulong context, uint asid, int? complexes)
    {
        ReferenceFirmwareStatus status = Open(context, out Found found);
        if (status == Success) status = Map(found);
        if (status != Success) return status;
        ReferenceGuest guest = GuestAt(found.Page);
        if (guest.State == ReferenceGuestState.Init) return ReferenceFirmwareStatus.InvalidGuestState;
        bool grows = complexes is not null && !guest.IsInactive;
        if (asid >= CounterCount) return ReferenceFirmwareStatus.InvalidAsid;
        if (!grows && Rmp.Counter(asid) != 0) return ReferenceFirmwareStatus.InvalidConfig;
        if (Bit(guest.Policy, 20) && Platform.Sockets > 1) return ReferenceFirmwareStatus.PolicyFailure;
        if (asid == 0 || asid > Platform.HighestAsid) return ReferenceFirmwareStatus.InvalidAsid;

        // The list of cores comes next; it has to name some, and none that is not there (taught by AMD's firmware).
        int wanted = complexes ?? AllComplexes;
        if (wanted == 0 || (wanted & AllComplexes) != wanted) return ReferenceFirmwareStatus.InvalidParam;
        status = complexes is null ? SimpleTest(guest, asid) : ExtendedTest(guest, asid, wanted);
        if (status != Success) return status;

        bool launching = guest.State == ReferenceGuestState.Launch;
        int held = (guest.IsInactive ? 0 : guest.CoreComplexes) | wanted;
        Take(asid, launching ? wanted : held, launching);
        SetGuest(
            found.Page, guest with { Asid = asid, CoreComplexes = held, IsPending = launching, IsActive = guest.IsActive || !launching });
        return Success;
    }

    private ReferenceFirmwareStatus SimpleTest(ReferenceGuest guest, uint asid)
    {
        ReferenceAsid state = _asids[asid];
        if (state.Allocated != 0 || state.Used != 0) return ReferenceFirmwareStatus.AsidOwned;
        return guest.IsInactive ? FreeTest(asid) : ReferenceFirmwareStatus.Active;
    }

    // Whether somebody has the ASID is seen only in that it is not clean (taught by AMD's firmware): if it is dirty besides, that comes
    // first.
    private ReferenceFirmwareStatus ExtendedTest(ReferenceGuest guest, uint asid, int wanted)
    {
        if (guest.IsInactive) return FreeTest(asid);
        if (guest.Asid != asid) return ReferenceFirmwareStatus.Active;
        return (_asids[asid].Dirty & wanted) != 0 ? ReferenceFirmwareStatus.DfFlushRequired : Success;
    }

    private ReferenceFirmwareStatus FreeTest(uint asid)
    {
        if (_asids[asid].Dirty != 0) return ReferenceFirmwareStatus.DfFlushRequired;
        return IsClean(asid) ? Success : ReferenceFirmwareStatus.AsidOwned;
    }
}
