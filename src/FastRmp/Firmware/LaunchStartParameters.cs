namespace FastRmp.Firmware;

/// <summary>The parameters of SNP_LAUNCH_START.</summary>
public readonly record struct LaunchStartParameters
{
    /// <summary>The guest's context page.</summary>
    public ulong GuestContext { get; init; }

    /// <summary>The guest's policy; <see cref="GuestPolicy.Lenient"/> asks for nothing.</summary>
    public GuestPolicy Policy { get; init; }

    /// <summary>MA_EN: whether the guest has a migration agent.</summary>
    public bool HasMigrationAgent { get; init; }

    /// <summary>MA_GCTX_PADDR: the migration agent's context page.</summary>
    public ulong MigrationAgent { get; init; }

    /// <summary>IMI_EN: whether the launch is of an incoming migration image.</summary>
    public bool IsMigrationImage { get; init; }

    /// <summary>Whether a reserved field is not 0.</summary>
    public bool HasReservedBits { get; init; }
}
