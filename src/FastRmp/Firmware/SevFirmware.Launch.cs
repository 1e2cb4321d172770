namespace FastRmp.Firmware;

/// <content>SNP_LAUNCH_START, SNP_LAUNCH_FINISH.</content>
public sealed partial class SevFirmware<TGeometry>
{
    /// <summary>SNP_LAUNCH_START (0xA0): the guest's launch begins.</summary>
    /// <param name="parameters">The command's parameters.</param>
    /// <returns>SUCCESS, INVALID_PARAM, INVALID_PLATFORM_STATE, INVALID_GUEST (of the migration agent, too), INVALID_ADDRESS,
    /// INVALID_CONFIG, INVALID_GUEST_STATE or POLICY_FAILURE.</returns>
    /// <remarks>With POLICY_FAILURE the flag <see cref="GuestFlags.EncryptedState"/> is set nevertheless. A guest that may use one socket
    /// only needs an agent of which the same is true.</remarks>
    public FirmwareStatus LaunchStart(in LaunchParameters parameters)
    {
        if (parameters.HasReservedBits || !IsPage(parameters.GuestContext) || !IsPage(parameters.MigrationAgent))
        {
            return FirmwareStatus.InvalidParam;
        }

        if (!IsInit) return FirmwareStatus.InvalidPlatformState;
        FirmwareStatus status = FindGuest(parameters.GuestContext, out FirmwarePage found);
        if (status != FirmwareStatus.Success) return status;
        status = Map(found, out GuestContext guest);
        if (status != FirmwareStatus.Success) return status;
        if (guest.State != GuestState.Init) return FirmwareStatus.InvalidGuestState;
        GuestContext agent = default;
        if (parameters.HasMigrationAgent)
        {
            status = FindGuest(parameters.MigrationAgent, out FirmwarePage agentPage);
            if (status == FirmwareStatus.Success) status = Map(agentPage, out agent);
            if (status != FirmwareStatus.Success) return status;
        }

        guest = guest with { Flags = guest.Flags | GuestFlags.EncryptedState };
        if (IsAgainstPolicy(parameters, agent))
        {
            _contents.SetContext(found.Address, guest);
            return FirmwareStatus.PolicyFailure;
        }

        _contents.SetContext(found.Address, guest with
        {
            State = GuestState.Launch,
            Policy = parameters.Policy,
            IsMigrationImage = parameters.IsMigrationImage,
            MigrationAgent = parameters.HasMigrationAgent ? parameters.MigrationAgent : GuestContext.NoMigrationAgent,
        });
        _platform = _platform with { Guests = _platform.Guests + 1 };
        return FirmwareStatus.Success;
    }

    /// <summary>SNP_LAUNCH_FINISH (0xA2): the guest may run.</summary>
    /// <param name="parameters">The command's parameters.</param>
    /// <returns>SUCCESS, INVALID_PARAM, INVALID_PLATFORM_STATE, INVALID_GUEST, INVALID_ADDRESS, INVALID_CONFIG, INVALID_GUEST_STATE or
    /// INACTIVE.</returns>
    public FirmwareStatus LaunchFinish(in LaunchParameters parameters)
    {
        if (parameters.HasReservedBits || !IsPage(parameters.GuestContext)) return FirmwareStatus.InvalidParam;
        if (!IsInit) return FirmwareStatus.InvalidPlatformState;
        FirmwareStatus status = FindGuest(parameters.GuestContext, out FirmwarePage found);
        if (status != FirmwareStatus.Success) return status;
        status = Map(found, out GuestContext guest);
        if (status != FirmwareStatus.Success) return status;
        if (guest.State != GuestState.Launch || guest.IsMigrationImage) return FirmwareStatus.InvalidGuestState;
        if (!guest.IsBound) return FirmwareStatus.Inactive;
        if ((guest.Flags & GuestFlags.ActivationPending) != 0) Use(ref guest);
        _contents.SetContext(found.Address, guest with { State = GuestState.Running });
        return FirmwareStatus.Success;
    }

    private bool IsAgainstPolicy(in LaunchParameters parameters, in GuestContext agent)
    {
        bool isNewer = parameters.Policy.AbiMajor > _machine.AbiMajor
            || (parameters.Policy.AbiMajor == _machine.AbiMajor && parameters.Policy.AbiMinor > _machine.AbiMinor);
        bool hasWrongAgent = parameters.HasMigrationAgent
            && (!parameters.Policy.MigrationAgentAllowed || agent.MigrationAgent != GuestContext.NoMigrationAgent
                || (parameters.Policy.SingleSocket && !agent.Policy.SingleSocket));
        return parameters.Policy.HasReservedBits || !parameters.Policy.MustBeOne || (!parameters.Policy.SmtAllowed && _machine.IsSmtEnabled)
            || isNewer || hasWrongAgent || (parameters.Policy.SingleSocket && _machine.Sockets > 1);
    }

    /// <summary>An ASID that waited becomes used where the guest has it.</summary>
    private void Use(ref GuestContext guest)
    {
        guest = guest with { Flags = (guest.Flags & ~GuestFlags.ActivationPending) | GuestFlags.Active };
        if (!_asids.IsAsid(guest.Asid)) return;
        ref AsidState state = ref _asids[guest.Asid];
        int taken = guest.CoreComplexes;
        state = state with
        {
            Clean = (ushort)(state.Clean & ~taken),
            Allocated = (ushort)(state.Allocated & ~taken),
            Used = (ushort)(state.Used | taken),
        };
    }
}
