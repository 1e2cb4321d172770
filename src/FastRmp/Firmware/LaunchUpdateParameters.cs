namespace FastRmp.Firmware;

/// <summary>The parameters of SNP_LAUNCH_UPDATE.</summary>
public readonly record struct LaunchUpdateParameters
{
    /// <summary>The guest's context page.</summary>
    public ulong GuestContext { get; init; }

    /// <summary>The page.</summary>
    public ulong Page { get; init; }

    /// <summary>Its size in the RMP.</summary>
    public PageSize Size { get; init; }

    /// <summary>What kind of page it is.</summary>
    public LaunchPageType Type { get; init; }

    /// <summary>IMI_PAGE: whether the page is part of a migration image.</summary>
    public bool IsMigrationImage { get; init; }

    /// <summary>What VMPL1 may do; taken as it is, reserved bits too.</summary>
    public VmplPermissions Vmpl1Permissions { get; init; }

    /// <summary>What VMPL2 may do; taken as it is, reserved bits too.</summary>
    public VmplPermissions Vmpl2Permissions { get; init; }

    /// <summary>What VMPL3 may do; taken as it is, reserved bits too.</summary>
    public VmplPermissions Vmpl3Permissions { get; init; }

    /// <summary>Whether a reserved field is not 0.</summary>
    public bool HasReservedBits { get; init; }
}
