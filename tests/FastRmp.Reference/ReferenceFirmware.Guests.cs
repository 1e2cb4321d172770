namespace FastRmp.Reference;

/// <content>Guest contexts and launch (rmp 13.3).</content>
public sealed partial class ReferenceFirmware
{
    /// <summary>SNP_GCTX_CREATE: Firmware to Context.</summary>
    /// <param name="context">The page.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus GctxCreate(ulong context)
    {
        if (!IsPage(context)) return ReferenceFirmwareStatus.InvalidParam;
        if (!IsInitialized) return ReferenceFirmwareStatus.InvalidPlatformState;
        Found found = LookUp(context);
        if (found.IsOwn) return ReferenceFirmwareStatus.InvalidParam;
        if (!found.Is(ReferencePageState.Firmware)) return ReferenceFirmwareStatus.InvalidPageState;
        if (!found.HasSize(large: false)) return ReferenceFirmwareStatus.InvalidPageSize;
        if (!IsInOneMemory(found.Page, found.Page + PageBytes - 1)) return ReferenceFirmwareStatus.InvalidConfig;

        // The page is mapped to be cleared (taught by AMD's firmware: no row, its source).
        ReferenceFirmwareStatus status = Map(found);
        if (status != Success) return status;
        found.Entry!.Vmsa = true;
        Clear(found.Page, PageBytes);
        SetGuest(found.Page, new ReferenceGuest());
        return Success;
    }

    /// <summary>SNP_DECOMMISSION: Context to Firmware; the guest's ASID is free again.</summary>
    /// <param name="context">The page.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus Decommission(ulong context)
    {
        ReferenceFirmwareStatus status = Open(context, out Found found);
        if (status == Success) status = Map(found);
        if (status != Success) return status;
        ReferenceGuest guest = GuestAt(found.Page);
        if (!guest.IsInactive && guest.Asid >= 1 && guest.Asid <= Platform.HighestAsid) Release(guest.Asid, guest.CoreComplexes);
        if (guest.State != ReferenceGuestState.Init) GuestCount--;
        found.Entry!.Vmsa = false;

        // Not the whole page is cleared: the migration-image mode, the agent and the root entry stay (taught by AMD's firmware).
        SetGuest(
            found.Page,
            new ReferenceGuest { MigrationAgent = guest.MigrationAgent, IsMigrationImage = guest.IsMigrationImage, Root = guest.Root });
        return Success;
    }

    /// <summary>SNP_LAUNCH_START: the guest's policy and, if it has one, its migration agent.</summary>
    /// <param name="context">The guest.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="hasAgent">Whether an agent is named.</param>
    /// <param name="agent">The agent's context page; looked at even without the flag.</param>
    /// <param name="isMigrationImage">Whether the launch is that of a migration image.</param>
    /// <param name="hasReserved">Whether a reserved field is not 0.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus LaunchStart(
        ulong context, ulong policy, bool hasAgent = false, ulong agent = 0, bool isMigrationImage = false, bool hasReserved = false)
    {
        if (!IsPage(context) || !IsPage(agent) || hasReserved) return ReferenceFirmwareStatus.InvalidParam;
        ReferenceFirmwareStatus status = Open(context, out Found found);
        if (status == Success) status = Map(found);
        if (status != Success) return status;
        ReferenceGuest guest = GuestAt(found.Page);
        if (guest.State != ReferenceGuestState.Init) return ReferenceFirmwareStatus.InvalidGuestState;
        Found agentFound = default;
        if (hasAgent)
        {
            agentFound = LookUp(agent);
            if (agentFound.IsOwn) return ReferenceFirmwareStatus.InvalidParam;
            if (!agentFound.Is(ReferencePageState.Context)) return ReferenceFirmwareStatus.InvalidGuest;
            status = Map(agentFound);
            if (status != Success) return status;
        }

        // The flag stands even if the policy is refused.
        guest = guest with { IsEs = true };
        SetGuest(found.Page, guest);
        if (!IsAcceptable(policy, hasAgent, agentFound)) return ReferenceFirmwareStatus.PolicyFailure;
        GuestCount++;
        SetGuest(found.Page, guest with
        {
            State = ReferenceGuestState.Launch,
            Policy = policy,
            IsMigrationImage = isMigrationImage,
            MigrationAgent = hasAgent ? agent : ReferenceGuest.NoAgent, // as it was given, C-bit and all (taught by AMD's firmware)
        });
        return Success;
    }

    /// <summary>SNP_LAUNCH_FINISH: the guest may run.</summary>
    /// <param name="context">The guest.</param>
    /// <param name="hasReserved">Whether a reserved field is not 0.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus LaunchFinish(ulong context, bool hasReserved = false)
    {
        if (!IsPage(context) || hasReserved) return ReferenceFirmwareStatus.InvalidParam;
        ReferenceFirmwareStatus status = Open(context, out Found found);
        if (status == Success) status = Map(found);
        if (status != Success) return status;
        ReferenceGuest guest = GuestAt(found.Page);
        if (guest.State != ReferenceGuestState.Launch || guest.IsMigrationImage) return ReferenceFirmwareStatus.InvalidGuestState;
        if (guest.IsInactive) return ReferenceFirmwareStatus.Inactive;
        if (guest.IsPending && guest.Asid >= 1 && guest.Asid <= Platform.HighestAsid)
        {
            Take(guest.Asid, guest.CoreComplexes, launching: false);
        }

        SetGuest(found.Page, guest with
        {
            State = ReferenceGuestState.Running,
            IsActive = guest.IsActive || guest.IsPending,
            IsPending = false,
        });
        return Success;
    }

    // The tests that every command on a guest context begins with.
    private ReferenceFirmwareStatus Open(ulong context, out Found found)
    {
        found = default;
        if (!IsPage(context)) return ReferenceFirmwareStatus.InvalidParam;
        if (!IsInitialized) return ReferenceFirmwareStatus.InvalidPlatformState;
        found = LookUp(context);
        if (found.IsOwn) return ReferenceFirmwareStatus.InvalidParam;
        return found.Is(ReferencePageState.Context) ? Success : ReferenceFirmwareStatus.InvalidGuest;
    }

    private bool IsAcceptable(ulong policy, bool hasAgent, Found agent)
    {
        if (policy >> 21 != 0 || !Bit(policy, 17)) return false;
        if (!Bit(policy, 16) && Platform.HasSmt) return false;
        if ((int)(policy & 0xFFFF) > Platform.AbiVersion) return false;
        if (Bit(policy, 20) && Platform.Sockets > 1) return false;
        if (!hasAgent) return true;
        ReferenceGuest other = GuestAt(agent.Page);
        if (Bit(policy, 20) && !Bit(other.Policy, 20)) return false; // a guest of one socket has an agent of one (taught by AMD's firmware)
        return Bit(policy, 18) && other.MigrationAgent == ReferenceGuest.NoAgent;
    }

    private static bool Bit(ulong value, int number) => ((value >> number) & 1) != 0;
}
