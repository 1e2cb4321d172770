namespace FastRmp.Firmware;

/// <summary>The command buffer of SNP_LAUNCH_START, SNP_LAUNCH_UPDATE and SNP_LAUNCH_FINISH.</summary>
/// <remarks>Addresses are as the host wrote them; the command tests them. A field that a command's buffer does not have is not looked
/// at.</remarks>
public readonly record struct LaunchParameters
{
    /// <summary>The guest's context page.</summary>
    public ulong GuestContext { get; init; }

    /// <summary>Whether a reserved field is not 0.</summary>
    public bool HasReservedBits { get; init; }

    /// <summary>Of SNP_LAUNCH_START, the guest's policy; <see cref="GuestPolicy.Lenient"/> asks for nothing.</summary>
    public GuestPolicy Policy { get; init; }

    /// <summary>MA_EN of SNP_LAUNCH_START: whether the guest has a migration agent.</summary>
    public bool HasMigrationAgent { get; init; }

    /// <summary>MA_GCTX_PADDR of SNP_LAUNCH_START: the migration agent's context page.</summary>
    public ulong MigrationAgent { get; init; }

    /// <summary>IMI_EN of SNP_LAUNCH_START: whether the launch is of an incoming migration image; IMI_PAGE of SNP_LAUNCH_UPDATE: whether
    /// the page is part of one.</summary>
    public bool IsMigrationImage { get; init; }

    /// <summary>Of SNP_LAUNCH_UPDATE, the page.</summary>
    public ulong Page { get; init; }

    /// <summary>Of SNP_LAUNCH_UPDATE, the page's size in the RMP.</summary>
    public PageSize Size { get; init; }

    /// <summary>Of SNP_LAUNCH_UPDATE, what kind of page it is.</summary>
    public LaunchPageType Type { get; init; }

    /// <summary>Of SNP_LAUNCH_UPDATE, what VMPL1 may do; taken as it is, reserved bits too.</summary>
    public VmplPermissions Vmpl1Permissions { get; init; }

    /// <summary>Of SNP_LAUNCH_UPDATE, what VMPL2 may do; taken as it is, reserved bits too.</summary>
    public VmplPermissions Vmpl2Permissions { get; init; }

    /// <summary>Of SNP_LAUNCH_UPDATE, what VMPL3 may do; taken as it is, reserved bits too.</summary>
    public VmplPermissions Vmpl3Permissions { get; init; }

    /// <summary>VCEK_DIS of SNP_LAUNCH_FINISH: whether the guest's reports may not be signed with the chip's key. Nothing in this model
    /// depends on it.</summary>
    public bool DisablesVcek { get; init; }
}
