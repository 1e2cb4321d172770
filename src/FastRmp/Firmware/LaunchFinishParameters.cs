namespace FastRmp.Firmware;

/// <summary>The parameters of SNP_LAUNCH_FINISH, without an ID block.</summary>
public readonly record struct LaunchFinishParameters
{
    /// <summary>The guest's context page.</summary>
    public ulong GuestContext { get; init; }

    /// <summary>VCEK_DIS: whether the guest's reports may not be signed with the chip's key. Nothing in this model depends on it.</summary>
    public bool DisablesVcek { get; init; }

    /// <summary>Whether a reserved field is not 0.</summary>
    public bool HasReservedBits { get; init; }
}
