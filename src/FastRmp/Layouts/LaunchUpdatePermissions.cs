namespace FastRmp;

/// <summary>The permissions in SNP_LAUNCH_UPDATE's command buffer, bytes 24 to 31.</summary>
[BitLayout(64, Source = "Linux include/linux/psp-sev.h")]
[Reserved(7, 0)]
[Reserved(63, 32)]
internal readonly partial struct LaunchUpdatePermissions
{
    /// <summary>What VMPL3 may do.</summary>
    [Bits(15, 8)] public partial VmplPermissions Vmpl3 { get; init; }

    /// <summary>What VMPL2 may do.</summary>
    [Bits(23, 16)] public partial VmplPermissions Vmpl2 { get; init; }

    /// <summary>What VMPL1 may do.</summary>
    [Bits(31, 24)] public partial VmplPermissions Vmpl1 { get; init; }
}
