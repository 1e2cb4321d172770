namespace FastRmp;

/// <summary>The policy of an SNP guest, as SNP_LAUNCH_START takes it.</summary>
/// <remarks>The firmware of 2023 knows bits [20:0] only; bit 17 is reserved and must be 1.</remarks>
[BitLayout(64, Source = "AMD SEV-SNP firmware ABI, guest policy")]
[Reserved(63, 21)]
public readonly partial struct GuestPolicy
{
    /// <summary>The policy that asks for nothing: SMT allowed, no migration agent, no debugging, any number of sockets, any version of the
    /// ABI.</summary>
    public static GuestPolicy Lenient { get; } = new GuestPolicy { SmtAllowed = true, MustBeOne = true };

    /// <summary>Lowest minor version of the firmware ABI that the guest accepts.</summary>
    [Bits(7, 0)] public partial byte AbiMinor { get; init; }

    /// <summary>Lowest major version of the firmware ABI that the guest accepts.</summary>
    [Bits(15, 8)] public partial byte AbiMajor { get; init; }

    /// <summary>Whether the guest may run while SMT is on.</summary>
    [Bits(16)] public partial bool SmtAllowed { get; init; }

    /// <summary>Reserved, must be 1.</summary>
    [Bits(17)] public partial bool MustBeOne { get; init; }

    /// <summary>Whether the guest may have a migration agent.</summary>
    [Bits(18)] public partial bool MigrationAgentAllowed { get; init; }

    /// <summary>Whether the host may debug the guest.</summary>
    [Bits(19)] public partial bool DebuggingAllowed { get; init; }

    /// <summary>Whether the guest may run on one socket only.</summary>
    [Bits(20)] public partial bool SingleSocket { get; init; }
}
