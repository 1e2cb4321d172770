using FastRmp.Layouts;

namespace FastRmp.Firmware;

/// <summary>What SNP_LAUNCH_UPDATE makes of a page. The default value is a page for VMPL0 alone.</summary>
/// <param name="IsVmsa">Whether the page is a VM save area; 4 KiB pages only.</param>
/// <param name="Vmpl1Permissions">What VMPL1 may do.</param>
/// <param name="Vmpl2Permissions">What VMPL2 may do.</param>
/// <param name="Vmpl3Permissions">What VMPL3 may do.</param>
public readonly record struct LaunchUpdateParameters(
    bool IsVmsa, VmplPermissions Vmpl1Permissions, VmplPermissions Vmpl2Permissions, VmplPermissions Vmpl3Permissions);
