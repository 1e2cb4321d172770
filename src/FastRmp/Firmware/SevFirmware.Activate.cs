namespace FastRmp.Firmware;

/// <content>SNP_ACTIVATE, SNP_ACTIVATE_EX, and the flush between two owners of an ASID.</content>
public sealed partial class SevFirmware<TGeometry>
{
    /// <summary>SNP_ACTIVATE (0x91): binds an ASID to a guest on every core complex. No page may be assigned to the ASID.</summary>
    /// <param name="guestContext">The guest context page.</param>
    /// <param name="asid">The ASID.</param>
    /// <returns>SUCCESS, INVALID_PARAM, INVALID_PLATFORM_STATE, INVALID_GUEST, INVALID_ADDRESS, INVALID_CONFIG (the context page's place,
    /// or pages are assigned), INVALID_GUEST_STATE, INVALID_ASID, POLICY_FAILURE, ASID_OWNED, ACTIVE or DFFLUSH_REQUIRED.</returns>
    public FirmwareStatus Activate(PhysicalAddress guestContext, uint asid) => Activate(guestContext.Value, asid);

    /// <inheritdoc cref="Activate(PhysicalAddress, uint)"/>
    public FirmwareStatus Activate(ulong guestContext, uint asid) =>
        Activate(guestContext, asid, AllCoreComplexes, mayBeBound: false);

    /// <summary>SNP_ACTIVATE_EX (0x95): as <see cref="Activate(PhysicalAddress, uint)"/>, on some core complexes; more may be added to a
    /// guest that has the ASID.</summary>
    /// <param name="guestContext">The guest context page.</param>
    /// <param name="asid">The ASID.</param>
    /// <param name="coreComplexes">The core complexes, a bit each, on which the guest shall run.</param>
    /// <param name="hasWrongLength">Whether the command buffer has another length than it has to have.</param>
    /// <returns>As <see cref="Activate(PhysicalAddress, uint)"/>; INVALID_PARAM for the wrong length, for no core complexes, and for one
    /// that the machine does not have.</returns>
    public FirmwareStatus ActivateEx(ulong guestContext, uint asid, ushort coreComplexes, bool hasWrongLength = false) =>
        hasWrongLength ? FirmwareStatus.InvalidParam : Activate(guestContext, asid, coreComplexes, mayBeBound: true);

    /// <summary>DF_FLUSH (SNP 0x84, and the legacy command): dirty ASIDs become clean on every core complex that has executed
    /// WBINVD.</summary>
    /// <returns>SUCCESS, or WBINVD_REQUIRED if a core complex was left out; the others are done nevertheless.</returns>
    public FirmwareStatus DfFlush()
    {
        ushort flushed = (ushort)(_platform.FlushedCoreComplexes & AllCoreComplexes);
        _asids.Flush(flushed);
        return flushed == AllCoreComplexes ? FirmwareStatus.Success : FirmwareStatus.WbinvdRequired;
    }

    /// <summary>Every core executes WBINVD.</summary>
    public void Wbinvd() => _platform = _platform with { FlushedCoreComplexes = AllCoreComplexes };

    /// <summary>The cores of a core complex execute WBINVD.</summary>
    /// <param name="coreComplex">Its number, from 0; one that the machine does not have does nothing.</param>
    public void Wbinvd(int coreComplex)
    {
        if ((uint)coreComplex >= (uint)_machine.CoreComplexes) return;
        _platform = _platform with { FlushedCoreComplexes = (ushort)(_platform.FlushedCoreComplexes | (1 << coreComplex)) };
    }

    private FirmwareStatus Activate(ulong guestContext, uint asid, ushort coreComplexes, bool mayBeBound)
    {
        if (!IsPage(guestContext)) return FirmwareStatus.InvalidParam;
        if (!IsInit) return FirmwareStatus.InvalidPlatformState;
        FirmwareStatus status = FindGuest(guestContext, out FirmwarePage found);
        if (status != FirmwareStatus.Success) return status;
        status = Map(found, out GuestContext guest);
        if (status != FirmwareStatus.Success) return status;
        if (guest.State is not (GuestState.Launch or GuestState.Running)) return FirmwareStatus.InvalidGuestState;
        bool adds = mayBeBound && guest.IsBound;
        if (asid >= ContiguousGeometry.AsidCounters) return FirmwareStatus.InvalidAsid;
        if (!adds && Table.AssignedPages(asid) != 0) return FirmwareStatus.InvalidConfig;
        if (guest.Policy.SingleSocket && _machine.Sockets > 1) return FirmwareStatus.PolicyFailure;
        if (!_asids.IsAsid(asid)) return FirmwareStatus.InvalidAsid;
        if (coreComplexes == 0 || (coreComplexes & ~AllCoreComplexes) != 0) return FirmwareStatus.InvalidParam;
        status = adds ? TestMore(guest, asid, coreComplexes) : TestFirst(guest, asid, mayBeBound);
        if (status != FirmwareStatus.Success) return status;
        Bind(found, guest, asid, coreComplexes);
        return FirmwareStatus.Success;
    }

    /// <summary>The guest has no ASID yet: this one has to be clean everywhere.</summary>
    private FirmwareStatus TestFirst(in GuestContext guest, uint asid, bool isEx)
    {
        AsidState state = _asids[asid];
        if (!isEx && state.Bound != 0) return FirmwareStatus.AsidOwned;
        if (guest.IsBound) return FirmwareStatus.Active;
        if (state.Dirty != 0) return FirmwareStatus.DfFlushRequired;
        return state.Clean == AllCoreComplexes ? FirmwareStatus.Success : FirmwareStatus.AsidOwned;
    }

    /// <summary>The guest has an ASID: more core complexes may be added.</summary>
    private FirmwareStatus TestMore(in GuestContext guest, uint asid, ushort coreComplexes)
    {
        if (guest.Asid != asid) return FirmwareStatus.Active;
        return (_asids[asid].Dirty & coreComplexes) != 0 ? FirmwareStatus.DfFlushRequired : FirmwareStatus.Success;
    }

    private void Bind(FirmwarePage found, in GuestContext guest, uint asid, ushort coreComplexes)
    {
        ushort all = (ushort)((guest.IsBound ? guest.CoreComplexes : 0) | coreComplexes);
        bool runs = guest.State == GuestState.Running;
        ref AsidState state = ref _asids[asid];
        state = runs
            ? new AsidState(state.Dirty, (ushort)(state.Clean & ~all), (ushort)(state.Allocated & ~all), (ushort)(state.Used | all))
            : new AsidState(state.Dirty, (ushort)(state.Clean & ~coreComplexes), (ushort)(state.Allocated | coreComplexes), state.Used);
        _contents.SetContext(found.Address, guest with
        {
            Asid = asid,
            Flags = runs ? (guest.Flags & ~GuestFlags.ActivationPending) | GuestFlags.Active : guest.Flags | GuestFlags.ActivationPending,
            CoreComplexes = all,
        });
    }
}
